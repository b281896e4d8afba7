"""How does GraphQL travel over HTTP?  The one endpoint: what it accepts, what it refuses, and in which form it answers.

A request that is no GraphQL request gets a 4xx and an error that says what would be right.  A query is answered in JSON by everybody who
accepts that; by server-sent events goes what is followed, and what is asked by those who accept nothing else.
"""

from typing import Any, Final

import orjson
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response

from api import pages
from api.errors import BadDocument, error
from api.live.accepting import GRAPHQL_RESPONSE, JSON, Accepted
from api.live.shared import SharedStreams, token_of
from api.live.sse import EventStreams
from api.operations import Operations
from api.requests import MAX_BODY, Asked, BadRequest, asked_by, parsed

METHODS: Final = ("DELETE", "GET", "POST", "PUT")
"""PUT and DELETE are for event streams that operations share."""
NOT_ALLOWED: Final = 405


class Endpoint:
    """Answers GraphQL requests over HTTP."""

    def __init__(
        self, operations: Operations, streams: EventStreams, shared: SharedStreams
    ) -> None:
        self._operations, self._streams, self._shared = operations, streams, shared

    async def answer(self, request: Request) -> Response:
        """Answer a request; a browser that asks for a page gets GraphiQL."""
        header = request.headers.get("accept", "")
        if request.method == "GET" and "text/html" in header:
            return await pages.graphiql(request)
        accepted = Accepted(header)
        media_type = accepted.json or JSON
        shares = request.method == "PUT" or token_of(request) is not None
        try:
            if shares:
                return await self._share(request, accepted)
            return await self._answer(request, accepted)
        except BadDocument as bad:
            status = 400 if media_type == GRAPHQL_RESPONSE or shares else 200
            body = orjson.dumps({"errors": bad.errors})
        except BadRequest as bad:
            status, body = bad.status, orjson.dumps({"errors": [error(bad.message, bad.code)]})
        return _response(body, media_type, status)

    async def _answer(self, request: Request, accepted: Accepted) -> Response:
        asked = asked_by(await _parameters(request))
        only_events = accepted.events and accepted.json is None
        try:
            kind = self._operations.kind(asked)
        except BadDocument:
            if only_events:  # and for no status: EventSource does not show the body of a refusal
                return self._streams.follow(request, asked)
            raise
        if kind is OperationType.MUTATION and request.method == "GET":
            raise BadRequest("GET only reads; send mutations with POST", NOT_ALLOWED)
        if only_events or (kind is OperationType.SUBSCRIPTION and accepted.events):
            return self._streams.follow(request, asked)
        if kind is OperationType.SUBSCRIPTION:
            raise BadRequest(
                "subscriptions run over a WebSocket, with the protocol graphql-transport-ws, "
                "or as server-sent events, with `Accept: text/event-stream`"
            )
        answer = await self._operations.answer(asked)
        return _response(answer.body, accepted.json or JSON)

    async def _share(self, request: Request, accepted: Accepted) -> Response:
        token = token_of(request) or ""
        if request.method == "PUT":
            return self._shared.reserve(request)
        if request.method == "DELETE":
            return self._shared.stop(request, token)
        if request.method == "GET" and accepted.events and accepted.json is None:
            return self._shared.open(token)
        asked: Asked = asked_by(await _parameters(request))
        return self._shared.start(request, token, asked)


async def _parameters(request: Request) -> Any:
    if request.method == "GET":
        given: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if given.get(name):
                given[name] = parsed(given[name].encode("utf-8", "surrogatepass"), name)
        return given
    if request.method != "POST":
        raise BadRequest("send queries with GET or POST", NOT_ALLOWED)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise BadRequest(
            f"the content type must be {JSON}, not {content_type or 'left out'!r}", 415
        )
    return parsed(await _body(request), "the body")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadRequest(f"a request has at most {MAX_BODY} bytes", 413)
    return bytes(body)


def _response(body: bytes, media_type: str, status: int = 200) -> Response:
    headers = {"Vary": "Accept"}
    if status == NOT_ALLOWED:
        headers["Allow"] = ", ".join(METHODS)
    return Response(body, status, headers, f"{media_type}; charset=utf-8")
