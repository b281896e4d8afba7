"""What do all views share?  Dates, quotes, and the grounds that say why."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table

from projections.reading.fields import At, Fields, Inside, Items, Many, One, Scalar, Sql, View
from projections.reading.json_sql import inside, literal
from projections.reading.statement import Statement


def column(name: str, form: Any = "text") -> Scalar:
    """A column of the row."""
    return Scalar(lambda _, at: at.c[name], form)


def member(name: str, form: Any = "text") -> Scalar:
    """A member of the JSON object."""
    return Scalar(lambda _, at: inside(value_of(at), name), form)


def global_id(type_: str) -> Scalar:
    """The id of a node: its type and its key."""
    return Scalar(lambda _, at: literal(f"{type_}:").op("||")(at.c.key), "word")


def by_key(name: str, of: Callable[[Any], Sql] | None = None) -> Any:
    """The row whose key a column holds."""
    return lambda _, c, at: c.key == (at.c[name] if of is None else of(at))


def when(value: Callable[[At], Sql], earliest: str, latest: str) -> Inside:
    """A date with its role, its basis, and the days that it can mean."""

    def fields() -> Fields:
        return {
            "edtf": member("edtf"),
            "role": member("role", "enum"),
            "basis": member("basis", "enum"),
            "reason": member("reason"),
            "earliest": Scalar(lambda _, at: at.c[earliest]),
            "latest": Scalar(lambda _, at: at.c[latest]),
        }

    return Inside(fields, value)


def evidence(array: Callable[[At], Sql]) -> Items:
    """Quotes, each with the article that they stand in."""

    def fields() -> Fields:
        return {
            "article": One("Article", by_key("article")),
            "exact": member("exact"),
            "prefix": member("prefix"),
            "suffix": member("suffix"),
            "start": member("start", "number"),
            "end": member("end", "number"),
        }

    return Items(array, fields)


def because(grounds: Table) -> Many:
    """The grounds of a row, in the order in which they were recorded."""
    return Many(
        "Because",
        lambda _, c, at: c.target == at.c.key,
        lambda c: [c.position, c.key],
        grounds,
    )


def because_view(grounds: Table) -> View:
    """How a ground is shown; every table of grounds has the same columns."""

    def fields() -> Fields:
        return {
            "event": One("Report", by_key("report")),
            "entry": One("LogEntry", _entry),
            "effect": column("effect", "enum"),
            "rule": column("rule"),
            "evidence": evidence(lambda at: at.c.evidence),
        }

    return View("Because", grounds, fields)


def _entry(_: Statement, c: Any, at: At) -> Sql:
    return c.position == at.c.position


def value_of(at: At) -> Sql:
    """The JSON object that a member is described of."""
    assert at.value is not None  # noqa: S101 - members are only described of JSON objects
    return at.value
