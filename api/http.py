"""How does GraphQL travel over HTTP?  The one endpoint: what it accepts, what it refuses, and in which form it answers.

A request that is no GraphQL request gets a 4xx and an error that says what would be right.  A query that is plain reading goes out as the
text that the database finished; all else goes through Strawberry's executor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import strawberry
from graphql import DocumentNode, GraphQLError, OperationType, get_operation_ast
from starlette.requests import Request
from starlette.responses import Response

from api import pages
from api.context import Context
from events.refusals import Refusal

MAX_BODY: Final = 4_000_000
"""Bytes that a request may have; an article's text is the largest thing that is sent."""
MAX_MESSAGE: Final = 400
"""Characters that the message of an error may have; what it repeats of the request can be long."""
JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"


class BadRequest(Exception):  # the client's mistake, shown as an error of GraphQL
    """The request is no GraphQL request."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class BadDocument(Exception):  # as above
    """The request is one, but its document or variables are not valid."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        super().__init__()
        self.errors = [
            {
                **error.formatted,
                "message": _short(error.message),
                "extensions": {"code": "INVALID_GRAPHQL"},
            }
            for error in errors
        ]


@dataclass(frozen=True)
class Asked:
    """What a request asks."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


class Endpoint:
    """Answers GraphQL requests over HTTP."""

    def __init__(self, schema: strawberry.Schema, context: Context) -> None:
        self._schema, self._context = schema, context

    async def answer(self, request: Request) -> Response:
        """Answer a request; a browser that asks for a page gets GraphiQL."""
        accepted = request.headers.get("accept", "")
        if request.method == "GET" and "text/html" in accepted:
            return await pages.graphiql(request)
        media_type = GRAPHQL_RESPONSE if GRAPHQL_RESPONSE in accepted else JSON
        try:
            asked = asked_by(await _parameters(request))
            status, body = 200, await self._answer(asked, read_only=request.method == "GET")
        except BadDocument as error:
            status = 400 if media_type == GRAPHQL_RESPONSE else 200
            body = orjson.dumps({"errors": error.errors})
        except BadRequest as error:
            status, body = (
                error.status,
                orjson.dumps({"errors": [_error(error.message, "BAD_REQUEST")]}),
            )
        headers = {"Vary": "Accept"} | ({"Allow": "GET, POST"} if status == 405 else {})  # noqa: PLR2004
        return Response(body, status, headers, f"{media_type}; charset=utf-8")

    async def _answer(self, asked: Asked, *, read_only: bool) -> bytes:
        reading = self._context.reading
        document = reading.document(asked.query)
        if document.ast is None or document.errors:
            raise BadDocument(document.errors)
        _check_operation(document.ast, asked.operation_name, read_only=read_only)
        try:
            answer = reading.answer(asked.query, asked.operation_name, asked.variables)
        except Refusal as refusal:
            return orjson.dumps({"errors": [_error(refusal.message, refusal.code)], "data": None})
        if isinstance(answer, list):
            raise BadDocument(answer)
        if answer is None:
            return await self._execute(asked)
        position, data = answer
        return b'{"data":%b,"extensions":{"position":%d}}' % (data.encode(), position)

    async def _execute(self, asked: Asked) -> bytes:
        result = await self._schema.execute(
            asked.query,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            context_value=self._context,
        )
        body: dict[str, Any] = (
            {"errors": [_shown(e) for e in result.errors]} if result.errors else {}
        )
        body |= {"data": result.data, "extensions": {"position": self._context.reading.position}}
        return orjson.dumps(body)


async def _parameters(request: Request) -> Any:
    if request.method == "GET":
        given: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if given.get(name):
                given[name] = _parsed(given[name].encode("utf-8", "surrogatepass"), name)
        return given
    if request.method != "POST":
        raise BadRequest("send queries with GET or POST", 405)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise BadRequest(
            f"the content type must be {JSON}, not {content_type or 'left out'!r}", 415
        )
    return _parsed(await _body(request), "the body")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadRequest(f"a request has at most {MAX_BODY} bytes", 413)
    return bytes(body)


def _parsed(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is no JSON in UTF-8: {error}") from None


def asked_by(given: Any) -> Asked:
    """What the parameters of a request ask.  Raises BadRequest."""
    if not isinstance(given, dict):
        raise BadRequest(
            'the body must be an object: {"query": …, "variables": …, "operationName": …}'
        )
    query, name = given.get("query"), given.get("operationName") or None
    variables = given.get("variables") or {}
    if not isinstance(query, str) or not query.strip():
        raise BadRequest("`query` must be a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be the name of an operation in the document")
    if not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object")
    return Asked(query, name, variables)


def _check_operation(document: DocumentNode, name: str | None, *, read_only: bool) -> None:
    operation = get_operation_ast(document, name)
    if operation is None:
        message = (
            f"the document has no operation {name!r}"
            if name
            else "say by `operationName` which operation to run"
        )
        raise BadDocument([GraphQLError(message)])
    if operation.operation is OperationType.SUBSCRIPTION:
        raise BadRequest(
            "subscriptions run over a WebSocket, with the protocol graphql-transport-ws"
        )
    if read_only and operation.operation is not OperationType.QUERY:
        raise BadRequest("GET only reads; send mutations with POST", 405)


def _error(message: str, code: str) -> dict[str, Any]:
    return {"message": _short(message), "extensions": {"code": code}}


def _short(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]} …"


def _shown(error: GraphQLError) -> dict[str, Any]:
    """An error of execution: a refusal with its code, a mistake in the document as it is, all else masked."""
    shown: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    if isinstance(original, Refusal):
        return {**shown, "extensions": {"code": original.code}}
    if original is None or isinstance(original, GraphQLError):
        message = _short(error.message)
        return {**shown, "message": message, "extensions": {"code": "INVALID_GRAPHQL"}}
    return {**shown, "message": "something went wrong inside", "extensions": {"code": "INTERNAL"}}
