"""Whom may a stretch of the log concern?  What the rows say that it touched, by which those are found who wait for them.

That is less than reading the changes, and is done once for all who wait.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.types import BigInteger

from projections.reading.fields import AnyField, At, Scalar, Sql
from projections.reading.json_sql import Text, listed, written
from projections.reading.statement import Statement
from projections.reading.tables import LOG
from projections.views.changes import FOLLOWED, Followed
from projections.views.comparing import touched
from projections.views.filters import param, standing
from projections.views.log import recorder

LOG_ENTRY: Final = "LogEntry"

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "Actor": ("key", "kind"),
    "Relation": (
        *("key", "subject", "object", "via", "claimed_by"),
        *("predicate", "status", "certainty"),
    ),
    "Report": ("article", "kind", "payload"),
    LOG_ENTRY: ("stream", "kind", "recorder"),
}
"""What is told of a touched row of each type, in this order."""


def _rows(followed: Followed) -> Callable[[Statement, At], Sql]:
    """All versions, as JSON arrays, that stood in a span of positions, of the nodes that it touched."""

    def found(s: Statement, at: At) -> Sql:
        after, until = _span(s, at)
        with s.at_moment(until):
            keys = touched(s, followed.compared, after)
        row = s.alias(followed.compared.table)
        return _listed(
            s,
            [row.c[name] for name in COLUMNS[followed.type]],
            row.c.key.in_(select(keys.c.key)),
            row.c.from_position <= until,
            row.c.to_position > after,
        )

    return found


def _records(s: Statement, at: At) -> Sql:
    after, until = _span(s, at)
    row = s.alias(LOG)
    columns = [row.c.stream, row.c.kind, recorder(At(row))]
    return _listed(s, columns, row.c.position > after, row.c.position <= until)


def _span(s: Statement, at: At) -> tuple[Sql, Sql]:
    after, until = (
        s.bind(param(at.arguments[name]), None, BigInteger()) for name in ("after", "until")
    )
    return after, until


def _listed(s: Statement, columns: list[Any], *conditions: Any) -> Sql:
    text = Text("[")
    for n, each in enumerate(columns):
        text.add("," if n else "").add(written(each, "text"))
    rows = select(text.add("]").sql().label("x")).where(*conditions).subquery(s.name())
    return select(listed(rows.c.x).sql()).scalar_subquery()


NOTICED: Final[Mapping[str, AnyField]] = {
    **{each.type: Scalar(_rows(each), "json") for each in FOLLOWED},
    LOG_ENTRY: Scalar(_records, "json"),
    "standing": Scalar(lambda s, at: standing(s, at.arguments["slug"])),
}
"""The touched rows of each type behind the argument `after`, up to `until`; and the slug of the actor that stands for a `slug`."""
