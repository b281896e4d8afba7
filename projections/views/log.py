"""What is shown of the log itself, and of how far the views have followed it?"""

from importlib.metadata import version
from typing import Any

from sqlalchemy import BigInteger, table, true
from sqlalchemy import column as sql_column

from projections.reading.fields import At, Fields, Filter, Many, One, Order, Page, Scalar, Sql, View
from projections.reading.functions import as_position, decoded, hexadecimal
from projections.reading.json_sql import inside, literal
from projections.reading.selection import Argument
from projections.reading.statement import Statement
from projections.reading.tables import CHECKPOINTS, LOG
from projections.views.common import column
from projections.views.filters import equals, one_of, param

HEAD = table("log_head", sql_column("position", BigInteger))


def _envelope(name: str, form: Any = "text") -> Scalar:
    return Scalar(lambda _, at: inside(_record(at), name), form)


def _record(at: At) -> Sql:
    return decoded(at.c.record)


def _fields() -> Fields:
    return {
        "id": Scalar(lambda _, at: literal("LogEntry:").op("||")(at.c.position)),
        "position": column("position", "number"),
        "eventId": _envelope("id"),
        "stream": column("stream"),
        "version": column("version", "number"),
        "kind": column("kind"),
        "schemaVersion": _envelope("schema_version", "number"),
        "recordedAt": column("recorded_at"),
        "recorder": _envelope("recorder"),
        "key": _envelope("key"),
        "causation": _envelope("causation"),
        "correlation": _envelope("correlation"),
        "record": Scalar(lambda _, at: _record(at)),
        "leafHash": Scalar(lambda _, at: hexadecimal(at.c.leaf)),
        "report": One("Report", lambda _, c, at: c.position == at.c.position),
    }


def recorder(at: At) -> Sql:
    """Who recorded a record."""
    return inside(_record(at), "recorder")


def _recorder(s: Statement, at: At, value: Argument) -> Sql:
    return recorder(at) == s.bind(param(value))


def _since(name: str, *, until: bool = False) -> Filter:
    def compare(s: Statement, at: At, value: Argument) -> Sql:
        bound = s.bind(param(value))
        return at.c[name] <= bound if until else at.c[name] >= bound

    return compare


def _numbered(_: Statement, c: Any, key: Sql) -> Sql:
    return c.position == as_position(key)


def _reflected(s: Statement, at: At) -> Sql:
    """Records that the views reflect, so that the list is one with all else that is read."""
    return at.c.position <= (s.present if s.moment is None else s.moment)


def _article(s: Statement, at: At, value: Argument) -> Sql:
    return at.c.stream == s.bind(param(value), lambda slug: f"article/{slug}")


VIEW = View("LogEntry", LOG, _fields, versioned=False, node=True, key=_numbered)

FILTERS = {
    "stream": equals("stream"),
    "article": _article,
    "kinds": one_of("kind"),
    "recorder": _recorder,
    "recordedFrom": _since("recorded_at"),
    "recordedTo": _since("recorded_at", until=True),
}

PAGE = Page(
    "LogEntry",
    {
        "OLDEST": Order(lambda c: [c.position]),
        "NEWEST": Order(lambda c: [c.position], descending=True),
    },
    filters=FILTERS,
    always=_reflected,
)


def _status() -> Fields:
    return {
        "head": Scalar(lambda _, at: at.c.position, "number"),
        "position": Scalar(lambda s, _: s.present, "number"),
        "program": Scalar(lambda *_: literal(version("communique"))),
        "projections": Many("ProjectionStatus", always, lambda c: [c.name]),
    }


def _projection() -> Fields:
    return {
        "name": column("name"),
        "version": column("version", "number"),
        "position": column("position", "number"),
    }


STATUS = View("Status", HEAD, _status, versioned=False)
PROJECTION = View("ProjectionStatus", CHECKPOINTS, _projection, versioned=False)


def always(*_: Any) -> Sql:
    """Every row belongs."""
    return true()
