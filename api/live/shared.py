"""How do many operations share one event stream?  By reservation: the protocol GraphQL over SSE, single connection.

PUT reserves a stream and gives its token, which all that follows names: GET opens the stream, POST starts an operation on it, and
DELETE stops one.  Whoever has not opened a stream after a while has to reserve another one.  To others than who reserved it, there is none.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.access.callers import Caller
from api.live.limits import Connections, too_many_operations
from api.live.messages import MAX_ID
from api.live.sse import EventStreams, events_of, since
from api.operations import Operations
from api.requests import Asked, BadRequest
from api.settings import Settings

TOKEN: Final = "X-GraphQL-Event-Stream-Token"  # noqa: S105 - the name of the header


def token_of(request: Request) -> str | None:
    """The token that a request names, if it does."""
    if token := request.headers.get(TOKEN):
        return token
    return request.query_params.get("token") if request.scope["query_string"] else None


class Reserved:
    """A reserved stream: what runs on it, and the one event that waits to be taken."""

    def __init__(self, owner: Caller) -> None:
        self.owner, self.held = owner, ExitStack()
        self.is_open = False
        self.running: dict[str, asyncio.Task[None]] = {}
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(1)

    async def events(self) -> AsyncGenerator[bytes]:
        """The events of all operations, without end."""
        while True:
            yield await self._waiting.get()

    async def run(self, id_: str, events: AsyncGenerator[bytes]) -> None:
        try:
            async for event in events:
                await self._waiting.put(event)
        finally:
            await events.aclose()
            if self.running.get(id_) is asyncio.current_task():
                del self.running[id_]

    def close(self) -> None:
        for task in self.running.values():
            task.cancel()


class SharedStreams:
    """The event streams that operations share."""

    def __init__(
        self,
        operations: Operations,
        connections: Connections,
        streams: EventStreams,
        settings: Settings,
    ) -> None:
        self._operations, self._connections, self._settings = operations, connections, settings
        self._streams = streams
        self._reserved: dict[str, Reserved] = {}

    def reserve(self, request: Request, caller: Caller) -> Response:
        """Reserve a stream; the answer is its token.  Raises BadRequest."""
        token, reserved = secrets.token_urlsafe(24), Reserved(caller)
        reserved.held.enter_context(self._connections.admitted(request))
        reserved.held.callback(reserved.close)
        reserved.held.callback(self._reserved.pop, token)
        self._reserved[token] = reserved
        expiry = asyncio.get_running_loop().call_later(
            self._settings.init_timeout, self._expire, reserved
        )
        reserved.held.callback(expiry.cancel)
        return PlainTextResponse(token, 201)

    def open(self, token: str, caller: Caller) -> Response:
        """Open a reserved stream.  Raises BadRequest."""
        reserved = self._find(token, caller)
        if reserved.is_open:
            raise BadRequest("the stream is open already; reserve another one", 409)
        reserved.is_open = True
        return self._streams.stream(reserved.events(), caller, reserved.held)

    def start(self, request: Request, token: str, asked: Asked, caller: Caller) -> Response:
        """Start an operation that the caller may run, whose results go to the stream.  Raises BadRequest."""
        reserved, id_ = self._find(token, caller), _id(asked.extensions.get("operationId"))
        running = reserved.running
        if id_ in running:
            raise BadRequest("an operation of this id is running on the stream", 409)
        if len(running) >= self._settings.operations_per_connection:
            raise too_many_operations(self._settings.operations_per_connection)
        events = events_of(self._operations, asked, caller, since(request), id_)
        running[id_] = asyncio.create_task(reserved.run(id_, events))
        return Response(status_code=202)

    def stop(self, request: Request, token: str, caller: Caller) -> Response:
        """Stop an operation, if it is running.  Raises BadRequest."""
        id_ = _id(request.query_params.get("operationId"))
        if task := self._find(token, caller).running.pop(id_, None):
            task.cancel()
        return Response(status_code=200)

    def _find(self, token: str, caller: Caller) -> Reserved:
        reserved = self._reserved.get(token)
        if reserved is None or reserved.owner.name != caller.name:
            raise BadRequest("no stream is reserved under this token; PUT reserves one", 404)
        return reserved

    def _expire(self, reserved: Reserved) -> None:
        if not reserved.is_open:
            reserved.held.close()


def _id(given: Any) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= MAX_ID:
        raise BadRequest(f"`operationId` must be a text of 1 to {MAX_ID} characters")
    return given
