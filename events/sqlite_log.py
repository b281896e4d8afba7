"""How is the log kept in a SQLite file?  The embedded engine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from sqlite3 import Error
from typing import Final

from events import sqlite_statements as statements
from events.appending import Draft, draft
from events.log import Appended, Provenance, Write
from events.record import Recorded
from events.refusals import LogDamaged, Refusal
from events.sqlite import SqliteFile

BATCH: Final = 256
"""Records that a follower reads at once."""
LARGEST: Final = 2**63 - 1
"""The largest integer that SQLite knows."""


Turn = list[tuple[Draft, asyncio.Future[Appended]]]
"""Appends that wait to be written, and to be answered."""


class SqliteLog:
    """A log of events in a SQLite file whose tables are at the newest revision.

    Look-ups of a single row take microseconds and are done in the event loop.  A page of records is read in a thread: hashing
    and parsing a thousand of them takes ten milliseconds, and an article may have megabytes.
    """

    def __init__(
        self, file: SqliteFile, now: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        """Keep the log in `file`, which is closed together with it."""
        self._file = file
        self._now = now
        self._new_id = new_id
        self._turn: Turn = []

    async def append(
        self, writes: Sequence[Write], provenance: Provenance, key: str | None = None
    ) -> Appended:
        """Append all writes or none."""
        drafted = draft(writes, provenance, key, self._new_id)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Appended] = loop.create_future()
        if not self._turn:
            loop.call_soon(self._hand_over)
        self._turn.append((drafted, answer))
        with self._refusing():
            return await answer

    async def read(
        self, after: int = 0, limit: int = 1000, streams: Collection[str] | None = None
    ) -> list[Recorded]:
        """Up to `limit` records with a position greater than `after`, in order; of the named streams, or of all."""
        after, limit = (min(max(number, 0), LARGEST) for number in (after, limit))
        with self._refusing():
            if streams is None:
                return await self._file.read(partial(statements.read, after, limit))
            return await self._file.read(
                partial(statements.read_streams, tuple(streams), after, limit)
            )

    async def find(self, key: str) -> Appended | None:
        """The append that used a key, with `repeated` set; none if the key is free."""
        with self._refusing():
            return await self._file.read(partial(statements.find, key))

    async def follow(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every record after a position, in order, once, and then each new one as it is committed, without end."""
        while True:
            commits = self._file.commits
            batch = await self.read(after, BATCH)
            for recorded in batch:
                yield recorded
                after = recorded.position
            if len(batch) < BATCH:
                await self._file.changed(since=commits)

    async def head(self) -> int:
        """Position of the last record; 0 when the log is empty."""
        with self._refusing():
            return self._file.peek(statements.head).position

    async def versions(self, streams: Collection[str]) -> dict[str, int]:
        """How many events each of the streams has; 0 for one that does not exist."""
        with self._refusing():
            return self._file.peek(partial(statements.versions, streams))

    async def position_at(self, instant: str) -> int:
        """Position of the last record at or before an instant, which is written as `recorded_at` is; 0 if there is none."""
        with self._refusing():
            return self._file.peek(partial(statements.position_at, instant))

    async def close(self) -> None:
        """Finish what was accepted, then let go of the file."""
        self._hand_over()
        await self._file.close()

    def _hand_over(self) -> None:
        """Hand the appends of one turn of the event loop over to the writer, as one job."""
        turn, self._turn = self._turn, []
        if turn:
            job = partial(statements.append, [drafted for drafted, _ in turn], self._now)
            self._file.submit(job).add_done_callback(partial(_answer, turn))

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """An error of SQLite that is no refusal by now means that the tables are not those of the log."""
        try:
            yield
        except Error as error:
            raise LogDamaged(f"{self._file.path} does not hold a sound log: {error}") from error


def _answer(turn: Turn, written: asyncio.Future[list[Appended | Refusal]]) -> None:
    error = written.exception()
    answers = written.result() if error is None else [error] * len(turn)
    for (_, future), answer in zip(turn, answers, strict=True):
        if future.done():  # whoever asked was cancelled
            continue
        if isinstance(answer, Appended):
            future.set_result(answer)
        else:
            future.set_exception(answer)
