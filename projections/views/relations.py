"""What is shown of a relation?"""

from typing import Any

from sqlalchemy import and_, case, func, literal_column, or_, select
from sqlalchemy.types import String

from projections.because import Effect
from projections.reading.fields import (
    At,
    Fields,
    Inside,
    Items,
    One,
    Order,
    Page,
    Scalar,
    Sql,
    View,
)
from projections.reading.json_sql import literal
from projections.reading.selection import Argument
from projections.reading.statement import Statement
from projections.relations.deriving import RelationStatus
from projections.relations.fold import Relation, RelationGround
from projections.versioned import table_of
from projections.views.common import because, by_key, column, global_id, when
from projections.views.filters import actor, earliest, equals, latest, one_of, param, standing
from projections.views.history import history, version_view

GROUNDS = table_of(RelationGround)


def _fields() -> Fields:
    return {
        "id": global_id("Relation"),
        "key": column("key", "word"),
        "subject": One("Actor", by_key("subject")),
        "predicate": column("predicate", "enum"),
        "object": One("Actor", by_key("object")),
        "detail": Inside(_detail),
        "via": One("Actor", by_key("via")),
        "claimedBy": One("Actor", by_key("claimed_by")),
        "since": when(lambda at: at.c.since, "since_earliest", "since_latest"),
        "until": when(lambda at: at.c.until, "until_earliest", "until_latest"),
        "status": column("status", "enum"),
        "holds": Scalar(_holds),
        "certainty": column("certainty", "enum"),
        "count": Scalar(_count, "number"),
        "position": column("position", "number"),
        "because": because(GROUNDS),
        "history": history("Relation"),
    }


def _detail() -> Fields:
    return {
        "title": column("title"),
        "means": Items(lambda at: at.c.means, "text"),
        "seats": column("seats", "number"),
        "sectors": Items(lambda at: at.c.sectors, "text"),
        "amountMin": column("amount_min", "number"),
        "amountMax": column("amount_max", "number"),
        "currency": column("currency"),
        "onBehalfOf": One("Actor", by_key("on_behalf_of")),
    }


def _count(s: Statement, at: At) -> Sql:
    return _over_grounds(s, at, lambda c: func.count(c.position))


def _over_grounds(s: Statement, at: At, aggregate: Any, *conditions: Any) -> Any:
    """An aggregate over the grounds that say that a relation holds, or that it happened."""
    ground = s.rows(GROUNDS)
    return (
        select(aggregate(ground.c))
        .where(
            ground.c.target == at.c.key,
            ground.c.effect.in_([literal(Effect.OPENED), literal(Effect.CONFIRMED)]),
            *(condition(ground.c) for condition in conditions),
        )
        .correlate_except(ground)
        .scalar_subquery()
    )


def _holds(s: Statement, at: At) -> Sql:
    """On the date that the list was asked for: YES on every day that it can mean, POSSIBLY on some, null if none was asked for."""
    on = at.arguments.get("on")
    if on is None:
        return literal_column("NULL", String)
    return case((_surely(s, at, on), literal("YES")), else_=literal("POSSIBLY"))


def _surely(s: Statement, at: At, on: Argument) -> Sql:
    first, last = s.bind(param(on), earliest), s.bind(param(on), latest)
    within = _over_grounds(
        s,
        at,
        lambda c: func.count(c.position),
        lambda c: and_(c.earliest >= first, c.latest <= last),
    )
    known_from = func.coalesce(
        _over_grounds(s, at, lambda c: func.min(c.latest)), literal("9999-12-31")
    )
    known_to = func.coalesce(
        _over_grounds(s, at, lambda c: func.max(c.earliest)), literal("0001-01-01")
    )
    begun = or_(at.c.since_latest <= first, known_from <= first)
    lasting = or_(known_to >= last, at.c.until_earliest >= last)
    return case(
        (at.c.status == literal(RelationStatus.HAPPENED), within > literal_column("0")),
        else_=and_(begun, lasting),
    )


def _can_hold(s: Statement, at: At, on: Argument) -> Sql:
    """Not surely false on every day that the date can mean."""
    first, last = s.bind(param(on), earliest), s.bind(param(on), latest)
    touching = _over_grounds(
        s,
        at,
        lambda c: func.count(c.position),
        lambda c: and_(
            func.coalesce(c.earliest, literal("0001-01-01")) <= last,
            func.coalesce(c.latest, literal("9999-12-31")) >= first,
        ),
    )
    lasting = and_(
        func.coalesce(at.c.since_earliest, literal("0001-01-01")) <= last,
        func.coalesce(at.c.until_latest, literal("9999-12-31")) >= first,
    )
    return case(
        (at.c.status == literal(RelationStatus.HAPPENED), touching > literal_column("0")),
        else_=lasting,
    )


def _of_either(s: Statement, at: At, value: Argument) -> Sql:
    given = standing(s, value)
    return s.any_of(at.c, at.c.subject == given, at.c.object == given)


def _of_actor(s: Statement, c: Any, at: At) -> Sql:
    return s.any_of(c, c.subject == at.c.key, c.object == at.c.key)


RELATIONS = table_of(Relation)
VIEW = View("Relation", RELATIONS, _fields, node=True)
VERSION = version_view("Relation", RELATIONS)

_ORDERS = {
    "KEY": Order(lambda c: [c.key]),
    "NEWEST": Order(lambda c: [c.position, c.key], descending=True),
}
_FILTERS = {
    "subject": actor("subject"),
    "object": actor("object"),
    "actor": _of_either,
    "predicate": equals("predicate"),
    "predicates": one_of("predicate"),
    "status": equals("status"),
    "certainty": equals("certainty"),
    "via": actor("via"),
    "claimedBy": actor("claimed_by"),
    "on": _can_hold,
}

PAGE = Page("Relation", _ORDERS, filters=_FILTERS)
OF_ACTOR = Page("Relation", _ORDERS, _of_actor, _FILTERS)
