"""What is answered before the database is opened, which may take long?  That the process lives, is not ready, and what it is doing."""

from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from api.errors import error
from api.live.accepting import EVENT_STREAM, Accepted, accepted_by
from api.live.stream import COMMENT, HEADERS
from api.telemetry.middleware import Watched
from api.telemetry.work import Watch

RETRY_AFTER: Final = {"Retry-After": "1"}


class Front:
    """What the server serves: the application, once it is there."""

    def __init__(self, app: Starlette | None = None) -> None:
        self._app = app
        self._starting = Watched(self._answer, Watch())
        self._doing = "starting"

    @property
    def is_open(self) -> bool:
        """Whether the application answers."""
        return self._app is not None

    def tell(self, doing: str) -> None:
        """Note what is being done before the application is there."""
        self._doing = doing

    def open(self, app: Starlette) -> None:
        """Let an application answer, from now on."""
        self._app = app

    def leave(self) -> None:
        """Be ready no more."""
        if self._app is not None:
            self._app.state.readiness.is_leaving = True

    def stop(self) -> None:
        """End all streams."""
        if self._app is not None:
            self._app.state.stopping.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take a WebSocket."""
        await (self._app or self._starting)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = accepted_by(Headers(scope=scope).get("accept", ""))
        await self._response(scope["path"], accepted)(scope, receive, send)

    def _response(self, path: str, accepted: Accepted) -> Response:
        if path == "/healthz":
            return JSONResponse({"status": "alive"})
        if path == "/readyz":
            body = {"status": "not ready", "reason": f"it is {self._doing}"}
            return JSONResponse(body, 503, RETRY_AFTER)
        if accepted.events and accepted.json is None:
            # EventSource would never come back after anything else, such as a status that is no success; a stream that ends brings it back.
            return Response(COMMENT, headers=HEADERS, media_type=EVENT_STREAM)
        message = f"the server is starting: it is {self._doing}; try again soon"
        return JSONResponse({"errors": [error(message, "STARTING")]}, 503, RETRY_AFTER)
