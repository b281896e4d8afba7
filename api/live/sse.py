"""How is an operation followed by server-sent events?  By a stream of its own: the protocol GraphQL over SSE, distinct connections.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.  Every result of a subscription has its cursor as
`id`; a client that reconnects says by `Last-Event-ID` which one it saw last, as EventSource does by itself, and gets all since, once.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import ExitStack, aclosing
from functools import partial

import orjson
from starlette.requests import Request

from api.access.authentication import Authentication
from api.access.callers import Caller
from api.errors import BadDocument, internal
from api.live.limits import Connections
from api.live.stream import EventStream, event
from api.operations import Operations
from api.requests import Asked, BadRequest
from api.settings import Settings
from projections.reading.cursors import BadCursor
from projections.reading.places import Place


class EventStreams:
    """The event streams that have one operation each."""

    def __init__(
        self,
        operations: Operations,
        connections: Connections,
        authentication: Authentication,
        settings: Settings,
    ) -> None:
        self._operations, self._connections, self._settings = operations, connections, settings
        self._authentication = authentication
        self.stopping = asyncio.Event()
        """Set when the server stops, which ends all streams."""

    def follow(self, request: Request, asked: Asked, caller: Caller) -> EventStream:
        """A stream of all results of an operation.  Raises BadRequest."""
        events = events_of(self._operations, asked, caller, since(request))
        return self._admitted(request, events, caller)

    def refuse(self, request: Request, refused: BadDocument, caller: Caller) -> EventStream:
        """A stream that says why there is nothing to follow.  Raises BadRequest."""
        return self._admitted(request, _refusal(refused), caller)

    def _admitted(
        self, request: Request, events: AsyncGenerator[bytes], caller: Caller
    ) -> EventStream:
        held = ExitStack()
        held.enter_context(self._connections.admitted(request))
        return self.stream(events, caller, held)

    def stream(self, events: AsyncGenerator[bytes], caller: Caller, held: ExitStack) -> EventStream:
        """A stream of events, which ends with the caller."""
        return EventStream(events, self._settings.keep_alive, self.ends(caller), held)

    def ends(self, caller: Caller) -> Iterable[Callable[[], Awaitable[object]]]:
        """What ends a stream besides its client: the server stops, or the caller's token does not hold any more."""
        return self.stopping.wait, partial(self._authentication.lost, caller)


async def events_of(
    operations: Operations,
    asked: Asked,
    caller: Caller,
    since: str | None,
    id_: str | None = None,
) -> AsyncGenerator[bytes]:
    """All results of an operation as events, the errors that hinder it among them; with its id, if several share a stream."""
    try:
        async with aclosing(operations.answers(asked, caller, since)) as answers:
            async for answer in answers:
                yield event("next", _of(id_, answer.body), answer.cursor)
    except BadDocument as error:
        yield event("next", _of(id_, orjson.dumps({"errors": error.errors})))
    except Exception as error:  # noqa: BLE001 - it is logged where it is masked
        yield event("next", _of(id_, orjson.dumps({"errors": [internal(error)]})))
    yield event("complete", b"" if id_ is None else orjson.dumps({"id": id_}))


async def _refusal(refused: BadDocument) -> AsyncGenerator[bytes]:
    yield event("next", orjson.dumps({"errors": refused.errors}))
    yield event("complete")


def since(request: Request) -> str | None:
    """The last cursor that a client says to have seen, if it says so.  Raises BadRequest."""
    given = request.headers.get("last-event-id", "")
    if not given:
        return None
    try:
        return str(Place.parse(given))
    except BadCursor as bad:
        raise BadRequest(f"`Last-Event-ID`: {bad.message}") from None


def _of(id_: str | None, body: bytes) -> bytes:
    return body if id_ is None else b'{"id":%b,"payload":%b}' % (orjson.dumps(id_), body)
