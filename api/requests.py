"""What does a request ask?  An operation, by its document, name and variables; or it is refused with what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


class BadRequest(Exception):
    """The request is no GraphQL request."""

    def __init__(self, message: str, status: int = 400, code: str = "BAD_REQUEST") -> None:
        """`status` is that of HTTP."""
        super().__init__(message)
        self.message, self.status, self.code = message, status, code


@dataclass(frozen=True)
class Asked:
    """What a request asks."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any] = field(default_factory=dict)


def parsed(text: bytes | str, what: str) -> Any:
    """The value of a JSON text.  Raises BadRequest."""
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
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = _or_none(given.get("variables")), _or_none(given.get("extensions"))
    if not isinstance(query, str) or not query.strip():
        raise BadRequest("`query` must be a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be the name of an operation in the document")
    if not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object")
    if not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be an object")
    return Asked(query, name or None, variables, extensions)


def _or_none(given: Any) -> Any:
    return {} if given is None else given
