"""How does GraphQL travel over HTTP?  The one endpoint: what it accepts, what it refuses, and in which form it answers.

https://graphql.github.io/graphql-over-http/draft/.  A request that is no GraphQL request gets a 4xx and an error that says what would be
right.  A query is answered in JSON by everybody who accepts that; by server-sent events goes what is followed, and what is asked by
those who accept nothing else.  A query of which something is put off is answered in parts, by whichever of the two its client accepts.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import conditional, pages
from api.access.callers import Caller
from api.access.door import Door
from api.bodies import body_of
from api.calls import Call
from api.documents.resolving import Documents
from api.errors import BadDocument, error, internal
from api.live.accepting import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    MULTIPART,
    NEWER,
    OLDER,
    Accepted,
    accepted_by,
)
from api.live.multipart import MultipartAnswers, media_type
from api.live.shared import SharedStreams, token_of
from api.live.sse import EventStreams
from api.operations import Operations
from api.requests import Asked, BadRequest, parsed
from api.settings import Settings
from api.telemetry.work import current

METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
"""PUT and DELETE are for event streams that operations share."""
ALLOW: Final = {"Allow": ", ".join(METHODS)}
VARY: Final = {"Vary": "Accept, Authorization"}
NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""For what is refused: what is not found now may be sent next."""
READING: Final = ("GET", "HEAD")
NO_MORE: Final[Mapping[str, str]] = {}


class Endpoint:
    """Answers GraphQL requests over HTTP."""

    def __init__(
        self,
        operations: Operations,
        documents: Documents,
        streams: EventStreams,
        shared: SharedStreams,
        multipart: MultipartAnswers,
        door: Door,
        settings: Settings,
    ) -> None:
        self._operations, self._documents = operations, documents
        self._streams, self._shared, self._multipart = streams, shared, multipart
        self._door, self._graphiql = door, settings.explorable
        self._most = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with any method."""
        request = Request(scope, receive, send)
        response = await self.answer(request)
        if request.method == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=ALLOW)
        accepted = accepted_by(request.headers.get("accept", ""))
        if self._graphiql and request.method in READING and accepted.page:
            return await pages.graphiql(request)
        media_type = accepted.json or JSON
        shares = request.method == "PUT" or token_of(request) is not None
        try:
            caller = await self._door.entered(request)
            current().subject = caller.subject or None
            if shares:
                return await self._share(request, accepted, caller)
            return await self._answer(request, accepted, caller)
        except BadDocument as bad:
            status = 400 if media_type == GRAPHQL_RESPONSE or shares else 200
            body = orjson.dumps({"errors": bad.errors})
        except BadRequest as bad:
            body = orjson.dumps({"errors": [error(bad.message, bad.code)]})
            return _response(body, media_type, bad.status, {**bad.headers, **NOT_KEPT})
        except ClientDisconnect:  # nobody is there to read why
            return Response(status_code=408)
        except Exception as bug:  # noqa: BLE001 - it is logged where it is masked
            status, body = 500, orjson.dumps({"errors": [internal(bug)]})
        return _response(body, media_type, status, NOT_KEPT)

    async def _answer(self, request: Request, accepted: Accepted, caller: Caller) -> Response:
        only_events = accepted.events and accepted.json is None
        if accepted.json is None and not (accepted.events or accepted.parts):
            known = f"{JSON}, {GRAPHQL_RESPONSE} or {EVENT_STREAM}"
            raise BadRequest(f"there is no answer but as {known}", 406, "NOT_ACCEPTABLE")
        parameters = await self._parameters(request)
        try:
            asked = self._documents.asked_by(parameters)
            call = self._operations.call(asked, caller)
        except BadDocument as bad:
            if only_events:  # and for no status: EventSource does not show the body of a refusal
                return self._follow(request, bad, caller)
            raise
        _refuse_writing(call.kind, request)
        call.permit()
        if only_events or (call.kind is OperationType.SUBSCRIPTION and accepted.events):
            return self._follow(request, asked, caller)
        if call.kind is OperationType.SUBSCRIPTION:
            raise BadRequest(
                "subscriptions run over a WebSocket, with the protocol graphql-transport-ws, "
                "or as server-sent events, with `Accept: text/event-stream`"
            )
        if accepted.json is None or self._operations.comes_in_parts(call):
            return await self._in_parts(request, asked, caller, accepted)
        if request.method in READING:
            return await self._get(request, call, accepted.json)
        answer = await self._operations.answer(call)
        return _response(answer.body, accepted.json)

    async def _in_parts(
        self, request: Request, asked: Asked, caller: Caller, accepted: Accepted
    ) -> Response:
        form = accepted.parts
        if form and request.method == "HEAD":
            return Response(media_type=media_type(form))
        if form:
            return await self._multipart.answer(request, asked, caller, form)
        if accepted.events:
            return self._follow(request, asked, caller)
        raise BadRequest(
            "`@defer` and `@stream` make an answer in parts; accept it as "
            f"`{MULTIPART};{NEWER}`, `{MULTIPART};{OLDER}` or {EVENT_STREAM}, or leave them out",
            406,
            "INCREMENTAL_NOT_ACCEPTED",
        )

    async def _get(self, request: Request, call: Call, media_type: str) -> Response:
        """The answer to a query that may be kept; not even read if the client has got it already."""
        question = conditional.question(call.asked, call.caller, media_type)
        known = request.headers.get("if-none-match", "")
        if known and (newest := self._operations.newest(call)) is not None:
            tag = conditional.tag(newest, question)
            if conditional.has(known, tag):
                return Response(status_code=304, headers={**VARY, "ETag": tag})
        answer = await self._operations.answer(call)
        response = _response(answer.body, media_type)
        if answer.position is not None:
            kept = conditional.FOR_EVER if answer.settled else conditional.CHECKED
            response.headers["Cache-Control"] = kept
            response.headers["ETag"] = conditional.tag(answer.position, question)
        return response

    def _follow(self, request: Request, asked: Asked | BadDocument, caller: Caller) -> Response:
        if request.method == "HEAD":
            return Response(media_type=EVENT_STREAM)
        if isinstance(asked, BadDocument):
            return self._streams.refuse(request, asked, caller)
        return self._streams.follow(request, asked, caller)

    async def _share(self, request: Request, accepted: Accepted, caller: Caller) -> Response:
        token = token_of(request) or ""
        if request.method == "PUT":
            return self._shared.reserve(request, caller)
        if request.method == "DELETE":
            return self._shared.stop(request, token, caller)
        if request.method == "GET" and accepted.events and accepted.json is None:
            return self._shared.open(token, caller)
        if request.method == "HEAD":
            raise _not_allowed("HEAD neither opens a stream nor starts anything on one")
        asked = self._documents.asked_by(await self._parameters(request))
        call = self._operations.call(asked, caller)
        _refuse_writing(call.kind, request)
        call.permit()
        return self._shared.start(request, token, asked, caller)

    async def _parameters(self, request: Request) -> Any:
        if request.method in READING:
            given: dict[str, Any] = dict(request.query_params)
            for name in ("variables", "extensions"):
                if text := given.pop(name, ""):
                    given[name] = parsed(text.encode("utf-8", "surrogatepass"), name)
            return given
        if request.method != "POST":
            raise _not_allowed("send queries with GET or POST")
        return await body_of(request, self._most)


def _refuse_writing(kind: OperationType, request: Request) -> None:
    if kind is OperationType.MUTATION and request.method in READING:
        raise _not_allowed("GET only reads; send mutations with POST")


def _not_allowed(message: str) -> BadRequest:
    refused = BadRequest(message, 405, "METHOD_NOT_ALLOWED")
    refused.headers = ALLOW
    return refused


def _response(
    body: bytes, media_type: str, status: int = 200, more: Mapping[str, str] = NO_MORE
) -> Response:
    return Response(body, status, {**VARY, **more}, f"{media_type}; charset=utf-8")
