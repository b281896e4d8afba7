"""How do many appends share one transaction in PostgreSQL?  Group commit, by the one appender of a process.

While a transaction is on its way, the appends that arrive gather, and go into the next one
together: they pay once for the round trips, the lock of the head and the disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from events import postgres_statements as statements
from events.answering import Waiting, answer
from events.appending import Draft
from events.log import Appended
from events.postgres import PAUSE, PostgresDatabase
from events.postgres_connections import Connection
from events.postgres_errors import ServerLost
from events.record import Row
from events.refusals import LogUnavailable, Refusal

LARGEST_GROUP: Final = 256
"""Where a group stops to grow, in appends, so that others get their turn at the head."""


class Appender:
    """Puts the appends of this process into the log; each succeeds or fails alone."""

    def __init__(self, database: PostgresDatabase, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def submit(self, drafted: Draft) -> asyncio.Future[Appended]:
        """Take an append; whoever waits for its answer may be cancelled, and it is appended still."""
        if self._closed:
            raise LogUnavailable(f"{self._database.name} was closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Appended] = loop.create_future()
        self._waiting.append((drafted, future))
        if self._task is None:
            self._task = loop.create_task(self._work())
        return future

    async def finish(self) -> None:
        """Accept nothing more, and answer what was accepted."""
        self._closed = True
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        while self._waiting:
            group = self._waiting[:LARGEST_GROUP]
            del self._waiting[:LARGEST_GROUP]
            try:
                answer(group, await self._append([drafted for drafted, _ in group]))
            except LogUnavailable as unavailable:  # and would be for those behind them
                group += self._waiting
                self._waiting.clear()
                answer(group, [unavailable] * len(group))
            except Exception as error:  # noqa: BLE001 - it is told to whoever asked
                await self._one_by_one(group, error)
        self._task = None

    async def _one_by_one(self, group: Sequence[Waiting], error: Exception) -> None:
        """Find out whose append it is that the database does not take."""
        for waiting in group if len(group) > 1 else ():
            try:
                answer([waiting], await self._append([waiting[0]]))
            except Exception as own:  # noqa: BLE001 - as above
                answer([waiting], [own])
        answer(group, [error] * len(group))

    async def _append(self, drafts: Sequence[Draft]) -> list[Appended | Refusal]:
        """Append as one transaction; if the server is lost on the way, once it is back."""
        attempt = Attempt(drafts, self._now)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._database.patience
        while True:
            try:
                return await self._database.write(attempt, statements.LOCK_HEAD)
            except ServerLost as lost:
                if loop.time() < deadline:
                    await asyncio.sleep(PAUSE)
                elif attempt.rows:
                    raise LogUnavailable(
                        f"{lost.message}; whether what was to be appended is in the log "
                        "is not known: append it again with the same key"
                    ) from lost
                else:
                    raise


class Attempt:
    """Appends on their way into the log, by a transaction that may be tried again."""

    def __init__(self, drafts: Sequence[Draft], now: Callable[[], datetime]) -> None:
        self.rows: list[Row] = []
        """What may have been committed, though nobody knows."""
        self._answers: list[Appended | Refusal] = []
        self._drafts = drafts
        self._now = now

    async def __call__(self, connection: Connection) -> list[Appended | Refusal]:
        """Do it, unless a look behind the lock of the head shows that it was done before."""
        if self.rows and await self._committed(self.rows[-1], connection):
            return self._answers
        self.rows = []
        end = await statements.end_of_log(self._drafts, self._now, connection)
        self._answers = [end.answer(drafted) for drafted in self._drafts]
        if end.rows:
            await statements.insert(end.rows, end.keys, connection)
        self.rows = end.rows
        return self._answers

    @staticmethod
    async def _committed(row: Row, connection: Connection) -> bool:
        """Whether a record is in the log; its hash covers an id that no other one has."""
        found = await connection.fetchval(statements.COMMITTED, row.position, row.leaf)
        return found is True
