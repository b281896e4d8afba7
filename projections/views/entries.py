"""How is the log told, record by record?  Those that fit a filter, few enough at once not to fill the memory."""

from typing import Any, Final

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.types import BigInteger

from projections.reading.fields import At, Feed, Page, Sql
from projections.reading.json_sql import as_text
from projections.reading.statement import Statement
from projections.reading.tables import LOG
from projections.reading.walks import fitting, narrowing
from projections.views import log
from projections.views.filters import param

MOST: Final = 100
"""How many records are told at once."""
WEIGHT: Final = 250_000
"""Bytes of records after which no more are told at once; the first one always is."""

_MOST: Final[Sql] = literal_column(str(MOST))


_LIST: Final = Page("LogEntry", {}, filters=log.FILTERS)


def _told(s: Statement, at: At) -> tuple[Any, Sql]:
    """The records behind the argument `position`, up to the position `until`."""
    start, until = (
        s.bind(param(at.arguments[name]), None, BigInteger()) for name in ("position", "until")
    )
    row = s.alias(LOG)
    size = func.length(row.c.record)
    fits = fitting(s, _LIST, At(row, arguments=narrowing(at.arguments)))
    fitting_ones = (
        select(
            *row.c,
            as_text(row.c.position).label("cursor"),
            func.row_number().over(order_by=row.c.position).label("n"),
            (func.sum(size).over(order_by=row.c.position) - size).label("before"),
        )
        .where(row.c.position > start, row.c.position <= until, *fits)
        .order_by(row.c.position)
        .limit(_MOST)
        .cte(s.name())
    )
    told = (
        select(fitting_ones)
        .where(fitting_ones.c.before < literal_column(str(WEIGHT)))
        .subquery(s.name())
    )
    count = select(func.count()).select_from(fitting_ones).scalar_subquery()
    last = select(
        case(
            (func.count() == _MOST, func.max(told.c.position)),
            (func.count() < count, func.max(told.c.position)),
            else_=until,
        )
    ).select_from(told)
    return told, as_text(last.scalar_subquery())


ENTRIES: Final = Feed("LogEntry", _told)
