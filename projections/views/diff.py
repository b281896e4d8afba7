"""What changed between two positions?  A list of the nodes that came, went, or say something else."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import CTE, case, column, select, table
from sqlalchemy.types import BigInteger, String

from events.refusals import Refusal
from projections.reading.fields import At, Fields, Many, Nodes, Order, Page, Sql, Then, View
from projections.reading.functions import array, integer, lesser
from projections.reading.json_sql import literal
from projections.reading.members import members
from projections.reading.selection import Param
from projections.reading.statement import Statement
from projections.views.common import column as shown
from projections.views.comparing import Change, differences
from projections.views.filters import one_of, param


class BadSpan(Refusal):
    """The span ends before it begins."""

    code = "BAD_SPAN"


DIFFERENCES: Final = table(
    "differences",
    column("type", String),
    column("key", String),
    column("id", String),
    column("change", String),
    column("position", BigInteger),
    column("causes", String),
)
"""The columns that `differences` gives."""


def _made(s: Statement, at: At) -> CTE:
    """The differences between the position of the argument `from` and the moment that is read."""
    return differences(s, _start(s, at)).cte(s.name())


def _start(s: Statement, at: At) -> Sql:
    return s.bind(param(at.arguments["from"]), None, BigInteger())


def _end(s: Statement, at: At) -> Sql | None:
    """The position of the argument `to`, as far as the views have come; else the moment that is read."""
    to = at.arguments.get("to")
    if not isinstance(to, Param):
        return s.moment
    end = s.bind(to, _in_order, BigInteger(), param(at.arguments["from"]))
    return lesser(end, s.present if s.moment is None else s.moment)


def _in_order(end: int, start: int) -> int:
    if start > end:
        raise BadSpan(f"the span ends at {end}, before it begins at {start}; exchange the two")
    return end


def _fields() -> Fields:
    return {
        "change": shown("change", "enum"),
        "before": Then(Nodes(_unless(Change.ADDED), many=False), _start),
        "after": Nodes(_unless(Change.REMOVED), many=False),
        "position": shown("position", "number"),
        "causes": Many("LogEntry", _is_cause, lambda c: [c.position]),
    }


def _unless(change: Change) -> Callable[[Statement, At], Sql]:
    """The type and key of the node, but of none after that change."""

    def ids(_: Statement, at: At) -> Sql:
        type_ = case((at.c.change == literal(change), literal("")), else_=at.c.type)
        return array(array(type_, at.c.key))

    return ids


def _is_cause(_: Statement, c: Any, at: At) -> Sql:
    return c.position.in_(select(integer(members(at.c.causes, "cause").c.value)))


VIEW = View("Difference", DIFFERENCES, _fields, versioned=False)

SPAN = Then(
    Page(
        "Difference",
        {"POSITION": Order(lambda c: [c.position, c.id])},
        filters={"types": one_of("type"), "changes": one_of("change")},
        made=_made,
    ),
    _end,
)
"""The argument `to` is the moment that the page is read as of: so its cursors hold it, and what stands below is as it was then."""
