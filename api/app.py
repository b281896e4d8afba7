"""Which addresses are served?  The ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api import pages
from api.composition import System
from api.context import Context
from api.http import Endpoint
from api.reading import Reading
from api.schema import schema
from projections.reading.reader import Reader


class Live(GraphQL[Context, None]):
    """Subscriptions over a WebSocket."""

    def __init__(self, context: Context) -> None:
        super().__init__(schema(), subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self._context = context

    async def get_context(self, request: Any, response: Any) -> Context:  # noqa: ARG002 - Strawberry's signature
        return self._context


def create_app(system: System) -> Starlette:
    """The application that serves an opened system."""
    made = schema()
    reader = Reader(system.file.reader())
    reading = Reading(made._schema, reader)
    context = Context(system.log, system.views, reading, system.settings.recorder)
    endpoint = Endpoint(made, context)

    async def healthy(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        body = {
            "status": "ready" if system.ready else "not ready",
            "position": system.views.position,
        }
        return JSONResponse(body, 200 if system.ready else 503)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with closing(reader):
            yield

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(
        routes=[
            *pages.routes,
            Route("/graphql", endpoint.answer, methods=methods),
            WebSocketRoute("/graphql", Live(context)),
            Route("/healthz", healthy),
            Route("/readyz", ready),
        ],
        lifespan=lifespan,
    )
