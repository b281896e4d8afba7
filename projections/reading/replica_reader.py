"""How are queries read from a replica?  As from the primary, which answers itself while the replica cannot be used."""

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from asyncpg import SyntaxOrAccessError

from events.postgres import PostgresDatabase
from events.postgres_statements import COMMITTED
from events.refusals import LogDamaged, LogUnavailable
from projections.reading.dialects import POSTGRESQL
from projections.reading.plan import Plan
from projections.reading.postgres_reader import PostgresReader
from projections.reading.reader import TooSlow

PAUSE: Final = 5.0
"""Seconds between two attempts to use a replica that could not be used."""
LAST: Final = "SELECT position, leaf FROM log ORDER BY position DESC LIMIT 1"
FAILURES: Final = (LogUnavailable, LogDamaged, SyntaxOrAccessError, TimeoutError)
"""What the primary may do better.  The last ones mean that the replica does not have the tables (yet), and that it does not even cancel."""

logger = logging.getLogger("communique")


class ReplicaReader:
    """Runs plans on a replica, or on the primary.

    The replica is used once its last record is seen to be one of the primary's, and after each time
    that it was lost; one query at a time tries, and the others do not wait for it.
    """

    dialect = POSTGRESQL

    def __init__(self, replica: PostgresDatabase, primary: PostgresDatabase) -> None:
        self._replica, self._primary = replica, primary
        self._there, self._here = PostgresReader(replica), PostgresReader(primary)
        self._used = self._complained = False
        self._next = 0.0
        self.statements = 0

    async def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        self.statements += 1
        try:
            if await self._usable():
                return await self._there.run(plan, given)
        except TooSlow:
            self._used, self._next = (
                False,
                0.0,
            )  # the next one looks first whether it answers at all
            raise
        except FAILURES as error:
            self._lose(error)
        return await self._here.run(plan, given)

    def position(self) -> int:
        return max(self._there.position(), self._here.position())

    def close(self) -> None:
        """Nothing is its own."""

    async def _usable(self) -> bool:
        if self._used or monotonic() < self._next:
            return self._used
        self._next = monotonic() + PAUSE
        async with asyncio.timeout(2 * self._replica.patience):  # which itself says more of why
            last = await self._replica.fetch(LAST)
        for position, leaf in last:
            found = await self._primary.fetch(COMMITTED, position, leaf)
            if not (found and found[0][0]):
                raise LogDamaged(f"{self._replica.name} has another log than {self._primary.name}")
        if self._complained:
            logger.warning("queries are read from the replica again")
        self._used = True
        return True

    def _lose(self, error: Exception) -> None:
        if self._used or not self._complained:
            reason = error if str(error) else f"{self._replica.name} does not answer in time"
            logger.warning("queries are read from the primary, not from the replica: %s", reason)
        self._used, self._complained = False, True
        self._next = monotonic() + PAUSE
