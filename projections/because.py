"""Why does a view say so?  The grounds of every row: which event, by which rule, in which words."""

from functools import lru_cache
from typing import Any

from sqlmodel import Field

from events.canonical import canonical
from events.curation import Curated
from events.dates import parse
from events.record import Recorded
from events.values import Value, When, Word
from projections.json_columns import Json
from projections.versioned import Row, Versioned


class Effect(Word):
    """What an event did to what the view shows."""

    OPENED = "opened", "It made it true."
    CONFIRMED = "confirmed", "It said again, or more closely, what was true."
    CHANGED = "changed", "It put it right."
    CLOSED = "closed", "It ended it."


class Ground(Versioned):
    """Columns of every table that says why."""

    target: str | None = None
    """Key of the row that it is a ground of; none while it has no effect."""
    position: int
    """Position of the event."""
    report: str | None = None
    """Key of the report, if the event is one or is about one."""
    article: str | None = None
    """Slug of the quoted article."""
    evidence: str = Field(default="[]", sa_type=Json)
    """The quotes, as JSON."""
    effect: str | None = None
    """What the event did."""
    rule: str = Field(default="")
    """By which rule it did so, as a sentence."""


def decision(record: Recorded, event: Curated) -> dict[str, Any]:
    """What is told of a person's decision."""
    return {
        "position": record.position,
        "recorded_at": record.recorded_at,
        "reason": event.reason,
        "by": event.by,
    }


def json_text(value: Any) -> str:
    """A JSON value as it is kept in a column: canonical, so that equal values are equal texts."""
    return canonical(value).decode()


def json_of(value: Value | None) -> str | None:
    """A value of the vocabulary as it is kept in a column."""
    return None if value is None else json_text(value)


def dated(name: str, when: When | None) -> Row:
    """The columns that keep a date: itself, and the first and last day that it can mean."""
    earliest, latest = span(when)
    return {name: json_of(when), f"{name}_earliest": earliest, f"{name}_latest": latest}


def span(when: When | None) -> tuple[str | None, str | None]:
    """The first and the last day that a date can mean, as they are kept in columns; none where nothing bounds it."""
    return _days(when.edtf) if when else (None, None)


@lru_cache(maxsize=4096)
def _days(edtf: str) -> tuple[str | None, str | None]:
    date = parse(edtf)
    return (
        date.earliest.isoformat() if date.earliest else None,
        date.latest.isoformat() if date.latest else None,
    )


def quotes(evidence: tuple[Value, ...]) -> str:
    """Quotes as they are kept in a column."""
    return json_text(evidence)
