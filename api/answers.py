"""What is a result of an operation?  Finished JSON, and what those who pass it on have to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.errors import Shown, shown

Told = dict[str, int]
"""A cost as it is told: what was estimated, and the limit."""


@dataclass(frozen=True)
class Answer:
    """A result of an operation."""

    body: bytes
    """The result as JSON: data, errors, extensions."""
    cursor: str | None = None
    """Where a subscription continues after it, if it has data."""
    errors: Sequence[Shown] = ()
    """Why it has no data."""
    position: int | None = None
    """The position that it reflects, if it follows from that and from what was asked."""
    settled: bool = False
    """Whether its data are the same for ever."""


def answered(result: Any, cursor: str, extensions: dict[str, Any]) -> Answer:
    """What an executor gives, Strawberry's or that of graphql-core."""
    errors = [shown(each) for each in result.errors or ()]
    body: dict[str, Any] = {"errors": errors} if errors else {}
    body |= {"data": result.data, "extensions": extensions}
    return Answer(orjson.dumps(body), cursor, errors if result.data is None else ())


def failed(errors: Sequence[Shown]) -> Answer:
    """A result without data."""
    return Answer(orjson.dumps({"errors": errors, "data": None}), errors=errors)


def reflecting(cost: Told | None, **extensions: Any) -> dict[str, Any]:
    """The extensions of a result: what it reflects, and its cost if that is told."""
    return {**extensions, "cost": cost} if cost else extensions
