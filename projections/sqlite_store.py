"""How are the views' rows kept in a SQLite file?

Every function works on the tables under a prefix: the empty one is live, another one stands beside it while it is being built.
Tables that nobody lists or searches, as those of a replay, do without what serves that: most of the indexes, the anchors and the full text.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import MetaData
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import quoted_name

from events.sqlite_library import sqlite3
from projections.folding import Projection
from projections.rows import Loader, Rows
from projections.search import Document
from projections.spans import filed
from projections.storing import PREFIX, WAS, tables
from projections.tokens import TOKENIZER
from projections.versioned import OPEN, Row, Versioned, places, table_of

CHECKPOINTS: Final = """
CREATE TABLE IF NOT EXISTS checkpoints (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL
) WITHOUT ROWID
"""

FULL_TEXT: Final = (
    """
    CREATE VIRTUAL TABLE {prefix}words
    USING fts5(text, content='', contentless_delete=1, tokenize='{tokenizer}')
    """,
    """
    CREATE VIRTUAL TABLE {prefix}words_past
    USING fts5(text, spans, content='', tokenize='{tokenizer}')
    """,
)
"""The full-text indexes of the open documents, and of those that ended with the spans in which they stood; without texts of their own."""

_DIALECT: Final = dialect()


def create(
    connection: sqlite3.Connection,
    projection: Projection,
    prefix: str = "",
    *,
    listed: bool = True,
) -> None:
    """Make a projection's tables and indexes, empty."""
    for model in projection.models:
        table = table_of(model).to_metadata(MetaData(), name=prefix + table_of(model).name)
        connection.execute(str(CreateTable(table).compile(dialect=_DIALECT)))
        for index in table.indexes:
            if listed or index.name in _looked_up(model):
                index.name = quoted_name(f"{prefix}{index.name}", quote=None)
                connection.execute(str(CreateIndex(index).compile(dialect=_DIALECT)))
    if listed and Document in projection.models:
        for statement in FULL_TEXT:
            connection.execute(statement.format(prefix=prefix, tokenizer=TOKENIZER))


def _looked_up(model: type[Versioned]) -> set[str]:
    """The names of the indexes by which folds look rows up."""
    return {
        str(index.name)
        for index in table_of(model).indexes
        if index.unique or (index.columns[0].name in model.looked_up_by and not index.info)
    }


def switch(connection: sqlite3.Connection, projection: Projection, prefix: str) -> None:
    """Put the tables under a prefix into the place of the live ones; their indexes keep the prefix in their names.

    Those that were live, of which an older program may not have had all, are yet to be dropped: that takes longer than anybody should wait.
    """
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for name in [name for name in tables(projection) if (name,) in rows]:
        connection.execute(f"ALTER TABLE {name} RENAME TO {prefix}{WAS}{name}")
    for name in tables(projection):
        connection.execute(f"ALTER TABLE {prefix}{name} RENAME TO {name}")


def drop_abandoned(connection: sqlite3.Connection, projections: Iterable[Projection]) -> None:
    """Drop the tables under any prefix: the caller makes sure that nobody is building them."""
    for name in beside(connection, projections):
        drop_table(connection, name)


def drop_table(connection: sqlite3.Connection, name: str) -> None:
    """Drop a table, with its indexes and triggers."""
    connection.execute(f"DROP TABLE IF EXISTS {name}")


def beside(connection: sqlite3.Connection, projections: Iterable[Projection]) -> list[str]:
    """The tables under any prefix: those of a rebuild that goes on, or was cut off."""
    known = {name for projection in projections for name in tables(projection)}
    named = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return [name for (name,) in named if re.sub(PREFIX, "", name) in known - {name}]


def unused_prefix(connection: sqlite3.Connection) -> str:
    """A prefix that no table or index has."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")]
    number = 1
    while any(name.startswith(f"r{number}_") for name in names):
        number += 1
    return f"r{number}_"


def generation(connection: sqlite3.Connection) -> int:
    """A number that changes when tables take the place of others: row ids then mean other rows."""
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def checkpoints(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    """(version, position) of every projection that is live, by name."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'checkpoints'").fetchone():
        return {}
    rows = connection.execute("SELECT name, version, position FROM checkpoints")
    return {name: (version, position) for name, version, position in rows}


def save_checkpoint(
    connection: sqlite3.Connection, projections: Iterable[Projection], position: int
) -> None:
    """Note how far projections have followed the log."""
    connection.executemany(
        "INSERT INTO checkpoints (name, version, position) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position",
        [(projection.name, projection.version, position) for projection in projections],
    )


def loader(connection: sqlite3.Connection, prefix: str = "") -> Loader:
    """A loader of open rows through a connection."""

    def load(model: type[Versioned], column: str, values: Iterable[Any]) -> Iterator[Row]:
        select, columns = _select(model, column, prefix)
        for row in connection.execute(select, (orjson.dumps(list(values)).decode(),)):
            yield dict(zip(columns, row, strict=True))

    return load


def versions(connection: sqlite3.Connection, model: type[Versioned]) -> Iterator[Row]:
    """Every version that is in a live table, whatever its positions are, in order of key and beginning."""
    name = table_of(model).name
    columns = [column.name for column in table_of(model).columns if column.name != "row_id"]
    # With the table's name, for else SQLite takes the name of a column that is missing as a text.
    listed = ", ".join(f'{name}."{column}"' for column in columns)
    select = f"SELECT {listed} FROM {name} ORDER BY key, from_position, to_position"  # noqa: S608 - names only
    for row in connection.execute(select):
        version = dict(zip(columns, row, strict=True))
        yield version | {"to_position": None} if version["to_position"] == OPEN else version


def flush(
    connection: sqlite3.Connection, rows: Rows, prefix: str = "", *, listed: bool = True
) -> None:
    """Write what a batch changed; the caller's transaction makes it one with the checkpoint."""
    for model, closed, inserts in rows.take():
        writing = _writing(model, prefix, listed=listed)
        ends = [(end, row_id) for row_id, end in closed]
        connection.executemany(writing.end, ends)
        (latest,) = connection.execute(writing.latest).fetchone()
        for row_id, row in enumerate(inserts, latest + 1):
            row["row_id"] = row_id
        connection.executemany(writing.insert, map(writing.values, inserts))
        if not listed:
            continue
        connection.execute(writing.stay, (latest,))
        connection.executemany(writing.leave, ends)
        if model is Document:
            _file(connection, closed, inserts, prefix)


def _file(
    connection: sqlite3.Connection,
    closed: Iterable[tuple[int, int]],
    new: Iterable[Row],
    prefix: str,
) -> None:
    """Let the full-text indexes know which documents began, and which ended.

    Not by triggers: a statement that fires one into such an index writes a segment of it for every row.
    """
    gone = [row_id for row_id, _ in closed]
    connection.executemany(
        f"DELETE FROM {prefix}words WHERE rowid = ?",  # noqa: S608 - names only
        [(row_id,) for row_id in gone],
    )
    connection.executemany(
        f"INSERT INTO {prefix}words (rowid, text) VALUES (?, ?)",  # noqa: S608 - names only
        [(row["row_id"], row["text"]) for row in new if row["to_position"] == OPEN],
    )
    gone += [row["row_id"] for row in new if row["to_position"] < OPEN]
    ended = connection.execute(
        f"SELECT row_id, text, from_position, to_position FROM {prefix}documents"  # noqa: S608 - names only
        " WHERE row_id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(gone).decode(),),
    )
    connection.executemany(
        f"INSERT INTO {prefix}words_past (rowid, text, spans) VALUES (?, ?, ?)",  # noqa: S608 - names only
        [(row_id, text, filed(begin, end)) for row_id, text, begin, end in ended],
    )


@cache
def _select(model: type[Versioned], column: str, prefix: str) -> tuple[str, list[str]]:
    table = table_of(model)
    columns = [each.name for each in table.columns]
    select = (
        f"SELECT {', '.join(map(_quoted, columns))} FROM {prefix}{table.name}"  # noqa: S608 - names only
        f" WHERE {_quoted(column)} IN (SELECT value FROM json_each(?)) AND to_position = {OPEN}"
    )
    return select, columns


class _Writing(NamedTuple):
    """How versions of a table are written."""

    values: Callable[[Row], tuple[Any, ...]]
    """Those of a new version, in the order of `insert`."""
    insert: str
    """The columns of a new version, `row_id` among them."""
    end: str
    """(end, row_id) of a version."""
    latest: str
    """The greatest row id."""
    stay: str
    """(row id): the anchors of the versions with greater ones are listed until these end."""
    leave: str
    """(end, row_id) of a version: its anchor is listed no longer, unless a later one has it, too."""


@cache
def _writing(model: type[Versioned], prefix: str, *, listed: bool) -> _Writing:
    table = table_of(model)
    name = prefix + table.name
    columns = [c.name for c in table.columns if c.name not in {"anchor", "listed_to"}]
    numbers = {column: f"?{number}" for number, column in enumerate(columns, 1)}
    place = sorted({"key", *places(table)})
    same_place = " AND ".join(f"{_quoted(column)} IS {numbers[column]}" for column in place)
    anchor = f"SELECT row_id FROM {name} WHERE anchor IS NULL AND {same_place}"  # noqa: S608 - names only
    return _Writing(
        itemgetter(*columns),
        insert=f"""
            INSERT INTO {name} ({", ".join(map(_quoted, columns))}, listed_to, anchor)
            VALUES (
                {", ".join(numbers.values())}, {numbers["to_position"]},
                {f"({anchor})" if listed else "NULL"}
            )
        """,  # noqa: S608 - names only
        end=f"UPDATE {name} SET to_position = ? WHERE row_id = ?",  # noqa: S608 - names only
        latest=f"SELECT coalesce(max(row_id), 0) FROM {name}",  # noqa: S608 - names only
        stay=f"""
            UPDATE {name} AS first SET listed_to = later.listed_to FROM (
                SELECT anchor, max(to_position) AS listed_to FROM {name}
                WHERE row_id > ? AND anchor IS NOT NULL GROUP BY anchor
            ) AS later
            WHERE first.row_id = later.anchor AND first.listed_to < later.listed_to
        """,  # noqa: S608 - names only
        leave=f"""
            UPDATE {name} AS first SET listed_to = ?1 WHERE row_id =
                (SELECT coalesce(anchor, row_id) FROM {name} WHERE row_id = ?2)
            AND NOT EXISTS (
                SELECT 1 FROM {name} AS later
                WHERE later.key = first.key AND later.to_position > ?1
                AND later.anchor = first.row_id
            )
        """,  # noqa: S608 - names only
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
