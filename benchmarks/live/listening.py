"""Who listens, and what are they told?  Subscribers, spread evenly over sockets, and a note of every result."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from benchmarks.live.kinds import Kind
from benchmarks.live.sockets import Heard, Socket

AT_ONCE: Final = 50
"""Sockets that are opened at the same time."""


class Told(NamedTuple):
    """A result that a listener got."""

    listener: int
    position: int
    at: int
    """When, in monotonic ns."""


class Listeners:
    """Subscribers of one kind, each of whom wants a key."""

    def __init__(self, kind: Kind) -> None:
        self.told: list[Told] = []
        self.broken: list[Heard] = []
        """Why listeners are not told any more."""
        self._kind = kind

    def heard(self, message: Heard) -> None:
        if message.type == "next" and "errors" not in message.payload:
            if (position := self._kind.position(message.payload)) is not None:
                self.told.append(Told(int(message.id), position, message.at))
        else:
            self.broken.append(message)


@asynccontextmanager
async def listening(
    server: str, kind: Kind, keys: Sequence[int], after: int, sockets: int, *, compressed: bool
) -> AsyncIterator[Listeners]:
    """A listener for each key, who is told of what comes after a position; the listeners are numbered as the keys are."""
    listeners, gate = Listeners(kind), asyncio.Semaphore(AT_ONCE)

    async def opened(number: int) -> Socket:
        async with gate:
            socket = await Socket.opened(server, listeners.heard, compressed=compressed)
            for listener in range(number, len(keys), sockets):
                socket.start(
                    str(listener), kind.subscription, _variables(kind, keys[listener], after)
                )
            return socket

    opening = [asyncio.ensure_future(opened(number)) for number in range(sockets)]
    try:
        await asyncio.gather(*opening)
        yield listeners
    finally:
        for each in opening:
            if each.done() and not each.exception():
                each.result().close()


def _variables(kind: Kind, key: int, after: int) -> dict[str, Any]:
    return {"after": kind.after(after), "filter": kind.filter(key)}
