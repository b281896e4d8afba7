"""What is shown of a commission?"""

from typing import Any

from sqlalchemy import func, select

from projections.commissions import Commission, CommissionGround, Seat
from projections.reading.fields import At, Fields, Inside, Many, One, Order, Page, Scalar, Sql, View
from projections.reading.selection import Argument
from projections.reading.statement import Statement
from projections.versioned import table_of
from projections.views.common import because, by_key, column, global_id, when
from projections.views.filters import MENTIONS, actor, standing

SEATS = table_of(Seat)


def _fields() -> Fields:
    return {
        "id": global_id("Commission"),
        "slug": column("key", "word"),
        "body": One("Actor", by_key("key")),
        "formed": _formed(),
        "place": column("place"),
        "seats": Many(
            "Seats", lambda _, c, at: c.commission == at.c.key, lambda c: [c.position, c.key]
        ),
        "size": Scalar(_size, "number"),
        "sessions": Many("SessionOpened", _session, lambda c: [c.day, c.position]),
        "position": column("position", "number"),
        "because": because(table_of(CommissionGround)),
    }


def _formed() -> Inside:
    return when(lambda at: at.c.formed, "formed_earliest", "formed_latest")


def _seat_fields() -> Fields:
    return {
        "selector": One("Actor", by_key("selector")),
        "number": column("number", "number"),
        "rank": column("rank"),
        "holders": One("Actor", by_key("holders")),
    }


def _size(s: Statement, at: At) -> Sql:
    seat = s.rows(SEATS)
    total = select(func.sum(seat.c.number)).where(seat.c.commission == at.c.key)
    return total.correlate_except(seat).scalar_subquery()


def _session(s: Statement, c: Any, at: At) -> Sql:
    mention = s.rows(MENTIONS)
    opened = select(mention.c.report).where(
        mention.c.actor == at.c.key,
        mention.c.field == "body",
        mention.c.kind == "SessionOpened",
        mention.c.retracted.is_not(True),
    )
    return c.key.in_(opened.correlate_except(mention))


def _has_selector(s: Statement, at: At, value: Argument) -> Sql:
    seat = s.rows(SEATS)
    filled = select(seat.c.commission).where(seat.c.selector == standing(s, value))
    return at.c.key.in_(filled.correlate_except(seat))


VIEW = View("Commission", table_of(Commission), _fields, node=True)
SEAT = View("Seats", SEATS, _seat_fields)

PAGE = Page(
    "Commission",
    {"KEY": Order(lambda c: [c.key])},
    filters={"body": actor("key"), "selector": _has_selector},
)
