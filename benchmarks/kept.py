"""Where is a data set that takes long to make?  In a folder that keeps it, or that is there for the time being; on either engine."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from api.composition import opened
from api.settings import Settings
from benchmarks import engines
from tests import postgres


class Data(NamedTuple):
    """A database with a log and its views."""

    url: str
    copied: Callable[[], AbstractContextManager[str]]
    """The URL of a copy that is gone afterwards; nobody may have the database open meanwhile."""


@contextmanager
def folder(keep: Path | None, directory: Path) -> Iterator[Path]:
    """The folder to keep data in, or one for the time being in a directory."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with TemporaryDirectory(dir=directory) as temporary:
        yield Path(temporary).absolute()


@contextmanager
def data(engine: str, events: int, inside: Path) -> Iterator[Data]:
    """The synthetic log of so many events and its views, which are made unless they are in the folder already."""
    place = _in_a_file if engine == "sqlite" else _in_postgres
    with place(events, inside) as found:
        asyncio.run(_made(found.url, events))
        yield found


async def _made(url: str, events: int) -> None:
    async with opened(Settings(database_url=url), follow=False) as system:
        there = await system.log.head()
    if there not in (0, events):
        sys.exit(f"{url} has {there:,} of {events:,} events: remove it, or choose another folder")
    if not there:
        await engines.make(url, events)
    async with opened(Settings(database_url=url), follow=False) as system:
        await system.views.catch_up()
        await engines.settled(system.file)


@contextmanager
def _in_a_file(events: int, inside: Path) -> Iterator[Data]:
    path = inside / f"events-{events}.db"

    @contextmanager
    def copied() -> Iterator[str]:
        with TemporaryDirectory(dir=inside) as temporary:
            copy = Path(temporary) / path.name
            copyfile(path, copy)
            yield f"sqlite:///{copy}"

    yield Data(f"sqlite:///{path}", copied)


@contextmanager
def _in_postgres(events: int, inside: Path) -> Iterator[Data]:
    server = postgres.start(inside / "postgres", keep=True)
    name = f"events_{events}"
    url = _named(server.get_uri(), name)

    @contextmanager
    def copied() -> Iterator[str]:
        copy = f"{name}_copy"
        drop = f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)"
        asyncio.run(_run(server.get_uri(), drop, f"CREATE DATABASE {copy} TEMPLATE {name}"))
        yield _named(url, copy)
        asyncio.run(_run(server.get_uri(), drop))

    try:
        asyncio.run(_create(server.get_uri(), name))
        yield Data(url, copied)
    finally:
        server.cleanup()


async def _create(server: str, name: str) -> None:
    async with postgres.connected(server) as connection:
        there = "SELECT true FROM pg_database WHERE datname = $1"
        if not await connection.fetchval(there, name):
            await connection.execute(f"CREATE DATABASE {name}")


async def _run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
