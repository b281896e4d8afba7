"""What do resolvers have at hand?"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from api.access.callers import ANONYMOUS, Caller
from api.live.listeners import Listeners
from api.reading import Reading
from events.log import EventLog, Provenance
from events.refusals import Refusal
from projections.runner import Views


class PositionNotReached(Refusal):
    """The views do not reflect the position that was asked for, and did not come to in time."""

    code: ClassVar[str] = "POSITION_NOT_REACHED"

    def __init__(self, reflected: int, position: int, patience: float) -> None:
        super().__init__(
            f"the views reflect position {reflected}, and did not reach {position} within {patience:g} s;"
            " try again, or ask for a position that there is"
        )


@dataclass(frozen=True)
class Context:
    """What resolvers have at hand; Strawberry passes it on."""

    log: EventLog
    views: Views
    reading: Reading
    listeners: Listeners
    recorder: str
    patience: float
    """Seconds that a position is waited for."""
    caller: Caller = ANONYMOUS
    """Who asks."""
    since: str | None = None
    """The last cursor that the client of a subscription has seen, if it says so by reconnecting."""

    @property
    def provenance(self) -> Provenance:
        return Provenance(self.recorder)

    async def reached(self, position: int) -> None:
        """Return once the views reflect a position.  Raises PositionNotReached."""
        if self.views.position >= position:
            return
        try:
            async with asyncio.timeout(self.patience):
                await self.views.reached(position)
        except TimeoutError:
            raise PositionNotReached(self.views.position, position, self.patience) from None
