"""How is the log kept in a SQLite file?  The embedded engine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from threading import Event
from typing import Final

from events import sqlite_statements as statements
from events.answering import Waiting, answer
from events.appending import draft
from events.log import Appended, Provenance, Write
from events.record import Recorded
from events.refusals import LogDamaged, Refusal
from events.restoring import until
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_restoring import restore

BATCH: Final = 256
"""Records that a follower reads at once."""
WEIGHT: Final = 250_000
"""Bytes after which it reads no more of them: it may have to keep them for long."""
LARGEST: Final = 2**63 - 1
"""The largest integer that SQLite knows."""


class SqliteLog:
    """An `EventLog` in a SQLite file whose tables are at the newest revision.

    Look-ups of a few rows take microseconds, and are done in the event loop.  Records are read in a
    thread: to hash and parse a thousand takes ten milliseconds, and an article may have megabytes.
    """

    def __init__(
        self, file: SqliteFile, now: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        """Keep the log in a file, which is closed together with it."""
        self._file = file
        self._now = now
        self._new_id = new_id
        self._turn: list[Waiting] = []  # the appends of this turn of the event loop

    async def append(
        self, writes: Sequence[Write], provenance: Provenance, key: str | None = None
    ) -> Appended:
        drafted = draft(writes, provenance, key, self._new_id)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Appended] = loop.create_future()
        if not self._turn:
            loop.call_soon(self._hand_over)
        self._turn.append((drafted, answer))
        with self._refusing():
            return await answer

    async def restore(self, records: Iterable[Recorded], after: int = 0) -> int:
        cancelled = Event()
        job = partial(restore, until(cancelled, records), after)
        with self._refusing():
            try:
                return await self._file.write(job)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    async def read(
        self, after: int = 0, limit: int = 1000, streams: Collection[str] | None = None
    ) -> list[Recorded]:
        after, limit = (min(max(number, 0), LARGEST) for number in (after, limit))
        with self._refusing():
            if streams is None:
                return await self._file.read(partial(statements.read, after, limit))
            some = tuple(streams)
            return await self._file.read(partial(statements.read_streams, some, after, limit))

    async def find(self, key: str) -> Appended | None:
        with self._refusing():
            return await self._file.read(partial(statements.find, key))

    async def follow(self, after: int = 0) -> AsyncIterator[Recorded]:
        async for batch in self.batches(after):
            for recorded in batch:
                yield recorded

    async def batches(self, after: int = 0, size: int = BATCH) -> AsyncIterator[list[Recorded]]:
        while True:
            commits = self._file.commits
            batch, more = await self._batch(after, size)
            if batch:
                yield batch
                after = batch[-1].position
            if not more:
                await self._file.changed(since=commits)

    async def _batch(self, after: int, size: int) -> tuple[list[Recorded], bool]:
        after = min(max(after, 0), LARGEST)
        with self._refusing():
            return await self._file.read(partial(statements.read_batch, after, size, WEIGHT))

    async def head(self) -> int:
        with self._refusing():
            return self._file.peek(statements.head).position

    async def versions(self, streams: Collection[str]) -> dict[str, int]:
        with self._refusing():
            return self._file.peek(partial(statements.versions, streams))

    async def position_at(self, instant: str) -> int:
        with self._refusing():
            return await self._file.read(partial(statements.position_at, instant))

    async def close(self) -> None:
        self._hand_over()
        await self._file.close()

    def _hand_over(self) -> None:
        """Hand the appends of this turn over to the writer, as one job."""
        turn, self._turn = self._turn, []
        if turn:
            job = partial(statements.append, [drafted for drafted, _ in turn], self._now)
            self._file.submit(job).add_done_callback(partial(_answer, turn))

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """A complaint of SQLite that is no refusal by now: these are not the log's tables."""
        try:
            yield
        except sqlite3.Error as error:
            raise LogDamaged(f"{self._file.path} holds no sound log: {error}") from error


def _answer(turn: list[Waiting], written: asyncio.Future[list[Appended | Refusal]]) -> None:
    error = written.exception()
    answer(turn, written.result() if error is None else [error] * len(turn))
