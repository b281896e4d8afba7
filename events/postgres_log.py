"""How is the log kept in PostgreSQL?  The engine that many processes share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from asyncpg import PostgresError

from events import postgres_statements as statements
from events import stored
from events.appending import STREAM, draft
from events.log import Appended, Provenance, Write
from events.postgres import PostgresDatabase, Record
from events.postgres_appending import Appender
from events.postgres_restoring import Restoration, Undrawable
from events.record import Recorded
from events.refusals import LogDamaged

T = TypeVar("T")

BATCH: Final = 256
"""Records that a follower reads at once."""
WEIGHT: Final = 250_000
"""Bytes after which it reads no more of them: it may have to keep them for long."""
LARGEST: Final = 2**63 - 1
"""The largest integer that PostgreSQL knows."""
FEW: Final = 10
"""Records that are looked at in the event loop; more take a millisecond, and another thread."""


class PostgresLog:
    """An `EventLog` in a PostgreSQL database whose tables are at the newest revision."""

    def __init__(
        self,
        database: PostgresDatabase,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        """Keep the log in a database, which is closed together with it."""
        self._database = database
        self._new_id = new_id
        self._appender = Appender(database, now)

    async def append(
        self, writes: Sequence[Write], provenance: Provenance, key: str | None = None
    ) -> Appended:
        drafted = draft(writes, provenance, key, self._new_id)
        with self._refusing():
            return await self._appender.submit(drafted)

    async def restore(self, records: Iterable[Recorded], after: int = 0) -> int:
        with self._refusing():
            try:
                restoration = Restoration(records, after)
                return await self._database.write(restoration, statements.LOCK_HEAD)
            except Undrawable as undrawable:
                raise undrawable.error from None

    async def read(
        self, after: int = 0, limit: int = 1000, streams: Collection[str] | None = None
    ) -> list[Recorded]:
        after, limit = (min(max(number, 0), LARGEST) for number in (after, limit))
        with self._refusing():
            if streams is None:
                rows = await self._database.fetch(statements.READ, after, limit)
                last = min(after + limit, statements.head(rows).position)
                records = await _looked_at(rows, statements.records)
                return stored.without_holes(records, after, last)
            some = _possible(streams)
            rows = await self._database.fetch(statements.READ_STREAMS, some, after, limit)
            records = await _looked_at(rows, partial(map, stored.recorded))
            return stored.of_streams(records, some, after)

    async def find(self, key: str) -> Appended | None:
        with self._refusing():
            rows = await self._database.fetch(statements.FIND, statements.encoded([key]))
        for _, appended in statements.used(rows).values():
            return replace(appended, repeated=True)
        return None

    async def follow(self, after: int = 0) -> AsyncIterator[Recorded]:
        async for batch in self.batches(after):
            for recorded in batch:
                yield recorded

    async def batches(self, after: int = 0, size: int = BATCH) -> AsyncIterator[list[Recorded]]:
        while True:
            commits = self._database.commits
            batch, more = await self._batch(after, size)
            if batch:
                yield batch
                after = batch[-1].position
            if not more:
                await self._database.changed(since=commits)

    async def _batch(self, after: int, size: int) -> tuple[list[Recorded], bool]:
        """The next records, and whether there are more."""
        after = min(max(after, 0), LARGEST)
        with self._refusing():
            rows = await self._database.fetch(statements.READ_BATCH, after, size, WEIGHT)
            last = statements.head(rows).position
            batch = await _looked_at(rows, statements.records)
        reached = after + len(batch)
        stored.without_holes(batch, after, reached if batch else max(reached, last))
        return batch, reached < last

    async def head(self) -> int:
        with self._refusing():
            return statements.head(await self._database.fetch(statements.HEAD)).position

    async def versions(self, streams: Collection[str]) -> dict[str, int]:
        with self._refusing():
            rows = await self._database.fetch(statements.VERSIONS, _possible(streams))
        return dict.fromkeys(streams, 0) | dict(map(tuple, rows))

    async def position_at(self, instant: str) -> int:
        with self._refusing():
            rows = await self._database.fetch(statements.POSITION_AT, instant)
        statements.head(rows)
        position: int | None = rows[0][4]
        if position is None:
            raise LogDamaged("the log lacks a record before its last one")
        return position

    async def close(self) -> None:
        await self._appender.finish()
        await self._database.close()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """A complaint of PostgreSQL that is no refusal by now: these are not the log's tables."""
        try:
            yield
        except PostgresError as error:
            raise LogDamaged(f"{self._database.name} holds no sound log: {error}") from error


def _possible(streams: Collection[str]) -> list[str]:
    """The names, each once, that a stream can have."""
    return [stream for stream in dict.fromkeys(streams) if STREAM.fullmatch(stream)]


async def _looked_at(rows: list[Record], look: Callable[[list[Record]], Iterable[T]]) -> list[T]:
    """What rows show; many are looked at in a thread."""
    if len(rows) <= FEW:
        return list(look(rows))
    return await asyncio.to_thread(lambda: list(look(rows)))
