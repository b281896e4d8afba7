"""How does a test get views, in memory or in a file, and what do they say?"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

from events.log import EventLog, Provenance, Write
from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.postgres_log import PostgresLog
from events.record import Recorded
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from projections import postgres_digests, postgres_store
from projections import sqlite_store as store
from projections.digests import VIEWS, digest
from projections.folding import PROJECTIONS, fold_batch
from projections.postgres_views import PostgresViews
from projections.reading.postgres_reader import PostgresReader
from projections.reading.reader import Reader
from projections.reading.sqlite_reader import SqliteReader
from projections.rows import Rows
from projections.runner import BATCH, Views
from projections.sqlite_views import SqliteViews
from projections.storing import Store
from tests.logs import make
from tests.postgres import empty_log

END = 2**62
"""A position behind every log."""


@dataclass(frozen=True)
class Opened(ABC):
    """A log and its views, on some engine."""

    log: EventLog
    store: Store
    views: Views

    async def append(self, records: Sequence[Recorded]) -> None:
        """Append the events of some records, in their order, as one append."""
        writes = [Write(record.stream, [record.event]) for record in records]
        await self.log.append(writes, Provenance("test"))

    async def anew(self) -> dict[str, str]:
        """What the views would say if they were folded from nothing."""
        with closing(folded_store(await self.log.read(limit=END))) as fresh:
            return digests(fresh)

    @abstractmethod
    async def digests(self) -> dict[str, str]:
        """What the live views say."""

    @abstractmethod
    async def change(self, statement: str) -> None:
        """Run a statement that changes the tables of the views."""

    @abstractmethod
    async def names(self) -> list[str]:
        """The tables and indexes that there are."""

    @abstractmethod
    async def checkpoints(self) -> dict[str, tuple[int, int]]:
        """(version, position) of every projection, by name."""

    @abstractmethod
    def reader(self, patience: float = 20) -> Reader:
        """A reader of the views."""


@dataclass(frozen=True)
class OpenedFile(Opened):
    """Those in a file."""

    log: SqliteLog
    file: SqliteFile

    async def digests(self) -> dict[str, str]:
        return await self.file.read(digests)

    async def change(self, statement: str) -> None:
        await self.file.write(lambda connection: connection.execute(statement).rowcount)

    async def names(self) -> list[str]:
        return await self.file.read(_names)

    async def checkpoints(self) -> dict[str, tuple[int, int]]:
        return await self.file.read(store.checkpoints)

    def reader(self, patience: float = 20) -> SqliteReader:
        return SqliteReader(self.file.reader(), patience)


@dataclass(frozen=True)
class OpenedDatabase(Opened):
    """Those in a PostgreSQL database."""

    database: PostgresDatabase

    async def digests(self) -> dict[str, str]:
        async def job(connection: Connection) -> dict[str, str]:
            return {
                view.name: await postgres_digests.digest(connection, view, END) for view in VIEWS
            }

        return await self.database.read(job)

    async def change(self, statement: str) -> None:
        await self.database.write(lambda connection: connection.execute(statement))

    async def names(self) -> list[str]:
        there = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        return [name for (name,) in await self.database.fetch(there)]

    async def checkpoints(self) -> dict[str, tuple[int, int]]:
        return await self.database.read(postgres_store.checkpoints)

    def reader(self, patience: float = 20) -> PostgresReader:
        return PostgresReader(self.database, patience)


OpenViews = Callable[..., AbstractAsyncContextManager[Opened]]
"""Opens one and the same log with its views, any number of times; takes the size of batches."""


@asynccontextmanager
async def opened(path: Path, batch: int = BATCH) -> AsyncIterator[OpenedFile]:
    """Open a file, which is made if there is none; its views are prepared, not caught up."""
    make(path)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    tables = SqliteViews(file)
    views = Views(tables, log, batch)
    try:
        await views.prepare()
        yield OpenedFile(log, tables, views, file)
    finally:
        await log.close()


@asynccontextmanager
async def opened_database(
    url: str, batch: int = BATCH, **options: Any
) -> AsyncIterator[OpenedDatabase]:
    """Open a PostgreSQL database that has a log; its views are prepared, not caught up."""
    shared = PostgresDatabase(url, **options)
    log = PostgresLog(shared, lambda: datetime.now(UTC), lambda: str(uuid4()))
    tables = PostgresViews(shared)
    views = Views(tables, log, batch)
    try:
        await views.prepare()
        yield OpenedDatabase(log, tables, views, shared)
    finally:
        await log.close()


def opened_at(place: str, batch: int = BATCH) -> AbstractAsyncContextManager[Opened]:
    """Open what is at a path, or at the URL of a PostgreSQL database."""
    if place.startswith("postgresql://"):
        return opened_database(place, batch)
    return opened(Path(place), batch)


@asynccontextmanager
async def views_in_postgres() -> AsyncIterator[OpenViews]:
    """How to open the views of a PostgreSQL database that was not used before."""
    yield partial(opened_database, await empty_log())


@asynccontextmanager
async def views_in_a_file() -> AsyncIterator[OpenViews]:
    """How to open the views of a file that was not used before."""
    with TemporaryDirectory() as directory:
        yield partial(opened, Path(directory) / "log.db")


ENGINES: Final = {"sqlite": views_in_a_file, "postgres": views_in_postgres}
"""Every engine that keeps views: a place of its own, to be opened any number of times."""


def folded_store(records: Sequence[Recorded], sizes: Iterable[int] = ()) -> sqlite3.Connection:
    """Views in memory, folded in batches of these sizes, and the rest in one."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _empty().backup(connection)
    left = iter(records)
    for size in [*sizes, END]:
        if not (batch := list(islice(left, size))):
            break
        rows = Rows(store.loader(connection))
        fold_batch(rows, batch)
        store.flush(connection, rows)
    return connection


def one_by_one(records: Sequence[Recorded]) -> sqlite3.Connection:
    """Views in memory, folded event by event."""
    return folded_store(records, repeat(1, len(records)))


def digests(connection: sqlite3.Connection, position: int = END) -> dict[str, str]:
    """The digest of every view at a position."""
    return {view.name: digest(connection, view, position) for view in VIEWS}


def _names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]


@cache
def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for projection in PROJECTIONS:
        store.create(connection, projection)
    return connection
