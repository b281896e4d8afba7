"""Which servers are measured?  The product, without and with its result cache; its own SQL behind a bare handler; and PostGraphile."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import orjson

from benchmarks import node_peers
from benchmarks.processes import product, running
from benchmarks.read import wrk
from benchmarks.read.operations import ACTORS, PEER, PRODUCT, Operation, facts
from events.postgres import CONNECTIONS
from tests import postgres

SLUGS: Final = [f"actor-{number}" for number in range(1, ACTORS + 1)]
CACHE: Final = 64_000_000
"""Bytes of the result cache where it is on."""
OURS, CACHED, BARE, PEERS = "product", "cached", "bare", "PostGraphile"
PRODUCTION: Final = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
TABLES: Final = Path(__file__).with_name("facts.sql")

Bodies = Mapping[str, Sequence[bytes]]
"""What each operation asks in turn."""


class Server(NamedTuple):
    """A server that runs, and how it is asked."""

    name: str
    pid: int
    urls: Mapping[str, str]
    """For each operation."""
    asking: Mapping[str, Path]
    """The scripts of wrk, for each operation."""


@contextmanager
def beside(url: str, copy: str, folder: Path) -> Iterator[list[Server]]:
    """The servers over a database, all at once; the one with a cache over a copy, to which one event a second is appended."""
    with ExitStack() as stack:
        where, pid = stack.enter_context(product(url, RESULT_CACHE="0"))
        bodies = _bodies(where, PRODUCT)
        cached, cached_pid = stack.enter_context(product(copy, RESULT_CACHE=str(CACHE)))
        stack.enter_context(running(_module("appending", copy), {}))
        bare, bare_pid = stack.enter_context(_bare(url, bodies, folder))
        servers = [
            _asked(OURS, where, pid, bodies, folder),
            _asked(CACHED, cached, cached_pid, bodies, folder),
            _numbered(BARE, bare, bare_pid, bodies, folder),
        ]
        if url.startswith("postgresql"):
            peer, peer_pid = stack.enter_context(_postgraphile(url))
            servers.append(_asked(PEERS, peer, peer_pid, _bodies(peer, PEER), folder))
        yield servers


def as_of(position: int | None, url: str, pid: int, name: str, folder: Path) -> Server:
    """The product at a URL, asked as of a position, or as of now."""
    then = {} if position is None else {"then": {"position": position}}
    return _asked(name, url, pid, _bodies(url, PRODUCT, **then), folder)


def agree(servers: Sequence[Server]) -> None:
    """Raise unless all answers say the same, and something."""
    first, *others = servers
    for name in PRODUCT:
        expected = [facts(answer) for answer in answers(first, name)]
        assert all(expected), f"{name}: {first.name} finds nothing"
        for other in others:
            found = [facts(answer) for answer in answers(other, name)]
            assert found == expected, f"{name}: {first.name} and {other.name} do not agree"


def answers(server: Server, operation: str) -> Iterator[bytes]:
    """The answers to all that an operation asks."""
    lines = server.asking[operation].with_suffix(".jsonl").read_bytes().splitlines()
    with _client() as client:
        for number, body in enumerate(lines):
            yield client.post(wrk.numbered(server.urls[operation], number), content=body).content


def _bodies(url: str, operations: Mapping[str, Operation], **variables: Any) -> Bodies:
    with _client() as client:

        def ask(body: bytes) -> bytes:
            return client.post(f"{url}/graphql", content=body).content

        return {name: each.bodies(ask, SLUGS, **variables) for name, each in operations.items()}


def _client() -> httpx.Client:
    return httpx.Client(headers=wrk.HEADERS, timeout=60)


def _asked(name: str, url: str, pid: int, bodies: Bodies, folder: Path) -> Server:
    return Server(
        name, pid, dict.fromkeys(bodies, f"{url}/graphql"), _scripts(name, bodies, folder)
    )


def _numbered(name: str, url: str, pid: int, bodies: Bodies, folder: Path) -> Server:
    urls = {each: f"{url}/{number}/{wrk.NUMBER}" for number, each in enumerate(bodies)}
    return Server(name, pid, urls, _scripts(name, bodies, folder))


def _scripts(name: str, bodies: Bodies, folder: Path) -> dict[str, Path]:
    return {each: wrk.script(folder, f"{name}, {each}", lines) for each, lines in bodies.items()}


@contextmanager
def _bare(url: str, bodies: Bodies, folder: Path) -> Iterator[tuple[str, int]]:
    path = folder / "bodies.json"
    path.write_bytes(orjson.dumps([[line.decode() for line in lines] for lines in bodies.values()]))
    with running(_module("bare", url, str(path)), {}) as found:
        yield found


@contextmanager
def _postgraphile(url: str) -> Iterator[tuple[str, int]]:
    asyncio.run(_fill(url))
    command = [*node_peers.command("postgraphile.mjs"), url, str(CONNECTIONS)]
    with running(command, PRODUCTION) as found:
        yield found


async def _fill(url: str) -> None:
    async with postgres.connected(url) as connection:
        async with connection.transaction():
            await connection.execute(TABLES.read_text(encoding="utf-8"))
        await connection.execute("VACUUM ANALYZE")


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.read.{name}", *arguments]
