"""How are events appended at a steady rate?  Each when it is due, whatever became of those before, from a process of its own."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

import uvloop

from benchmarks.live.appenders import Append, Appender

NS: Final = 10**9
PATIENCE: Final = 60
"""Seconds that the last appends may take to be acknowledged."""


About = tuple[int, int]
"""A key, and the number of the append."""


class Appended(NamedTuple):
    """An append that was acknowledged; instants are monotonic ns, the same for all processes of a machine."""

    position: int
    called: int
    """Right before it was sent."""
    acknowledged: int


def append(
    by: Appender, said: str, about: Sequence[About], begin: int, rate: float
) -> list[Appended]:
    """Append something about each key, so many a second from an instant on; gives them in the same order."""
    return uvloop.run(_append(by, said, about, begin, rate))


async def _append(
    by: Appender, said: str, about: Sequence[About], begin: int, rate: float
) -> list[Appended]:
    async with by.appending(said) as one:
        appending = []
        for turn, each in enumerate(about):
            await asyncio.sleep(max(0.0, begin / NS + turn / rate - time.monotonic()))
            appending.append(asyncio.ensure_future(_stamped(one, *each)))
        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(*appending)


async def _stamped(one: Append, key: int, number: int) -> Appended:
    called = time.monotonic_ns()
    position = await one(key, number)
    return Appended(position, called, time.monotonic_ns())
