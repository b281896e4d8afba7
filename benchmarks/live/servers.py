"""What is measured?  Servers, each a process of its own: the product over SQLite, and the peer over nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from benchmarks import processes
from benchmarks.live.appenders import Appender, ByLog, ByMutation
from benchmarks.node_peers import command

SETTINGS: Final = {
    "CONNECTIONS_PER_ADDRESS": "100000",
    "OPERATIONS_PER_CONNECTION": "100000",
}
"""What a single client with all the listeners needs."""


class Server(NamedTuple):
    """A server that runs."""

    url: str
    pid: int
    appender: Appender


Start = Callable[[], AbstractContextManager[Server]]
"""Starts a server, and stops it at the end."""


@contextmanager
def product(world: Path, *, by_log: bool = False) -> Iterator[Server]:
    """The product, on a copy of a database; appended to by mutations, or by another process that has the database open, too."""
    with TemporaryDirectory(dir=world.parent) as directory:
        path = Path(directory) / "live.db"
        copyfile(world, path)
        keys = {"KEYS_FILE": str(path.with_name("keys"))}
        token = processes.told("token", "--subject", "benchmark", "--role", "recorder", **keys)
        with processes.product(f"sqlite:///{path}", **SETTINGS, **keys) as (url, pid):
            yield Server(url, pid, ByLog(path) if by_log else ByMutation(url, token))


@contextmanager
def yoga(way: str) -> Iterator[Server]:
    """graphql-yoga with graphql-ws, whose listeners have a `topic` of their own or a `filter`."""
    with processes.running([*command("yoga.mjs"), way], {}) as (url, pid):
        yield Server(url, pid, ByMutation(url))
