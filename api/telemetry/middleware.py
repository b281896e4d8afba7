"""How is every request watched?  By one thin layer around the application, which also gives each answer its `X-Request-Id`."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.telemetry.work import HEADER, Watch

BEGINNINGS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)
"""The messages with headers."""
BODIES: Final = frozenset({"http.response.body", "websocket.http.response.body"})


class Watched:
    """An application whose requests and WebSockets are watched."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app, self._watch = app, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        work = self._watch.begun(scope)

        async def noting(message: Message) -> None:
            kind = message["type"]
            if kind in BEGINNINGS:
                work.status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (HEADER, work.id.encode())]
            elif kind in BODIES:
                work.bytes += len(message.get("body", b""))
            await send(message)

        with self._watch.over(work, scope):
            await self._app(scope, receive, noting)
