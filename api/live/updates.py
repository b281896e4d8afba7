"""What does a subscription tell?  Updates, each with the position that it reflects, from where the client stopped on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from api.context import Context
from events.record import Recorded

BATCH: Final = 64
"""Records that are read at once: few, so that others have their turn while somebody replays the log."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a subscription tells at a time."""

    position: int
    """The position that it reflects: who continues after it misses nothing, and gets nothing twice."""
    value: Any
    """The value of the subscription's field."""


async def batches(context: Context, after: int | None) -> AsyncIterator[list[Recorded]]:
    """The log after a position, or after where a reconnected client had come, in batches that the views reflect, without end."""
    start = context.since if context.since is not None else after or 0
    async for batch in context.log.batches(start, BATCH):
        await context.views.reached(batch[-1].position)
        yield batch
