"""May requests be sent here?  Only while the views keep up with the log, and nobody has told the server to stop."""

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from api.composition import System
from events.log import EventLog
from events.refusals import Refusal

PATIENCE: Final = 1.0
"""Seconds that the log is waited for; an outage is for those to notice who follow it, who wait longer."""


class Readiness:
    """Whether a system is ready, and why not."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.is_leaving = False
        """Whether the server is about to stop."""
        self._level = monotonic()
        """When the views were last seen at the end of the log."""

    async def hindrance(self) -> str:
        """Why it is not ready; nothing if it is."""
        follower = self._system.follower
        if self.is_leaving:
            return "it is about to stop"
        if follower is None or follower.is_hindered:
            return "the views do not follow the log; a line of the program's log says why"
        if not follower.keeps_up:
            return "the views are still being folded up to the end of the log"
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._lag()
        except (Refusal, TimeoutError):
            return ""

    async def _lag(self) -> str:
        settings, position = self._system.settings, self._system.views.position
        behind = await self._system.log.head() - position
        if behind <= 0:
            self._level = monotonic()
            return ""
        if settings.max_lag and behind > settings.max_lag:
            return f"the views are {behind} positions behind the log"
        # The records of an imported log are older than they have been here.
        seconds = min(await lag(self._system.log, position), monotonic() - self._level)
        if settings.max_lag_seconds and seconds > settings.max_lag_seconds:
            return f"the views are {seconds:.0f} seconds behind the log"
        return ""


async def lag(log: EventLog, position: int) -> float:
    """Seconds since the first record behind a position was recorded; 0 if there is none."""
    for record in await log.read(position, limit=1):
        recorded_at = datetime.fromisoformat(record.recorded_at)
        return max((datetime.now(UTC) - recorded_at).total_seconds(), 0.0)
    return 0.0
