"""How does an answer reach a client in pieces?  By one response that goes on until there is nothing more to send, or nobody to send it to.

The next piece is only asked for when the client has taken what was sent before.  Server-sent events are such pieces:
https://html.spec.whatwg.org/multipage/server-sent-events.html.  When something else ends them, as the server that stops, they end
without `complete`, so that clients come back.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import ExitStack, aclosing
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.live.accepting import EVENT_STREAM
from api.telemetry.work import current

logger = logging.getLogger("communique")

COMMENT: Final = b":\n\n"
"""A sign of life, which clients ignore."""
HEADERS: Final = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # proxies that collect answers must not
    "Vary": "Accept",
}


def event(name: str, data: bytes = b"", cursor: str | None = None) -> bytes:
    """An event; `data` is JSON on one line, and so is the cursor."""
    id_ = b"" if cursor is None else b"id: %b\n" % cursor.encode()
    return b"%bevent: %b\ndata: %b\n\n" % (id_, name.encode(), data)


class Stream(Response):
    """A response in pieces."""

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        media_type: str,
        ends: Iterable[Callable[[], Awaitable[object]]],
        held: ExitStack,
    ) -> None:
        """It ends, at the latest, when one of `ends` returns, and lets go of `held`."""
        self.status_code, self.background = 200, None
        self.init_headers({"Content-Type": media_type, **HEADERS})
        self._pieces, self._ends = pieces, ends
        self._held, self._sending = held, asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        with self._held:
            headers = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **headers})
            until = (*self._until(receive, send), *(end() for end in self._ends))
            ends = [asyncio.ensure_future(each) for each in until]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in ends:
                    each.cancel()
                outcomes = await asyncio.gather(*ends, return_exceptions=True)
            for error in outcomes:
                if isinstance(error, Exception):
                    logger.error("a stream broke off", exc_info=error)
            await self._send(send, b"", more=False)

    def _until(self, receive: Receive, send: Send) -> list[Coroutine[Any, Any, Any]]:
        """What runs until the first of it has ended."""
        return [self._send_all(send), _disconnected(receive)]

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._pieces):
            async for each in self._pieces:
                await self._send(send, each)
                await asyncio.sleep(0)  # others have their turn while somebody replays the log

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        async with self._sending:
            await send({"type": "http.response.body", "body": body, "more_body": more})


class EventStream(Stream):
    """A stream of events."""

    def __init__(
        self,
        events: AsyncGenerator[bytes],
        keep_alive: float,
        ends: Iterable[Callable[[], Awaitable[object]]],
        held: ExitStack,
    ) -> None:
        """`keep_alive`: seconds between two signs of life."""
        super().__init__(events, f"{EVENT_STREAM}; charset=utf-8", ends, held)
        self._keep_alive = keep_alive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        current().transport = "sse"
        await super().__call__(scope, receive, send)

    def _until(self, receive: Receive, send: Send) -> list[Coroutine[Any, Any, Any]]:
        return [*super()._until(receive, send), self._send_signs(send)]

    async def _send_signs(self, send: Send) -> None:
        while True:
            await self._send(send, COMMENT)
            await asyncio.sleep(self._keep_alive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
