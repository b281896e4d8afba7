"""How does a test get a log, and something to append?"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from events import postgres_migrating
from events.actors import ActorKind, ActorRegistered
from events.log import ANY, Appended, EventLog, Provenance, Write
from events.migrating import migrate
from events.postgres import PostgresDatabase
from events.postgres_log import PostgresLog
from events.record import Recorded
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog

PROVENANCE = Provenance("test")
LONGEST = 300
"""Characters that a name may have."""

OpenLog = Callable[["World"], AbstractAsyncContextManager[EventLog]]
"""An engine: it opens a log that has not been used before."""


@dataclass
class World:
    """A clock that stands still, and ids that can be foretold."""

    now: datetime = datetime(2020, 12, 30, 10, tzinfo=UTC)
    ids: count = field(default_factory=lambda: count(1))

    def clock(self) -> datetime:
        return self.now

    def new_id(self) -> str:
        return str(UUID(int=next(self.ids)))

    def wait(self, seconds: float) -> None:
        """Let time pass; a negative one lets it run backwards."""
        self.now += timedelta(seconds=seconds)


def make(path: Path) -> None:
    """Let there be a log in a file: an empty one, if there is no file."""
    if not path.exists():
        path.write_bytes(_empty())


@cache
def _empty() -> bytes:
    """A file with an empty log: Alembic takes its time."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "log.db"
        migrate(path)
        return path.read_bytes()


@asynccontextmanager
async def sqlite_log(path: Path, world: World | None = None) -> AsyncIterator[SqliteLog]:
    """The log in a SQLite file, which is made if there is none."""
    world = world or World()
    migrate(path)
    log = SqliteLog(SqliteFile(path), world.clock, world.new_id)
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def postgres_log(
    url: str, world: World | None = None, **options: Any
) -> AsyncIterator[PostgresLog]:
    """The log in a PostgreSQL database, where its tables are made if there are none."""
    world = world or World()
    database = PostgresDatabase(url, **options)
    log = PostgresLog(database, world.clock, world.new_id)
    try:
        await postgres_migrating.migrate(database)
        yield log
    finally:
        await log.close()


def log_at(place: str) -> AbstractAsyncContextManager[EventLog]:
    """The log at a path or a URL."""
    return postgres_log(place) if "://" in place else sqlite_log(Path(place))


def named(name: str) -> ActorRegistered:
    """An event that says no more than a name, and in its note what is too long for one."""
    note = name[LONGEST:] or None
    return ActorRegistered(actor_kind=ActorKind.STATE, name=name[:LONGEST], note=note)


def write(stream: str, *names: str, expected: int | None = ANY) -> Write:
    """A write of one event for each name."""
    return Write(stream, [named(name) for name in names], expected)


async def append(
    log: EventLog,
    stream: str,
    *names: str,
    expected: int | None = ANY,
    key: str | None = None,
) -> Appended:
    """Append one event for each name to one stream."""
    return await log.append([write(stream, *names, expected=expected)], PROVENANCE, key)


def name_of(record: Recorded) -> str:
    assert isinstance(record.event, ActorRegistered)
    return record.event.name + (record.event.note or "")


def names(records: list[Recorded]) -> list[str]:
    """What records say, for logs of `named` events."""
    return [name_of(record) for record in records]
