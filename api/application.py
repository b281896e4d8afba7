"""How does a request find its way?  Starlette's, but for what nearly all of them want, which is looked at first."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send


class Application(Starlette):
    """An application with one address for which nothing is searched, and which sees to its errors itself."""

    def __init__(
        self, path: str, endpoint: ASGIApp, middleware: Sequence[Middleware], **more: Any
    ) -> None:
        """`endpoint` answers requests to `path`, behind the same middleware as all others."""
        super().__init__(middleware=middleware, **more)
        self._path, self._endpoint = path, endpoint

    def build_middleware_stack(self) -> ASGIApp:
        others, endpoint = super().build_middleware_stack(), self._endpoint
        for layer, args, kwargs in reversed(self.user_middleware):
            endpoint = layer(endpoint, *args, **kwargs)

        async def find(scope: Scope, receive: Receive, send: Send) -> None:
            found = scope["type"] == "http" and scope["path"] == self._path
            await (endpoint if found else others)(scope, receive, send)

        return find
