"""Which statements make the log in PostgreSQL?  Each a round trip, whatever the number of events.

A row that tells of records begins with the two pairs that `stored.head` takes: so every answer shows that the head and the
last record agree, in the one state that a statement sees.  A LIMIT 1 keeps the planner from joining whole tables.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from events import stored
from events.appending import Draft, End, KeyRow
from events.instants import timestamp
from events.log import Appended
from events.postgres import Record
from events.postgres_connections import Connection
from events.record import Recorded, Row

LOCK_HEAD: Final = "SELECT FROM log_head FOR UPDATE"
"""Goes before an append, as a statement of its own: what is read after it is read when others have committed."""
ENDS: Final = """
    SELECT head.position, head.recorded_at, last.position, last.recorded_at
"""
FROM_HEAD: Final = """
    FROM log_head AS head LEFT JOIN LATERAL (
        SELECT position, recorded_at FROM log ORDER BY position DESC LIMIT 1
    ) AS last ON true
"""
COLUMNS: Final = "position, stream, version, kind, recorded_at, leaf, record"
HEAD: Final = ENDS + FROM_HEAD
READ: Final = f"""
    {ENDS}, page.* {FROM_HEAD} LEFT JOIN LATERAL (
        SELECT {COLUMNS} FROM log WHERE log.position > $1 ORDER BY log.position LIMIT $2
    ) AS page ON true ORDER BY page.position
"""
READ_BATCH: Final = f"""
    {ENDS}, page.* {FROM_HEAD} LEFT JOIN LATERAL (
        SELECT {COLUMNS} FROM (
            SELECT *, sum(length(record)) OVER (ORDER BY position) - length(record) AS before
            FROM (SELECT * FROM log WHERE log.position > $1 ORDER BY log.position LIMIT $2) AS next
        ) AS weighed WHERE before < $3
    ) AS page ON true ORDER BY page.position
"""
READ_STREAMS: Final = f"""
    SELECT {COLUMNS} FROM unnest($1::text[]) AS asked (name) CROSS JOIN LATERAL (
        SELECT * FROM log WHERE stream = name AND position > $2 ORDER BY version LIMIT $3
    ) AS found ORDER BY position LIMIT $3
"""
VERSION: Final = "(SELECT version FROM log WHERE stream = asked ORDER BY version DESC LIMIT 1)"
VERSIONS: Final = f"SELECT asked, coalesce({VERSION}, 0) FROM unnest($1::text[]) AS asked"
FIND: Final = f"""
    SELECT used.digest, used.first, used.last, {COLUMNS}
    FROM unnest($1::bytea[]) AS asked CROSS JOIN LATERAL (
        SELECT * FROM log_keys WHERE sha256(key) = sha256(asked) LIMIT 1
    ) AS used LEFT JOIN log ON position BETWEEN used.first AND used.last
    ORDER BY position
"""
KNOWN: Final = """
    SELECT used.* FROM unnest($1::bytea[]) AS asked CROSS JOIN LATERAL (
        SELECT key, first, last FROM log_keys WHERE sha256(key) = sha256(asked) LIMIT 1
    ) AS used
"""
POSITION_AT: Final = f"""
    WITH RECURSIVE bisected (low, high) AS (
        SELECT 0::bigint, position FROM log_head
        UNION ALL
        SELECT CASE WHEN recorded_at <= $1 THEN middle ELSE low END,
            CASE WHEN recorded_at <= $1 THEN high ELSE middle - 1 END
        FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM bisected WHERE low < high) AS halved
        JOIN LATERAL (SELECT recorded_at FROM log WHERE position = middle LIMIT 1) AS record ON true
    )
    {ENDS}, low {FROM_HEAD} LEFT JOIN bisected ON low = high
"""
STATE: Final = f"""
    {ENDS}, ARRAY(
        SELECT coalesce({VERSION}, 0) FROM unnest($1::text[]) WITH ORDINALITY AS streams (asked, nth)
        ORDER BY nth
    ), EXISTS (
        SELECT FROM unnest($2::bytea[]) AS asked CROSS JOIN LATERAL (
            SELECT FROM log_keys WHERE sha256(key) = sha256(asked) LIMIT 1
        ) AS used
    ) {FROM_HEAD}
"""
COMMITTED: Final = "SELECT leaf = $2 FROM log WHERE position = $1"
INSERT: Final = f"""
    WITH keys AS (
        INSERT INTO log_keys (key, first, last, digest)
        SELECT * FROM unnest($8::bytea[], $9::bigint[], $10::bigint[], $11::bytea[])
    )
    INSERT INTO log ({COLUMNS}) SELECT * FROM unnest(
        $1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::bytea[]
    )
"""

Used = dict[str, tuple[bytes, Appended]]


async def end_of_log(
    drafts: Iterable[Draft], now: Callable[[], datetime], connection: Connection
) -> End:
    """The end that appends are put behind, whose head is locked."""
    streams = list({write.stream for draft in drafts for write in draft.writes})
    keys = encoded({draft.key for draft in drafts if draft.key is not None})
    rows = await connection.fetch(STATE, streams, keys)
    end = head(rows)
    *_, versions, some_used = rows[0]
    return End(
        position=end.position,
        recorded_at=max(timestamp(now()), end.recorded_at),
        versions=dict(zip(streams, versions, strict=True)),
        used=used(await connection.fetch(FIND, keys)) if some_used else {},
    )


async def insert(rows: Sequence[Row], keys: Sequence[KeyRow], connection: Connection) -> None:
    """Write records behind the end of the log, whose head then advances, and keys."""
    columns = list(zip(*rows, strict=True)) or [()] * len(Row._fields)
    columns += list(zip(*keys, strict=True)) or [()] * len(KeyRow._fields)
    columns[len(Row._fields)] = tuple(encoded(columns[len(Row._fields)]))
    await connection.execute(INSERT, *columns)


def head(rows: Sequence[Record]) -> stored.Head:
    """Where the log ends, from rows that begin with that."""
    return stored.head(rows[0][:4] if rows else None)


def records(rows: Sequence[Record]) -> list[Recorded]:
    """The records of a page, from rows that begin with where the log ends."""
    return [stored.recorded(row[4:]) for row in rows if row[4] is not None]


def used(rows: Iterable[Record]) -> Used:
    """What keys stand for, from the rows that FIND gives."""
    found: Used = {}
    for (digest, first, last), group in groupby(rows, lambda row: row[:3]):
        kept = [stored.recorded(row[3:]) for row in group if row[3] is not None]
        stored.without_holes(kept, first - 1, last)
        key = kept[0].envelope["key"]
        found[key] = digest, stored.append_of(key, kept)
    return found


def encoded(keys: Iterable[str]) -> list[bytes]:
    """Keys as they are stored."""
    return [key.encode() for key in keys]
