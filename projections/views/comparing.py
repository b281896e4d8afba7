"""Which nodes are not as they were?  Their states at the two ends of a span of positions are compared.

Candidates are the keys of versions that begin or end in the span, which indexes find.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table, and_, case, func, literal_column, or_, select, true, union_all

from events.values import Word
from projections.commissions import Commission
from projections.reading.fields import Sql
from projections.reading.functions import all_of, array, each_of
from projections.reading.json_sql import literal
from projections.reading.statement import Statement
from projections.versioned import BOOKKEEPING, OPEN, table_of
from projections.views import actors, articles, commissions, relations, reports
from projections.views.filters import ACTORS


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


ACTOR: Final = Compared("Actor", ACTORS, actors.ALIASES, "actor", actors.stands)
RELATION: Final = Compared("Relation", relations.RELATIONS)
REPORT: Final = Compared("Report", reports.REPORTS, reports.DISPUTES, "report")
COMPARED: Final = (
    ACTOR,
    Compared("Article", articles.ARTICLES),
    Compared("Commission", table_of(Commission), commissions.SEATS, "commission"),
    RELATION,
    REPORT,
)

NOT_SHOWN: Final = BOOKKEEPING | {"day", "said", "opened_day", "merged_first"}
"""Columns of a node in which nobody sees a difference."""
NOT_SHOWN_OF_PARTS: Final = BOOKKEEPING | {"key", "position"}

_ZERO: Final[Sql] = literal_column("0")
_OPEN: Final[Sql] = literal_column(str(OPEN))


def differences(s: Statement, start: Sql) -> Any:
    """The nodes that are not, at the moment that is read, as they were at a position."""
    return union_all(*(_differing(s, each, start) for each in COMPARED))


@dataclass(frozen=True)
class Sides:
    """Touched nodes, each at the two ends of a span."""

    rows: Any
    """The touched keys, joined with both."""
    before: Any
    """The columns of the node before; all null if there was none."""
    after: Any
    """Those after."""
    differ: Sql
    """Whether somebody sees a difference."""


def sides(s: Statement, each: Compared, touched: Any, start: Sql, end: Sql | None) -> Sides:
    """Nodes of a type, whose keys are given, as of a position and as of another one; none is the present."""

    def has_key(columns: Any) -> Sql:
        is_it: Sql = columns.key == touched.c.key
        return is_it

    before, after = s.alias(each.table), s.alias(each.table)
    with s.at_moment(start):
        was = and_(s.row(before, has_key), each.stands(before.c))
        parts_before = _parts(s, each, touched.c.key)
    with s.at_moment(end):
        now = and_(s.row(after, has_key), each.stands(after.c))
        parts_after = _parts(s, each, touched.c.key)
    differ = [
        one.is_distinct_from(after.c[one.name]) for one in before.c if one.name not in NOT_SHOWN
    ]
    if parts_before is not None:
        differ.append(parts_before.is_distinct_from(parts_after))
    rows = touched.outerjoin(before, was).outerjoin(after, now)
    return Sides(rows, before.c, after.c, or_(*differ))


def touched(s: Statement, each: Compared, start: Sql) -> Any:
    """Key and position of the versions that begin or end in the span up to the moment that is read; a pair may be there twice."""
    tables = [(each.table, "key")]
    if each.parts is not None:
        tables.append((each.parts, each.owner))
    return union_all(
        *(
            _versions(s, table_, owner, end, start)
            for table_, owner in tables
            for end in ("from_position", "to_position")
        )
    ).subquery(s.name())


def _differing(s: Statement, each: Compared, start: Sql) -> Any:
    """The nodes of a type that are not as they were."""
    keys = _keys(s, each, start)
    found = sides(s, each, keys, start, s.moment)
    change = case(
        (found.before.key.is_(None), literal(Change.ADDED)),
        (found.after.key.is_(None), literal(Change.REMOVED)),
        else_=literal(Change.CHANGED),
    )
    return (
        select(
            literal(each.type).label("type"),
            keys.c.key.label("key"),
            literal(f"{each.type}:").op("||")(keys.c.key).label("id"),
            change.label("change"),
            keys.c.position.label("position"),
            keys.c.causes.label("causes"),
        )
        .select_from(found.rows)
        .where(found.differ)
    )


def _keys(s: Statement, each: Compared, start: Sql) -> Any:
    """The keys that a version begins or ends for in the span, and the positions at which one does."""
    spans = touched(s, each, start)
    return (
        select(
            spans.c.key,
            func.max(spans.c.position).label("position"),
            each_of(spans.c.position).label("causes"),
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
    # what the indexes have, see `changes`
    within.append(position > _ZERO if end == "from_position" else position < _OPEN)
    return select(row.c[owner].label("key"), position.label("position")).where(*within)


def _parts(s: Statement, each: Compared, key: Sql) -> Any:
    """What the parts of a node say, in the order in which they are shown; none if it has no parts."""
    if each.parts is None:
        return None
    row = s.rows(each.parts)
    hidden = NOT_SHOWN_OF_PARTS | {each.owner}
    said = (
        select(array(*(c for c in row.c if c.name not in hidden)).label("x"))
        .where(row.c[each.owner] == key)
        .order_by(row.c.position, row.c.key)
        .correlate_except(row)
        .subquery(s.name())
    )
    return select(all_of(said.c.x)).scalar_subquery()
