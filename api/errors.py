"""How is an error of GraphQL shown?  With a code for programs and a short message; what is our own fault is masked.

Such a fault is logged, and shown with the `requestId` by which the line is found.
"""

import logging
from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError

from api.telemetry.work import current
from events.refusals import LogDamaged, LogUnavailable, Refusal

INVALID: Final = "INVALID_GRAPHQL"
MEANINGS: Final = {
    INVALID: "The document or its variables are not valid; the message and the place say why.",
    "INTERNAL": "Something went wrong inside; it is no fault of the request.",
}
"""What the codes mean that are no refusal's own."""

FAULTS: Final = frozenset({LogDamaged.code, LogUnavailable.code})
"""Codes of the refusals that are no client's fault: an operator must do something."""

MAX_MESSAGE: Final = 400
"""Characters that the message of an error may have; what it repeats of the request can be long."""

Shown = dict[str, Any]
"""An error as it is sent: message, extensions.code, and where they are known locations and path."""


logger = logging.getLogger("communique")


class BadDocument(Exception):
    """The document or the variables of an operation are not valid."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        super().__init__()
        self.errors = [_invalid(error) for error in errors]


def error(message: str, code: str) -> Shown:
    """An error that has no place in a document."""
    current().refused = True
    return {"message": short(message), "extensions": {"code": code}}


def shown(error: GraphQLError) -> Shown:
    """An error of execution: a refusal with its code, a mistake in the document as it is, all else masked."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return _invalid(error)
    of_this = refused(original) if isinstance(original, Refusal) else internal(original)
    return {**error.formatted, **of_this}


def refused(refusal: Refusal) -> Shown:
    """A refusal with its code."""
    this = error(refusal.message, refusal.code)
    if log_fault(refusal):
        this["extensions"]["requestId"] = current().id
    return this


def internal(cause: Exception) -> Shown:
    """What is shown of a bug, whatever it is."""
    logger.error("something went wrong inside", exc_info=cause)
    this, work = error("something went wrong inside", "INTERNAL"), current()
    work.failed, this["extensions"]["requestId"] = True, work.id
    return this


def log_fault(refusal: Refusal) -> bool:
    """Log a refusal if it is our own fault; gives whether it is."""
    is_ours = refusal.code in FAULTS
    if is_ours:
        logger.warning("%s: %s", refusal.code, refusal.message)
        current().failed = True
    return is_ours


def short(message: str) -> str:
    """A message that is not too long to be shown."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]} …"


def _invalid(error: GraphQLError) -> Shown:
    current().refused = True
    message = short(error.message)
    extensions = {"code": INVALID, **(error.extensions or {})}
    return {**error.formatted, "message": message, "extensions": extensions}
