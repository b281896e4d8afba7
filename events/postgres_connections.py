"""Which connection is used next?  The one that was used last, and a further one of the pool only while that is busy.

What the pool does for each loan costs more than a short query does: so a connection that came back whole is kept at hand, and who waits
for one is let in by turns.
"""

import asyncio
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"  # generic for the type checker alone


class Connections:
    """The connections of a pool, of which those that are not used stay at hand."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", patience: float) -> None:
        """`patience`: seconds that a free connection is waited for."""
        self._pool, self._patience = pool, patience
        self._turns = asyncio.Semaphore(pool.get_max_size())
        self._at_hand: list[Connection] = []
        self._closing = False

    @property
    def counts(self) -> tuple[int, int]:
        """How many are open, and how many of these are used now."""
        size = self._pool.get_size()
        return size, size - self._pool.get_idle_size() - len(self._at_hand)

    async def take(self) -> Connection:
        """A connection, for nobody else to use."""
        await self._turn()
        try:
            while self._at_hand:
                connection = self._at_hand.pop()
                if _is_open(connection):
                    return connection
                await self._pool.release(connection)
            _ = await self._pool  # does nothing once it was done
            return await self._pool.acquire(timeout=self._patience)
        except BaseException:
            self._turns.release()
            raise

    async def give_back(self, connection: Connection, *, whole: bool) -> None:
        """`whole`: whether nothing was broken off on it."""
        try:
            if whole and not self._closing and _is_open(connection):
                self._at_hand.append(connection)
            else:
                await self._pool.release(connection)
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Wait for what is in use, and close all."""
        self._closing = True
        while self._at_hand:
            await self._pool.release(self._at_hand.pop())
        _ = await self._pool
        await self._pool.close()

    async def _turn(self) -> None:
        if self._turns.locked():
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        else:
            await self._turns.acquire()


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # it was lost, and fell back to the pool
        return False
