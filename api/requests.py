"""What does a request ask?  An operation, by its document, name and variables; or it is refused with what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

Code = Literal[
    "BAD_REQUEST",
    "FORBIDDEN",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "INCREMENTAL_NOT_ACCEPTED",
    "BODY_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "TOO_MANY_CONNECTIONS",
    "TOO_MANY_OPERATIONS",
    "UNAUTHENTICATED",
    "NOT_PERMITTED",
    "AUTHENTICATION_UNAVAILABLE",
    "TOO_MANY_REQUESTS",
    "REQUEST_TIMEOUT",
    "STARTING",
]
MEANINGS: Final[Mapping[Code, tuple[str, str]]] = {
    "BAD_REQUEST": ("400, 404, 409", "The request is no GraphQL request, or names an event stream that there is not."),
    "FORBIDDEN": ("403", "The page is of another site; `COMMUNIQUE_ALLOWED_ORIGINS` names those that may ask."),
    "METHOD_NOT_ALLOWED": ("405", "The method does not do this; `Allow` names those that there are."),
    "NOT_ACCEPTABLE": ("406", "There is no answer in a form that `Accept` names."),
    "INCREMENTAL_NOT_ACCEPTED": ("406", "`@defer` or `@stream` makes an answer in parts, and `Accept` names no form of these."),
    "BODY_TOO_LARGE": ("413", "The body has too many bytes."),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "The body is in another form than JSON in UTF-8."),
    "TOO_MANY_CONNECTIONS": ("429", "The address has too many connections open: `COMMUNIQUE_CONNECTIONS_PER_ADDRESS`."),
    "TOO_MANY_OPERATIONS": ("429", "Too many operations run on the connection: `COMMUNIQUE_OPERATIONS_PER_CONNECTION`."),
    "UNAUTHENTICATED": ("401", "A token is needed, or the one that was sent does not hold; the message says why."),
    "NOT_PERMITTED": ("403", "The role of the token does not go that far; the message names those that do."),
    "AUTHENTICATION_UNAVAILABLE": ("503", "The keys that tokens are signed with cannot be had now; `Retry-After` says when to try again."),
    "TOO_MANY_REQUESTS": ("429", "The subject, or the address, asks too often: `COMMUNIQUE_REQUESTS_PER_MINUTE`."),
    "REQUEST_TIMEOUT": ("408", "The request did not arrive in time: `COMMUNIQUE_RECEIVE_TIMEOUT`."),
    "STARTING": ("503", "The server is starting, which may take long; `Retry-After` says when to try again."),
}  # fmt: skip
"""For each code, the statuses of HTTP with which it comes, and what it means."""


class BadRequest(Exception):
    """The request is no GraphQL request."""

    def __init__(self, message: str, status: int = 400, code: Code = "BAD_REQUEST") -> None:
        """`status` is that of HTTP."""
        super().__init__(message)
        self.message, self.status, self.code = message, status, code
        self.headers: Mapping[str, str] = {}
        """What else HTTP says of it."""


@dataclass(frozen=True)
class Asked:
    """What a request asks."""

    query: str
    """The document; empty while it is only named."""
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any] = field(default_factory=dict)
    document_id: str | None = None
    """By which the document is named, if it is not in the request."""


def parsed(text: bytes | str, what: str) -> Any:
    """The value of a JSON text.  Raises BadRequest."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is no JSON in UTF-8: {error}") from None


def asked_by(given: Any) -> Asked:
    """What the parameters of a request ask, as they are.  Raises BadRequest."""
    if not isinstance(given, dict):
        raise BadRequest(
            'the body must be an object: {"query": …, "variables": …, "operationName": …}'
        )
    query, name = given.get("query", ""), given.get("operationName")
    document_id = given.get("documentId")
    variables, extensions = _or_none(given.get("variables")), _or_none(given.get("extensions"))
    if not isinstance(query, str | None):
        raise BadRequest("`query` must be a GraphQL document")
    if not isinstance(document_id, str | None):
        raise BadRequest("`documentId` must be the id of a document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be the name of an operation in the document")
    if not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object")
    if not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be an object")
    return Asked(query or "", name or None, variables, extensions, document_id or None)


def _or_none(given: Any) -> Any:
    return {} if given is None else given
