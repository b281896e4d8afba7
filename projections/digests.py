"""What does a view say, in one number?  The canonical digest of a view at a position.

It covers every version of every row up to that position, so that equal digests mean an equal past and not only an equal present.
The same log gives the same digest on every engine, folded in any batches, or rebuilt from nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Final

import orjson

from events.canonical import canonical
from events.sqlite_library import sqlite3
from projections import actors, articles, commissions, disputes, mentions, reports, search
from projections.folding import PROJECTIONS, Projection
from projections.relations import fold as relations
from projections.versioned import BOOKKEEPING, Versioned, table_of


@dataclass(frozen=True)
class View:
    """A view by the name that people use, and the rows that it consists of."""

    name: str
    projection: str
    """The projection that is rebuilt when the view is."""
    models: tuple[type[Versioned], ...]
    kind: str | None = None
    """Of the timeline, only the reports of this kind."""


VIEWS: Final = (
    View("articles", "articles", (articles.Article,)),
    View("actors", "actors", (actors.Actor, actors.Alias, actors.Naming)),
    View("relations", "relations", (relations.Relation, relations.RelationGround)),
    View("statements", "timeline", (reports.Report, mentions.Mention), "StatementMade"),
    View("meetings", "timeline", (reports.Report, mentions.Mention), "MeetingHeld"),
    View(
        "commissions",
        "commissions",
        (commissions.Commission, commissions.Seat, commissions.CommissionGround),
    ),
    View(
        "timeline",
        "timeline",
        (reports.Report, mentions.Mention, reports.ReportGround, disputes.Dispute),
    ),
    View("search", "search", (search.Document,)),
)


CHUNK: Final = 1000
"""Rows that are fetched together."""
_UNTOLD: Final = BOOKKEEPING - {"from_position"}


def view_named(name: str) -> View:
    """The view of a name.  Raises KeyError."""
    return {view.name: view for view in VIEWS}[name]


def projection_of(view: View) -> Projection:
    """The projection that a view is read from."""
    return {projection.name: projection for projection in PROJECTIONS}[view.projection]


def digest(connection: sqlite3.Connection, view: View, position: int, prefix: str = "") -> str:
    """SHA-256, in hexadecimal, over the canonical JSON of a view's row versions up to a position, each on a line."""
    return digests(connection, [view], position, prefix)[view.name]


def digests(
    connection: sqlite3.Connection, views: Sequence[View], position: int, prefix: str = ""
) -> dict[str, str]:
    """The digest of each view by its name; a table that several of them have is read once."""
    wholes = {view.name: sha256() for view in views}
    for model in dict.fromkeys(model for view in views for model in view.models):
        kinds = {view.name: view.kind for view in views if model in view.models}
        asked = set(kinds.values())
        only = asked.pop() if len(asked) == 1 else None
        statement = _lines(model, prefix)
        rows = connection.execute(statement, {"position": position, "kind": only})
        while some := rows.fetchmany(CHUNK):
            for name, kind in kinds.items():
                told = "".join([line for of, line in some if kind in (None, of)])
                wholes[name].update(told.encode())
    return {name: whole.hexdigest() for name, whole in wholes.items()}


@cache
def _lines(model: type[Versioned], prefix: str) -> str:
    """What gives (kind of report, line of the digest) of the row versions up to a position: SQLite writes the same JSON, faster."""
    name, columns = table_of(model).name, told(model)
    members = {column: _value(column) for column in columns}
    members["to_position"] = "iif(to_position <= :position, to_position, NULL)"
    listed = ", ".join(f"'{member}', {members[member]}" for member in sorted(members))
    kind = "kind" if "kind" in columns else "NULL"
    return (
        f"SELECT {kind}, json_array('{name}', json_object({listed})) || char(10)"  # noqa: S608 - names only
        f" FROM {prefix}{name} WHERE from_position <= :position"
        f" AND (:kind IS NULL OR {kind} = :kind) ORDER BY key, from_position"
    )


def _value(column: str) -> str:
    """A column as a JSON value; bytes, which no fold writes, as something that no other value is."""
    return f"""iif(typeof("{column}") = 'blob', json_array(quote("{column}")), "{column}")"""


def versions(
    connection: sqlite3.Connection,
    model: type[Versioned],
    position: int,
    kind: str | None = None,
    prefix: str = "",
) -> Iterator[dict[str, Any]]:
    """Row versions that began up to a position, in order of key and beginning; one that ended later counts as open."""
    table, columns = table_of(model), told(model)
    listed = ", ".join(f'"{name}"' for name in columns)
    rows = connection.execute(
        f"SELECT {listed}, CASE WHEN to_position <= :position THEN to_position END"  # noqa: S608 - names only
        f" FROM {prefix}{table.name} WHERE from_position <= :position"
        f" AND (:kind IS NULL OR {'kind' if 'kind' in columns else 'NULL'} = :kind)"
        " ORDER BY key, from_position",
        {"position": position, "kind": kind},
    )
    for row in rows:
        yield dict(zip([*columns, "to_position"], row, strict=True))


def told(model: type[Versioned]) -> list[str]:
    """The columns that a digest covers, but for where a version ended."""
    return [c.name for c in table_of(model).columns if c.name not in _UNTOLD]


def line(row: list[Any]) -> bytes:
    """A row version as it is hashed."""
    try:
        return canonical(row) + b"\n"
    except (
        orjson.JSONEncodeError
    ):  # bytes, which no fold writes: whatever else this gives will differ
        return repr(row).encode() + b"\n"


def current(versions: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of row versions, the contents of those that are open."""
    for row in versions:
        if row["to_position"] is None:
            yield {k: v for k, v in row.items() if k not in {"from_position", "to_position"}}
