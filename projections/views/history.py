"""What did a row say before?  Its versions, each with the event that began it and the one that ended it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, and_, case, literal_column, select, true

from projections.reading.fields import At, Fields, Many, One, Scalar, Sql, Then, View
from projections.reading.statement import Statement
from projections.reading.tables import LOG
from projections.versioned import OPEN
from projections.views.common import column


def history(type_: str, counts: Callable[[Any], Sql] = lambda _: true()) -> Many:
    """The versions of a row that count, the first first: those that had begun by the moment that is read."""

    def begun(s: Statement, c: Any, at: At) -> Sql:
        by_then = true() if s.moment is None else c.from_position <= s.moment
        return and_(c.key == at.c.key, by_then, counts(c))

    return Many(f"{type_}Version", begun, lambda c: [c.to_position])


def version_view(type_: str, table: Table) -> View:
    """A version of a row of a view; what the row leads to is read as of the event that began the version."""

    def fields() -> Fields:
        return {
            "position": column("from_position", "number"),
            "recordedAt": Scalar(_recorded_at),
            "until": Scalar(_until, "number"),
            "cause": One("LogEntry", lambda _, c, at: c.position == at.c.from_position),
            type_.lower(): Then(
                One(type_, lambda _, c, at: c.row_id == at.c.row_id),
                lambda _, at: at.c.from_position,
            ),
        }

    return View(f"{type_}Version", table, fields, versioned=False)


def _recorded_at(s: Statement, at: At) -> Sql:
    entry = s.alias(LOG)
    found = select(entry.c.recorded_at).where(entry.c.position == at.c.from_position)
    return found.correlate_except(entry).scalar_subquery()


def _until(s: Statement, at: At) -> Sql:
    """The end, unless it is later than the moment that is read."""
    end = at.c.to_position
    return case((end < literal_column(str(OPEN)) if s.moment is None else end <= s.moment, end))
