"""What changed between two positions?  The nodes that came, went, or say something else.

Candidates are the keys of versions that begin or end in the span, which indexes find; each is compared at its two ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CTE,
    Table,
    and_,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    union_all,
)
from sqlalchemy.types import BigInteger, String

from events.refusals import Refusal
from events.values import Word
from projections.commissions import Commission
from projections.reading.fields import At, Fields, Many, Nodes, Order, Page, Sql, Then, View
from projections.reading.json_sql import literal
from projections.reading.selection import Param
from projections.reading.statement import Statement
from projections.versioned import BOOKKEEPING, OPEN, table_of
from projections.views import actors, articles, commissions, relations, reports
from projections.views.common import column as shown
from projections.views.filters import ACTORS, one_of, param


class BadSpan(Refusal):
    """The span ends before it begins."""

    code = "BAD_SPAN"


class Change(Word):
    """What happened to a node between two positions."""

    ADDED = "added", "It is there after the span, and was not before."
    CHANGED = "changed", "It says something else than before."
    REMOVED = "removed", "It was there before the span, and is not after."


@dataclass(frozen=True)
class Compared:
    """A type of node whose states are compared."""

    type: str
    table: Table
    parts: Table | None = None
    """Rows that are shown as a list within the node."""
    owner: str = ""
    """The column of the parts that has the node's key."""
    stands: Callable[[Any], Sql] = lambda _: true()
    """Whether a row (its columns) is shown as a node of its own."""


COMPARED: Final = (
    Compared("Actor", ACTORS, actors.ALIASES, "actor", actors.stands),
    Compared("Article", articles.ARTICLES),
    Compared("Commission", table_of(Commission), commissions.SEATS, "commission"),
    Compared("Relation", relations.RELATIONS),
    Compared("Report", reports.REPORTS, reports.DISPUTES, "report"),
)

NOT_SHOWN: Final = BOOKKEEPING | {"day", "said", "opened_day", "merged_first"}
"""Columns of a node in which nobody sees a difference."""
NOT_SHOWN_OF_PARTS: Final = BOOKKEEPING | {"key", "position"}

DIFFERENCES: Final = table(
    "differences",
    column("type", String),
    column("key", String),
    column("id", String),
    column("change", String),
    column("position", BigInteger),
    column("causes", String),
)
"""What `_made` gives."""


def _made(s: Statement, at: At) -> CTE:
    """The differences between the position of the argument `from` and the moment that is read."""
    start = _start(s, at)
    return union_all(*(_differing(s, each, start) for each in COMPARED)).cte(s.name())


def _start(s: Statement, at: At) -> Sql:
    return s.bind(param(at.arguments["from"]), None, BigInteger())


def _end(s: Statement, at: At) -> Sql | None:
    """The position of the argument `to`, as far as the views have come; none for the present."""
    to = at.arguments.get("to")
    if not isinstance(to, Param):
        return None
    end = s.bind(to, _in_order, BigInteger(), param(at.arguments["from"]))
    return func.min(end, s.present)


def _in_order(end: int, start: int) -> int:
    if start > end:
        raise BadSpan(f"the span ends at {end}, before it begins at {start}; exchange the two")
    return end


def _differing(s: Statement, each: Compared, start: Sql) -> Any:
    """The nodes of a type that are not as they were."""
    touched = _touched(s, each, start)
    before, after = s.alias(each.table), s.alias(each.table)
    with s.at_moment(start):
        was = and_(before.c.key == touched.c.key, s.visible(before), each.stands(before.c))
        parts_before = _parts(s, each, touched.c.key)
    now = and_(after.c.key == touched.c.key, s.visible(after), each.stands(after.c))
    differs = [
        one.is_distinct_from(after.c[one.name]) for one in before.c if one.name not in NOT_SHOWN
    ]
    if parts_before is not None:
        differs.append(parts_before.is_distinct_from(_parts(s, each, touched.c.key)))
    change = case(
        (before.c.key.is_(None), literal(Change.ADDED)),
        (after.c.key.is_(None), literal(Change.REMOVED)),
        else_=literal(Change.CHANGED),
    )
    return (
        select(
            literal(each.type).label("type"),
            touched.c.key.label("key"),
            literal(f"{each.type}:").op("||")(touched.c.key).label("id"),
            change.label("change"),
            touched.c.position.label("position"),
            touched.c.causes.label("causes"),
        )
        .select_from(touched.outerjoin(before, was).outerjoin(after, now))
        .where(or_(*differs))
    )


def _touched(s: Statement, each: Compared, start: Sql) -> Any:
    """The keys that a version begins or ends for in the span, and the positions at which one does."""
    tables = [(each.table, "key")]
    if each.parts is not None:
        tables.append((each.parts, each.owner))
    spans = union_all(
        *(
            _versions(s, table_, owner, end, start)
            for table_, owner in tables
            for end in ("from_position", "to_position")
        )
    ).subquery(s.name())
    return (
        select(
            spans.c.key,
            func.max(spans.c.position).label("position"),
            func.json_group_array(spans.c.position.distinct()).label("causes"),
        )
        .group_by(spans.c.key)
        .subquery(s.name())
    )


def _versions(s: Statement, of: Table, owner: str, end: str, start: Sql) -> Any:
    """The versions that begin, or that end, in the span."""
    s.charge()
    row = s.alias(of)
    position = row.c[end]
    within = [position > start]
    if s.moment is not None:
        within.append(position <= s.moment)
    if end == "to_position":
        within.append(position < literal_column(str(OPEN)))  # what the index has
    return select(row.c[owner].label("key"), position.label("position")).where(*within)


def _parts(s: Statement, each: Compared, key: Sql) -> Any:
    """What the parts of a node say, in the order in which they are shown; none if it has no parts."""
    if each.parts is None:
        return None
    row = s.alias(each.parts)
    hidden = NOT_SHOWN_OF_PARTS | {each.owner}
    said = (
        select(func.json_array(*(c for c in row.c if c.name not in hidden)).label("x"))
        .where(row.c[each.owner] == key, s.visible(row))
        .order_by(row.c.position, row.c.key)
        .correlate_except(row)
        .subquery(s.name())
    )
    return select(func.json_group_array(said.c.x)).scalar_subquery()


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
        return func.json_array(func.json_array(type_, at.c.key))

    return ids


def _is_cause(_: Statement, c: Any, at: At) -> Sql:
    return c.position.in_(
        select(func.json_each(at.c.causes).table_valued("value", name="cause").c.value)
    )


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
