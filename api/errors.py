"""How is an error of GraphQL shown?  With a code for programs and a short message; what is our own fault is masked."""

from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError

from events.refusals import Refusal

INVALID: Final = "INVALID_GRAPHQL"
MEANINGS: Final = {
    INVALID: "The document or its variables are not valid; the message and the place say why.",
    "INTERNAL": "Something went wrong inside; it is no fault of the request.",
}
"""What the codes mean that are no refusal's own."""

MAX_MESSAGE: Final = 400
"""Characters that the message of an error may have; what it repeats of the request can be long."""

Shown = dict[str, Any]
"""An error as it is sent: message, extensions.code, and where they are known locations and path."""


class BadDocument(Exception):
    """The document or the variables of an operation are not valid."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        super().__init__()
        self.errors = [_invalid(error) for error in errors]


def error(message: str, code: str) -> Shown:
    """An error that has no place in a document."""
    return {"message": short(message), "extensions": {"code": code}}


def shown(error: GraphQLError) -> Shown:
    """An error of execution: a refusal with its code, a mistake in the document as it is, all else masked."""
    original = error.original_error
    if isinstance(original, Refusal):
        return {**error.formatted, "extensions": {"code": original.code}}
    if original is None or isinstance(original, GraphQLError):
        return _invalid(error)
    return {**error.formatted, **INTERNAL}


def short(message: str) -> str:
    """A message that is not too long to be shown."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]} …"


def _invalid(error: GraphQLError) -> Shown:
    message = short(error.message)
    extensions = {"code": INVALID, **(error.extensions or {})}
    return {**error.formatted, "message": message, "extensions": extensions}


INTERNAL: Final = error("something went wrong inside", "INTERNAL")
"""What is shown of a bug."""
