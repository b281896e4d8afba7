"""Who waits for the answer to an append?"""

import asyncio
from collections.abc import Sequence

from events.appending import Draft
from events.log import Appended

Waiting = tuple[Draft, asyncio.Future[Appended]]
"""An append, with whoever waits for its answer."""


def answer(waiting: Sequence[Waiting], answers: Sequence[Appended | BaseException]) -> None:
    """Tell all who wait, one answer for each, but those who were cancelled."""
    for (_, future), each in zip(waiting, answers, strict=True):
        if future.done():
            continue
        if isinstance(each, Appended):
            future.set_result(each)
        else:
            future.set_exception(each)
