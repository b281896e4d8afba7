"""Which addresses are served?  The ASGI application."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from api import pages
from api.access.authentication import Authentication
from api.access.door import Door
from api.access.rates import Rates
from api.access.sites import sharing_with
from api.application import Application
from api.caching import Results
from api.composition import System
from api.context import Context
from api.documents.resolving import Documents
from api.engines import reader_of, replica_reader_of
from api.http import Endpoint
from api.live.interests import Token, touched
from api.live.limits import Connections
from api.live.listeners import Listeners
from api.live.multipart import MultipartAnswers
from api.live.shared import SharedStreams
from api.live.sse import EventStreams
from api.live.websocket import WebSockets
from api.operations import Operations
from api.readiness import Readiness
from api.reading import Reading
from api.schema import schema
from api.settings import Settings
from api.telemetry.choosing import Looking
from api.telemetry.middleware import Watched
from api.telemetry.sources import Sources
from events.log import EventLog
from projections.reading.reader import Reader
from projections.runner import Views


def operations_of(
    log: EventLog,
    views: Views,
    reader: Reader,
    settings: Settings,
    replica: Reader | None = None,
) -> Operations:
    """The operations of the schema on a log and its views, which a reader reads, or for queries that of a replica."""
    made = schema()
    reading = Reading(made._schema, reader, settings)

    async def look(type_: str, after: int, until: int) -> Iterable[Token]:
        return touched(type_, await reading.touched(type_, after, until))

    listeners = Listeners(views, look)
    context = Context(log, views, reading, listeners, settings.position_timeout)
    queries = Reading(made._schema, replica, settings) if replica else reading
    results = Results(settings.result_cache) if settings.result_cache else None
    return Operations(made, context, queries, results)


def create_app(system: System, trial: str | None = None) -> Starlette:
    """The application that serves an opened system; `state.stopping`, an event, ends its streams; `state.readiness` can be taken away.

    `trial`: a token with which anything can be tried out.  Raises Misconfigured.
    """
    settings = system.settings
    authentication = Authentication(settings, trial)
    door = Door(authentication, Rates(settings.requests_per_minute), settings.origins)
    reader = reader_of(system.file, settings.query_timeout)
    replica = replica_reader_of(system.replica, system.file, settings.query_timeout)
    operations = operations_of(system.log, system.views, reader, settings, replica)
    documents = Documents.of(settings, operations.document)
    connections = Connections(settings.connections_per_address)
    streams = EventStreams(operations, connections, authentication, settings)
    shared = SharedStreams(operations, connections, streams, settings)
    multipart = MultipartAnswers(operations, connections, streams)
    endpoint = Endpoint(operations, documents, streams, shared, multipart, door, settings)
    sockets = WebSockets(operations, documents, connections, door, settings)

    async def healthy(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    readiness = Readiness(system)

    async def ready(_: Request) -> Response:
        body: dict[str, Any] = {"status": "ready", "position": system.views.position}
        if hindrance := await readiness.hindrance():
            return JSONResponse({**body, "status": "not ready", "reason": hindrance}, 503)
        return JSONResponse(body)

    sources = Sources(system, readiness, operations, connections)
    looking = Looking(settings, sources)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with closing(reader):
            yield
            await looking.watch.close()

    app = Application(
        "/graphql",
        endpoint,
        [Middleware(Watched, looking.watch), *sharing_with(settings.origins)],
        routes=[
            *([] if settings.trusted_only else pages.routes(graphiql=settings.graphiql)),
            WebSocketRoute("/graphql", sockets.talk),
            Route("/healthz", healthy),
            Route("/readyz", ready),
            *looking.routes,
        ],
        lifespan=lifespan,
    )
    app.state.stopping, app.state.readiness = streams.stopping, readiness
    return app
