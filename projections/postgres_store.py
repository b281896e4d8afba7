"""How are the views' rows kept in a PostgreSQL database?

Every function works on the tables under a prefix: the empty one is live, another one stands beside it while it is being built.
A batch is written by few statements for each table, however many rows it changes.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from asyncpg import UndefinedTableError
from sqlalchemy import Column, MetaData
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import quoted_name

from events.postgres_connections import Connection
from projections.folding import Projection
from projections.json_columns import spelt
from projections.reading.dialects import POSTGRESQL
from projections.rows import Rows
from projections.search import Document
from projections.spans import SPAN, filed
from projections.storing import PREFIX, WAS, tables
from projections.tokens import lexemes, tokens
from projections.versioned import OPEN, Row, Versioned, places, table_of

CHECKPOINTS: Final = """
CREATE TABLE IF NOT EXISTS checkpoints (
    name TEXT COLLATE "C" PRIMARY KEY, version BIGINT NOT NULL, position BIGINT NOT NULL
)
"""

FULL_TEXT: Final = tuple(
    statement
    for name in ("words", "words_past")
    for statement in (
        f"""
        CREATE TABLE {{prefix}}{name} (
            rowid BIGINT PRIMARY KEY, tokens TEXT COLLATE "C" NOT NULL, lexemes TSVECTOR NOT NULL
        )
        """,
        f"CREATE INDEX {{prefix}}{name}_lexemes ON {{prefix}}{name} USING gin (lexemes)",
    )
)
"""The full-text indexes of the open documents, and of those that ended with the spans in which they stood.

Of each the words in a row, a space before and after every one, and the different words."""

CHUNK: Final = 1000
"""Rows that are fetched together."""

TABLES: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = ANY ($1::"char"[])
"""
"""The names of tables (r), indexes (i) and what else there is."""


async def create(connection: Connection, projection: Projection, prefix: str = "") -> None:
    """Make a projection's tables and indexes, empty."""
    for model in projection.models:
        table = table_of(model).to_metadata(MetaData(), name=prefix + table_of(model).name)
        table.c.row_id.autoincrement = False
        await connection.execute(str(CreateTable(table).compile(dialect=POSTGRESQL)))
        for index in table.indexes:
            index.name = quoted_name(f"{prefix}{index.name}", quote=None)
            await connection.execute(str(CreateIndex(index).compile(dialect=POSTGRESQL)))
    if Document in projection.models:
        for statement in FULL_TEXT:
            await connection.execute(statement.format(prefix=prefix))


async def switch(connection: Connection, projection: Projection, prefix: str) -> None:
    """Put the tables under a prefix into the place of the live ones; their indexes keep the prefix in their names.

    Those that were live, of which an older program may not have had all, are yet to be dropped.
    """
    there = await _named(connection, "r")
    for name in tables(projection):
        if name in there:
            await connection.execute(f"ALTER TABLE {name} RENAME TO {prefix}{WAS}{name}")
    for name in tables(projection):
        await connection.execute(f"ALTER TABLE {prefix}{name} RENAME TO {name}")


async def drop_table(connection: Connection, name: str) -> None:
    """Drop a table, with its indexes."""
    await connection.execute(f"DROP TABLE IF EXISTS {name}")


async def beside(connection: Connection, projections: Iterable[Projection]) -> list[str]:
    """The tables under any prefix: those of a rebuild that goes on, or was cut off."""
    known = {name for projection in projections for name in tables(projection)}
    there = await _named(connection, "r")
    return [name for name in there if re.sub(PREFIX, "", name) in known - {name}]


async def unused_prefix(connection: Connection) -> str:
    """A prefix that no table or index has."""
    there = await _named(connection, "r", "i")
    number = 1
    while any(name.startswith(f"r{number}_") for name in there):
        number += 1
    return f"r{number}_"


async def checkpoints(connection: Connection) -> dict[str, tuple[int, int]]:
    """(version, position) of every projection that is live, by name."""
    try:
        rows = await connection.fetch("SELECT name, version, position FROM checkpoints")
    except UndefinedTableError:
        return {}
    return {name: (version, position) for name, version, position in rows}


async def save_checkpoint(
    connection: Connection, projections: Sequence[Projection], position: int
) -> None:
    """Note how far projections have followed the log."""
    await connection.execute(
        "INSERT INTO checkpoints (name, version, position)"
        " SELECT name, version, $3 FROM unnest($1::text[], $2::bigint[]) AS live (name, version)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position",
        [projection.name for projection in projections],
        [projection.version for projection in projections],
        position,
    )


async def load(
    connection: Connection, model: type[Versioned], column: str, values: Iterable[Any], prefix: str
) -> list[Row]:
    """The open rows of a table whose column, a text, has one of the values."""
    name = prefix + table_of(model).name
    found = await connection.fetch(
        f"SELECT * FROM {name} WHERE {_quoted(column)} = ANY ($1::text[]) AND to_position = {OPEN}",  # noqa: S608 - names only
        list(values),
    )
    return [spelt(model, dict(row)) for row in found]


async def versions(connection: Connection, model: type[Versioned]) -> AsyncIterator[Sequence[Row]]:
    """Every version that is in a live table, some at a time, in order of key and beginning; in a transaction that reads."""
    name = table_of(model).name
    columns = [column.name for column in table_of(model).columns if column.name != "row_id"]
    listed = ", ".join(map(_quoted, columns))
    select = f"SELECT {listed} FROM {name} ORDER BY key, from_position, to_position"  # noqa: S608 - names only
    rows = await connection.cursor(select)
    while some := await rows.fetch(CHUNK):
        found = [plain(model, columns, row) for row in some]
        yield [
            version | {"to_position": None} if version["to_position"] == OPEN else version
            for version in found
        ]


def plain(model: type[Versioned], columns: Iterable[str], values: Iterable[Any]) -> Row:
    """A row as SQLite keeps it: it has no truth values, and JSON is text."""
    numbers = (int(value) if isinstance(value, bool) else value for value in values)
    return spelt(model, dict(zip(columns, numbers, strict=True)))


async def flush(connection: Connection, rows: Rows, prefix: str = "") -> None:
    """Write what a batch changed; the caller's transaction makes it one with the checkpoint."""
    for model, closed, inserts in rows.take():
        writing = _writing(model, prefix)
        row_ids, ends = [row_id for row_id, _ in closed], [end for _, end in closed]
        if closed:
            await connection.execute(writing.end, row_ids, ends)
        latest = await connection.fetchval(writing.latest)
        if inserts:
            columns = ([row[column] for row in inserts] for column in writing.columns)
            await connection.execute(writing.insert, latest, *columns)
            await connection.execute(writing.stay, latest)
        if closed:
            await connection.execute(writing.leave, row_ids, ends)
        if model is Document:
            await _file(connection, closed, dict(enumerate(inserts, latest + 1)), prefix)


async def _file(
    connection: Connection,
    closed: Sequence[tuple[int, int]],
    inserts: dict[int, Row],
    prefix: str,
) -> None:
    """Let the full-text indexes know which documents began, and which ended."""
    words = dict(zip(inserts, tokens([row["text"] for row in inserts.values()]), strict=True))
    now = [row_id for row_id, row in inserts.items() if row["to_position"] == OPEN]
    await connection.execute(
        _FILE.format(name=f"{prefix}words"),
        now,
        [_in_a_row(words[row_id]) for row_id in now],
        [" ".join(lexemes(words[row_id])) for row_id in now],
    )
    then = {row_id: row for row_id, row in inserts.items() if row["to_position"] < OPEN}
    await connection.execute(
        _FILE.format(name=f"{prefix}words_past"),
        list(then),
        [_in_a_row(words[row_id]) for row_id in then],
        [
            " ".join(lexemes(words[row_id]))
            + _spans(then[row_id]["from_position"], then[row_id]["to_position"])
            for row_id in then
        ],
    )
    ended = dict(closed)
    begun = await connection.fetch(_BEGUN.format(prefix=prefix), list(ended))
    spans = {row_id: _spans(begin, ended[row_id]) for row_id, begin in begun}
    await connection.execute(_MOVE.format(prefix=prefix), list(spans), list(spans.values()))


_FILE: Final = """
INSERT INTO {name} (rowid, tokens, lexemes)
SELECT row_id, tokens, array_to_tsvector(string_to_array(lexemes, ' '))
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new (row_id, tokens, lexemes)
"""
_BEGUN: Final = (
    "SELECT row_id, from_position FROM {prefix}documents WHERE row_id = ANY ($1::bigint[])"
)
_MOVE: Final = """
WITH gone AS (
    DELETE FROM {prefix}words USING unnest($1::bigint[], $2::text[]) AS ended (row_id, spans)
    WHERE rowid = row_id RETURNING rowid, tokens, lexemes, ltrim(spans) AS spans
)
INSERT INTO {prefix}words_past (rowid, tokens, lexemes)
SELECT rowid, tokens, lexemes || array_to_tsvector(string_to_array(spans, ' ')) FROM gone
"""


def _in_a_row(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _spans(begin: int, end: int) -> str:
    return "".join(f" {SPAN}{word}" for word in filed(begin, end).split())


async def _named(connection: Connection, *kinds: str) -> set[str]:
    return {name for (name,) in await connection.fetch(TABLES, [kind.encode() for kind in kinds])}


class _Writing(NamedTuple):
    """How versions of a table are written."""

    columns: list[str]
    insert: str
    """(greatest row id, list of each column): new versions, with their anchors."""
    end: str
    """(row ids, ends) of versions."""
    latest: str
    """The greatest row id."""
    stay: str
    """(row id): the anchors of the versions with greater ones are listed until these end."""
    leave: str
    """(row ids, ends) of versions: their anchors are listed no longer, unless later ones have them, too."""


@cache
def _writing(model: type[Versioned], prefix: str) -> _Writing:
    table = table_of(model)
    name = prefix + table.name
    kept = [c for c in table.columns if c.name not in {"row_id", "anchor", "listed_to"}]
    columns = ", ".join(_quoted(c.name) for c in kept)
    lists = ", ".join(
        f"${number}::{c.type.compile(POSTGRESQL)}[]" for number, c in enumerate(kept, 2)
    )
    place = [table.c[column] for column in sorted({"key", *places(table)})]
    same_place = " AND ".join(
        f"old.{_quoted(c.name)} {_is(c)} new.{_quoted(c.name)}" for c in place
    )
    return _Writing(
        [c.name for c in kept],
        insert=f"""
            INSERT INTO {name} (row_id, {columns}, listed_to, anchor)
            SELECT new.row_id, {", ".join(f"new.{_quoted(c.name)}" for c in kept)}, new.to_position,
                coalesce(old.row_id, nullif(first_value(new.row_id) OVER place, new.row_id))
            FROM (
                SELECT $1::bigint + nth AS row_id, {columns}
                FROM unnest({lists}) WITH ORDINALITY AS given ({columns}, nth)
            ) AS new
            LEFT JOIN LATERAL (
                -- OFFSET keeps the planner from looking by anything else but the key: it would skip through an index of anchors
                SELECT row_id, anchor, {", ".join(_quoted(c.name) for c in place)} FROM {name} AS anchors
                WHERE anchors.key = new.key OFFSET 0
            ) AS old ON old.anchor IS NULL AND {same_place}
            WINDOW place AS (
                PARTITION BY {", ".join(f"new.{_quoted(c.name)}" for c in place)} ORDER BY new.row_id
            )
        """,  # noqa: S608 - names only
        end=f"""
            UPDATE {name} AS version SET to_position = closed.ended
            FROM unnest($1::bigint[], $2::bigint[]) AS closed (row_id, ended)
            WHERE version.row_id = closed.row_id
        """,  # noqa: S608 - names only
        latest=f"SELECT coalesce(max(row_id), 0) FROM {name}",  # noqa: S608 - names only
        stay=f"""
            UPDATE {name} AS first SET listed_to = later.listed_to FROM (
                SELECT anchor, max(to_position) AS listed_to FROM {name}
                WHERE row_id > $1 AND anchor IS NOT NULL GROUP BY anchor
            ) AS later
            WHERE first.row_id = later.anchor AND first.listed_to < later.listed_to
        """,  # noqa: S608 - names only
        leave=f"""
            UPDATE {name} AS first SET listed_to = closed.ended
            FROM unnest($1::bigint[], $2::bigint[]) AS closed (row_id, ended)
            JOIN {name} AS version ON version.row_id = closed.row_id
            WHERE first.row_id = coalesce(version.anchor, version.row_id) AND NOT EXISTS (
                SELECT 1 FROM {name} AS later
                WHERE later.key = first.key AND later.to_position > closed.ended
                AND later.anchor = first.row_id
            )
        """,  # noqa: S608 - names only
    )


def _is(column: Column[Any]) -> str:
    """How two of its values are compared: by an index, unless one may be null."""
    return "IS NOT DISTINCT FROM" if column.nullable else "="


def _quoted(name: str) -> str:
    return f'"{name}"'
