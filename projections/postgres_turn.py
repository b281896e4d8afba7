"""How do the processes that share a PostgreSQL database take turns?  By advisory locks that end with a transaction.

A transaction ends when its process dies, or its connection; so a lock is never left behind, not even in a pooler.  One that is held for
long is held by a transaction that does nothing else, at a level that keeps no snapshot: it does not hold back the tidying of the server.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from typing import Final

from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.refusals import LogUnavailable

POLL: Final = 0.1
"""Seconds between two attempts to get a lock that is waited for."""
TAKE_OVER: Final = 1.0
"""Seconds between two attempts to lead, while somebody else does."""

_OURS: Final = "hashtext('communique in ' || current_schema())"
"""The first half of the key of every lock of views: a database can have several, each in a schema of its own."""


class Lock(IntEnum):
    """What one process at a time does."""

    WRITING = 1
    """Write the live tables, or put others in their place."""
    REBUILDING = 2
    """Build tables beside them."""
    LEADING = 3
    """Follow the log, for all processes."""

    @property
    def key(self) -> str:
        """The key of the lock, in SQL."""
        return f"{_OURS}, {self.value}"


class _Hold:
    """A lock that is held until it is released, or until the connection is lost."""

    def __init__(self, database: PostgresDatabase, lock: Lock, *, wait: bool) -> None:
        self._attempt, self._wait = f"SELECT pg_try_advisory_xact_lock({lock.key})", wait
        self._held: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._end = asyncio.Event()
        self._holding = asyncio.create_task(database.write(self._hold))

    async def taken(self) -> bool:
        """Whether it is held, once that is known.  Raises LogUnavailable."""
        await asyncio.wait((self._holding, self._held), return_when=asyncio.FIRST_COMPLETED)
        if not self._held.done():
            await self._holding
        return self._held.result()

    @property
    def lost(self) -> bool:
        """Whether it is held no longer."""
        return self._end.is_set() or self._holding.done()

    async def release(self) -> None:
        """Let others have it."""
        self._end.set()
        if not self._held.done():
            self._holding.cancel()
        with suppress(asyncio.CancelledError, LogUnavailable):
            await self._holding

    async def _hold(self, connection: Connection) -> None:
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        while not (ours := await connection.fetchval(self._attempt)) and self._wait:  # noqa: ASYNC110 - another process has it
            await asyncio.sleep(POLL)
        self._held.set_result(ours)
        if ours:
            connection.add_termination_listener(self._terminated)
            await self._end.wait()
            connection.remove_termination_listener(self._terminated)

    def _terminated(self, _: object) -> None:
        self._end.set()


@asynccontextmanager
async def turn(database: PostgresDatabase, lock: Lock, *, wait: bool) -> AsyncIterator[bool]:
    """Hold a lock; without `wait` only if nobody has it, and gives whether it is held.  Raises LogUnavailable."""
    hold = _Hold(database, lock, wait=wait)
    try:
        yield await hold.taken()
    finally:
        await hold.release()


@asynccontextmanager
async def leading(database: PostgresDatabase) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Stand for following the log on behalf of all processes; gives how to ask whether it is on this one."""
    hold: _Hold | None = None
    tried = float("-inf")

    async def leads() -> bool:
        nonlocal hold, tried
        if hold is not None:
            if not hold.lost:
                return True
            await hold.release()
        now = asyncio.get_running_loop().time()
        if now < tried + TAKE_OVER:
            return False
        tried, hold = now, _Hold(database, Lock.LEADING, wait=False)
        return await hold.taken()

    try:
        yield leads
    finally:
        if hold is not None:
            await hold.release()
