"""On which engine is something measured?  On either, by the URL of a database whose log is synthetic and the same every time."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from api.composition import opened_log
from api.engines import Place
from api.settings import Settings
from benchmarks.history import fill
from events import copying
from events.postgres import PostgresDatabase
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog
from tests import postgres


def choose(parser: ArgumentParser) -> None:
    """Let the engine be chosen."""
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")


@contextmanager
def database(engine: str, directory: Path) -> Iterator[str]:
    """The URL of a database that is not there yet, or empty: a file in a directory, or one of the server of the tests."""
    if engine == "sqlite":
        with TemporaryDirectory(dir=directory) as folder:
            yield f"sqlite:///{Path(folder).absolute() / 'communique.db'}"
        return
    with asyncio.Runner() as runner:
        made = postgres.database()
        yield runner.run(made.__aenter__())
        runner.run(made.__aexit__(None, None, None))


async def make(url: str, events: int) -> None:
    """Let the log of a database have so many events."""
    settings = Settings(database_url=url)
    if settings.database is not None:
        await fill(settings.database, events)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        await fill(path, events)
        source = SqliteLog(SqliteFile(path), lambda: datetime.now(UTC), lambda: str(uuid4()))
        async with opened_log(settings, make=True) as (_, log):
            await copying.fill(source, log, 0, events)
        await source.close()


async def settled(place: Place) -> None:
    """What the server would do by itself within a minute: gather statistics of the tables."""
    if isinstance(place, PostgresDatabase):
        await place.write(lambda connection: connection.execute("ANALYZE"))
