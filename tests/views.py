"""How does a test get views, in memory or in a file, and what do they say?"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from events.log import Provenance, Write
from events.migrating import migrate
from events.record import Recorded
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from projections import sqlite_store as store
from projections.digests import VIEWS, digest
from projections.folding import PROJECTIONS, fold_batch
from projections.rows import Rows
from projections.runner import BATCH, Views
from projections.sqlite_views import SqliteViews

END = 2**62
"""A position behind every log."""


@dataclass(frozen=True)
class Opened:
    """A file with a log and its views."""

    file: SqliteFile
    log: SqliteLog
    store: SqliteViews
    views: Views

    async def append(self, records: Sequence[Recorded]) -> None:
        """Append the events of some records, in their order, as one append."""
        writes = [Write(record.stream, [record.event]) for record in records]
        await self.log.append(writes, Provenance("test"))

    async def digests(self) -> dict[str, str]:
        """What the live views say."""
        return await self.file.read(digests)

    async def anew(self) -> dict[str, str]:
        """What the views would say if they were folded from nothing."""
        with closing(folded_store(await self.log.read(limit=END))) as fresh:
            return digests(fresh)


@asynccontextmanager
async def opened(path: Path, batch: int = BATCH) -> AsyncIterator[Opened]:
    """Open a file, which is made if there is none; its views are prepared, not caught up."""
    _make(path)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    store_ = SqliteViews(file)
    views = Views(store_, log, batch)
    try:
        await views.prepare()
        yield Opened(file, log, store_, views)
    finally:
        await log.close()


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


@cache
def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for projection in PROJECTIONS:
        store.create(connection, projection)
    return connection


def _make(path: Path) -> None:
    if not path.exists():
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    """A file with an empty log: Alembic takes its time."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "log.db"
        migrate(path)
        return path.read_bytes()
