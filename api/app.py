"""Which addresses are served?  The ASGI application."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from api import pages
from api.caching import Results
from api.composition import System
from api.context import Context
from api.documents.resolving import Documents
from api.engines import reader_of, replica_reader_of
from api.http import Endpoint
from api.live.interests import Token, touched
from api.live.limits import Connections
from api.live.listeners import Listeners
from api.live.shared import SharedStreams
from api.live.sse import EventStreams
from api.live.websocket import WebSockets
from api.operations import Operations
from api.reading import Reading
from api.schema import schema
from api.settings import Settings
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
    context = Context(log, views, reading, listeners, settings.recorder, settings.position_timeout)
    queries = Reading(made._schema, replica, settings) if replica else reading
    results = Results(settings.result_cache) if settings.result_cache else None
    return Operations(made, context, queries, results)


def create_app(system: System) -> Starlette:
    """The application that serves an opened system; `state.stopping`, an event, ends its streams."""
    settings, reader = system.settings, reader_of(system.file)
    replica = replica_reader_of(system.replica, system.file)
    operations = operations_of(system.log, system.views, reader, settings, replica)
    documents = Documents.of(settings, operations.document)
    connections = Connections(settings.connections_per_address)
    streams = EventStreams(operations, connections, settings)
    shared = SharedStreams(operations, connections, settings, streams.stopping)
    endpoint = Endpoint(operations, documents, streams, shared, graphiql=settings.explorable)
    sockets = WebSockets(operations, documents, connections, settings)

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

    app = Starlette(
        routes=[
            *([] if settings.trusted_only else pages.routes(graphiql=settings.graphiql)),
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", sockets.talk),
            Route("/healthz", healthy),
            Route("/readyz", ready),
        ],
        lifespan=lifespan,
    )
    app.state.stopping = streams.stopping
    return app
