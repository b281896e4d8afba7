"""What is measured?  Servers, each a process of its own: the product over SQLite, and the peer over nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from benchmarks.live.appenders import Appender, ByLog, ByMutation
from benchmarks.live.packages import NODE, installed

COMMAND: Final = Path(sys.executable).with_name("communique")
SETTINGS: Final = {
    "COMMUNIQUE_CONNECTIONS_PER_ADDRESS": "100000",
    "COMMUNIQUE_OPERATIONS_PER_CONNECTION": "100000",
    "COMMUNIQUE_PORT": "0",
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
        settings = {**SETTINGS, "COMMUNIQUE_DATABASE_URL": f"sqlite:///{path}"}
        with _running([str(COMMAND), "serve"], settings) as (url, pid):
            yield Server(url, pid, ByLog(path) if by_log else ByMutation(url))


@contextmanager
def yoga(way: str) -> Iterator[Server]:
    """graphql-yoga with graphql-ws, whose listeners have a `topic` of their own or a `filter`."""
    with _running([NODE, "--no-warnings", str(installed() / "yoga.mjs"), way], {}) as (url, pid):
        yield Server(url, pid, ByMutation(url))


@contextmanager
def _running(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """A process that ends the first line that it prints with its URL, when it is ready; gives the URL, and its id."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COMMUNIQUE_")}
    with subprocess.Popen(
        command, env={**kept, **settings}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], process.pid
        finally:
            process.kill()
