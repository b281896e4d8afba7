"""How is an operation followed by server-sent events?  By a stream of its own: the protocol GraphQL over SSE, distinct connections.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.  Every result of a subscription has the position that it reflects as its
`id`; a client that reconnects says by `Last-Event-ID` which one it saw last, as EventSource does by itself, and gets all since, once.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from typing import Final

import orjson
from starlette.requests import Request

from api.errors import INTERNAL, BadDocument
from api.live.limits import Connections
from api.live.stream import EventStream, event
from api.operations import Operations
from api.requests import Asked, BadRequest
from api.settings import Settings

logger = logging.getLogger("communique")

LARGEST: Final = 2**53 - 1
"""The largest position that there can be."""


class EventStreams:
    """The event streams that have one operation each."""

    def __init__(
        self, operations: Operations, connections: Connections, settings: Settings
    ) -> None:
        self._operations, self._connections, self._settings = operations, connections, settings
        self.stopping = asyncio.Event()
        """Set when the server stops, which ends all streams."""

    def follow(self, request: Request, asked: Asked) -> EventStream:
        """A stream of all results of an operation.  Raises BadRequest."""
        events = events_of(self._operations, asked, since(request))
        held = ExitStack()
        held.enter_context(self._connections.admitted(request))
        return EventStream(events, self._settings.keep_alive, self.stopping, held)


async def events_of(
    operations: Operations, asked: Asked, since: int | None, id_: str | None = None
) -> AsyncGenerator[bytes]:
    """All results of an operation as events, the errors that hinder it among them; with its id, if several share a stream."""
    try:
        async with aclosing(operations.answers(asked, since)) as answers:
            async for answer in answers:
                yield event("next", _of(id_, answer.body), answer.position)
    except BadDocument as error:
        yield event("next", _of(id_, orjson.dumps({"errors": error.errors})))
    except Exception:
        logger.exception("an operation over an event stream broke off")
        yield event("next", _of(id_, orjson.dumps({"errors": [INTERNAL]})))
    yield event("complete", b"" if id_ is None else orjson.dumps({"id": id_}))


def since(request: Request) -> int | None:
    """The last position that a client says to have seen, if it says so.  Raises BadRequest."""
    given = request.headers.get("last-event-id", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and int(given[:17]) <= LARGEST):
        raise BadRequest(f"`Last-Event-ID` must be a position, not {given[:40]!r}")
    return int(given[:17])


def _of(id_: str | None, body: bytes) -> bytes:
    return body if id_ is None else b'{"id":%b,"payload":%b}' % (orjson.dumps(id_), body)
