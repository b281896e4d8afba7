"""What changed in a list, event by event?  What came, what says something else, and what went, each as it was before and after the event.

A filter is asked of both sides: what fits only afterwards was added to the filtered list, what fitted only before was removed from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import and_, case, column, func, literal_column, select, table, tuple_
from sqlalchemy.types import BigInteger, String

from projections.actors import Naming
from projections.reading.fields import At, Feed, Fields, Many, One, Page, Sql, Then, View
from projections.reading.json_sql import as_text, literal
from projections.reading.selection import Argument, Param
from projections.reading.statement import Statement
from projections.reading.walks import fitting, narrowing
from projections.relations.fold import RelationGround
from projections.reports import ReportGround
from projections.versioned import Versioned, table_of
from projections.views import actors, relations, reports
from projections.views.common import because, by_key
from projections.views.common import column as shown
from projections.views.comparing import ACTOR, RELATION, REPORT, Compared, sides, touched
from projections.views.filters import ACTORS, param

GAP: Final = "Gap"
"""The kind of what is told when a filter no longer means the same actor, since that was merged."""

MOST: Final = 100
"""How many nodes are compared at once: few, so that others have their turn while somebody is told a long history."""

CHANGES: Final = table(
    "changes",
    column("n", BigInteger),
    column("kind", String),
    column("key", String),
    column("position", BigInteger),
    column("cause", BigInteger),
    column("cursor", String),
)
"""The columns of what is told."""

_ONE: Final[Sql] = literal_column("1")
_MOST: Final[Sql] = literal_column(str(MOST))


@dataclass(frozen=True)
class Followed:
    """A list whose changes are told."""

    compared: Compared
    page: Page
    """The filters, which mean what they mean in the list itself."""
    grounds: type[Versioned]
    """Why its rows say what they say."""
    slugs: frozenset[str] = field(default_factory=frozenset)
    """The filters that name an actor, or the one that stands for it."""

    @property
    def type(self) -> str:
        """The type of its nodes."""
        return self.compared.type


FOLLOWED: Final = (
    Followed(ACTOR, actors.PAGE, Naming),
    Followed(
        RELATION,
        relations.PAGE,
        RelationGround,
        frozenset({"subject", "object", "actor", "via", "claimedBy"}),
    ),
    Followed(REPORT, reports.TIMELINE, ReportGround, frozenset({"actor"})),
)


def view(followed: Followed) -> View:
    """How what is told of a list is shown."""
    type_ = followed.type

    def fields() -> Fields:
        return {"cursor": shown("cursor"), "position": shown("position", "number")}

    def kinds() -> Mapping[str, Fields]:
        node = One(type_, by_key("key"))
        before, after = Then(node, _before), Then(node, _position)
        cause = One("LogEntry", lambda _, c, at: c.position == at.c.cause)
        grounds = table_of(followed.grounds)
        begun = Many("Because", _begun, lambda c: [c.position, c.key], grounds)
        ended = Many("Because", _ended, lambda c: [c.position, c.key], grounds)
        return {
            f"{type_}Added": {
                "after": after,
                "cause": cause,
                "because": Then(because(grounds), _position),
            },
            f"{type_}Changed": {
                "before": before,
                "after": after,
                "cause": cause,
                "because": Then(begun, _position),
            },
            f"{type_}Removed": {
                "before": before,
                "cause": cause,
                "because": Then(ended, _before),
            },
        }

    return View(f"{type_}Change", CHANGES, fields, versioned=False, kinds=kinds)


def changes(followed: Followed) -> Feed:
    """What changed from the place behind the arguments `position` and `key` on, up to the position `until`."""

    def told(s: Statement, at: At) -> tuple[Any, Sql]:
        until, arguments = _bound(s, at, "until"), narrowing(at.arguments)
        with s.at_moment(until):
            candidates = _candidates(s, followed, at)
        found = sides(
            s, followed.compared, candidates, _before(s, At(candidates)), candidates.c.position
        )
        with s.at_moment(candidates.c.position - _ONE):
            fitted = _fits(s, followed, found.before, arguments)
        with s.at_moment(candidates.c.position):
            fits = _fits(s, followed, found.after, arguments)
        kind = case(
            (candidates.c.key == literal(""), literal(GAP)),
            (and_(fitted, fits), case((found.differ, literal(f"{followed.type}Changed")))),
            (fits, literal(f"{followed.type}Added")),
            (fitted, literal(f"{followed.type}Removed")),
        )
        every = (
            select(
                candidates.c.n,
                kind.label("kind"),
                candidates.c.key,
                candidates.c.position,
                candidates.c.position.label("cause"),
                candidates.c.cursor,
            )
            .select_from(found.rows)
            .where(candidates.c.n <= _MOST)
            .subquery(s.name())
        )
        rows = select(every).where(every.c.kind.is_not(None)).subquery(s.name())
        cut = select(candidates.c.cursor).where(
            candidates.c.n == _MOST, candidates.c.next.is_not(None)
        )
        return rows, func.coalesce(cut.scalar_subquery(), as_text(until))

    return Feed(f"{followed.type}Change", told)


def listing(followed: Followed) -> Feed:
    """The list as of the argument `position`, from behind the argument `key` on, as if all of it had been added."""

    def told(s: Statement, at: At) -> tuple[Any, Sql]:
        position, key = _bound(s, at, "position"), _bound(s, at, "key")
        with s.at_moment(position):
            row = s.rows(followed.compared.table)
            fits = fitting(s, followed.page, At(row, arguments=narrowing(at.arguments)))
        cursor = as_text(position).op("||")(literal("@")).op("||")(row.c.key)
        rows = (
            select(
                func.row_number().over(order_by=row.c.key).label("n"),
                literal(f"{followed.type}Added").label("kind"),
                row.c.key,
                position.label("position"),
                row.c.from_position.label("cause"),
                cursor.label("cursor"),
            )
            .where(row.c.key > key, followed.compared.stands(row.c), *fits)
            .order_by(row.c.key)
            .limit(_MOST)
            .cte(s.name())
        )
        last = select(rows.c.cursor).where(rows.c.n == _MOST)
        return rows, func.coalesce(last.scalar_subquery(), as_text(position))

    return Feed(f"{followed.type}Change", told)


def _candidates(s: Statement, followed: Followed, at: At) -> Any:
    """The first nodes that can have changed, in order, and a gap where a filter changes its meaning; one more than are looked at."""
    position, key = _bound(s, at, "position"), _bound(s, at, "key")
    spans = touched(s, followed.compared, position - _ONE)
    pairs = select(spans.c.key, spans.c.position)
    slugs = [
        value
        for name, value in narrowing(at.arguments).items()
        if name in followed.slugs and value is not None
    ]
    if slugs:
        gaps = _merges(s, slugs, position - _ONE).cte(s.name())
        pairs = pairs.where(spans.c.position.not_in(select(gaps.c.position)))
        both = pairs.union(select(literal("").label("key"), gaps.c.position)).subquery(s.name())
    else:
        both = pairs.distinct().subquery(s.name())
    order = [both.c.position, both.c.key]
    following = func.lead(both.c.position).over(order_by=order)
    within = as_text(both.c.position).op("||")(literal(":")).op("||")(both.c.key)
    return (
        select(
            both.c.key,
            both.c.position,
            func.row_number().over(order_by=order).label("n"),
            following.label("next"),
            case((following == both.c.position, within), else_=as_text(both.c.position)).label(
                "cursor"
            ),
        )
        .where(tuple_(both.c.position, both.c.key) > tuple_(position, key))
        .order_by(*order)
        .limit(literal_column(str(MOST + 1)))
        .cte(s.name())
    )


def _merges(s: Statement, slugs: Sequence[Argument], start: Sql) -> Any:
    """The positions in the span up to the moment that is read at which one of the slugs begins to mean another actor."""
    row, earlier = s.alias(ACTORS), s.alias(ACTORS)
    before = (
        select(earlier.c.merged_into)
        .where(earlier.c.key == row.c.key, earlier.c.to_position == row.c.from_position)
        .correlate_except(earlier)
        .scalar_subquery()
    )
    return select(row.c.from_position.label("position")).where(
        row.c.key.in_([s.bind(param(slug)) for slug in slugs]),
        row.c.from_position > start,
        row.c.from_position <= s.moment,
        row.c.merged_into.is_distinct_from(before),
    )


def _fits(s: Statement, followed: Followed, columns: Any, arguments: Mapping[str, Argument]) -> Sql:
    row = At(columns.key.table, arguments=arguments)
    conditions = fitting(s, followed.page, row)
    is_there = and_(columns.key.is_not(None), followed.compared.stands(columns))
    return (
        case((and_(is_there, *conditions), literal_column("1")), else_=literal_column("0")) == _ONE
    )


def _bound(s: Statement, at: At, name: str) -> Sql:
    value = at.arguments[name]
    assert isinstance(value, Param)  # noqa: S101 - whoever follows a list gives all of them
    return s.bind(value, None, String() if name == "key" else BigInteger())


def _position(_: Statement, at: At) -> Sql:
    position: Sql = at.c.position
    return position


def _before(_: Statement, at: At) -> Sql:
    return _position(_, at) - _ONE


def _begun(_: Statement, c: Any, at: At) -> Sql:
    return and_(c.target == at.c.key, c.from_position == at.c.position)


def _ended(_: Statement, c: Any, at: At) -> Sql:
    return and_(c.target == at.c.key, c.to_position == at.c.position)
