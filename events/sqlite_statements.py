"""Which statements make the log in a SQLite file?  Functions of a connection in a transaction.

What they are about comes first and the connection last, so that `partial` makes jobs of them.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson

from events import stored
from events.appending import Draft, End
from events.instants import timestamp
from events.log import Appended
from events.record import Recorded
from events.refusals import Refusal
from events.sqlite_library import sqlite3

HEAD: Final = """
    SELECT log_head.position, log_head.recorded_at, last.position, last.recorded_at FROM log_head
    LEFT JOIN (SELECT position, recorded_at FROM log ORDER BY position DESC LIMIT 1) AS last
"""
VERSIONS: Final = """
    SELECT asked, last, stream, version FROM (
        SELECT value AS asked, (
            SELECT position FROM log INDEXED BY log_by_stream
            WHERE stream = value ORDER BY version DESC LIMIT 1
        ) AS last FROM json_each(?)
    ) LEFT JOIN log ON position = last
"""
INSERT: Final = """
    INSERT INTO log (position, stream, version, kind, recorded_at, leaf, record)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
INSERT_KEY: Final = "INSERT INTO log_keys (key, first, last, digest) VALUES (?, ?, ?, ?)"
FIND_KEY: Final = "SELECT first, last, digest FROM log_keys WHERE key = ?"
READ: Final = """
    SELECT position, stream, version, kind, recorded_at, leaf, record FROM log
    WHERE position > ? ORDER BY position LIMIT ?
"""
READ_STREAMS: Final = """
    SELECT position, stream, version, kind, recorded_at, leaf, record FROM log
    WHERE position IN (
        SELECT position FROM log INDEXED BY log_by_stream
        WHERE stream IN (SELECT value FROM json_each(?)) AND position > ?
        ORDER BY position LIMIT ?
    ) ORDER BY position
"""


def append(
    drafts: Sequence[Draft], now: Callable[[], datetime], connection: sqlite3.Connection
) -> list[Appended | Refusal]:
    """Accept or refuse appends one after the other, and write what was accepted."""
    at = head(connection)
    end = End(
        position=at.position,
        recorded_at=max(timestamp(now()), at.recorded_at),
        versions=versions({write.stream for draft in drafts for write in draft.writes}, connection),
        used=_used({draft.key for draft in drafts if draft.key is not None}, connection),
    )
    answers = [end.answer(draft) for draft in drafts]
    connection.executemany(INSERT, end.rows)
    connection.executemany(INSERT_KEY, end.keys)
    return answers


def find(key: str, connection: sqlite3.Connection) -> Appended | None:
    used = _used({key}, connection)
    return replace(used[key][1], repeated=True) if used else None


def head(connection: sqlite3.Connection) -> stored.Head:
    """Where the log ends, by its head and by its last record; LogDamaged if these differ."""
    return stored.head(connection.execute(HEAD).fetchone())


def versions(streams: Collection[str], connection: sqlite3.Connection) -> dict[str, int]:
    """How many events each stream has, by the last record of each."""
    reached = dict.fromkeys(streams, 0)
    names = orjson.dumps(list(reached)).decode()
    for asked, last, found, version in connection.execute(VERSIONS, (names,)):
        if last is not None:
            if found != asked:
                raise stored.strayed(asked, found)
            reached[asked] = version
    return reached


def position_at(instant: str, connection: sqlite3.Connection) -> int:
    """Position of the last record at or before an instant.

    By bisection, which needs no index: `recorded_at` never runs backwards.
    """

    def recorded_at(position: int) -> str:
        return read(position - 1, 1, connection)[0].recorded_at

    return bisect_right(range(1, head(connection).position + 1), instant, key=recorded_at)


def read(after: int, limit: int, connection: sqlite3.Connection) -> list[Recorded]:
    last = min(after + limit, head(connection).position)
    records = [stored.recorded(row) for row in connection.execute(READ, (after, limit))]
    return stored.without_holes(records, after, last)


def read_batch(
    after: int, size: int, weight: int, connection: sqlite3.Connection
) -> tuple[list[Recorded], bool]:
    """As `read`, but no more once the records have so many bytes; and whether there is more."""
    last, records, read = head(connection).position, list[Recorded](), 0
    for row in connection.execute(READ, (after, size)):
        records.append(stored.recorded(row))
        read += len(records[-1].record)
        if read >= weight:
            break
    reached = after + len(records)
    stored.without_holes(records, after, reached if records else max(reached, last))
    return records, reached < last


def read_streams(
    streams: Collection[str], after: int, limit: int, connection: sqlite3.Connection
) -> list[Recorded]:
    """As `read`, of some streams; that versions follow on each other shows that none is missing."""
    names = orjson.dumps(streams).decode()
    rows = connection.execute(READ_STREAMS, (names, after, limit))
    return stored.of_streams([stored.recorded(row) for row in rows], streams, after)


def _used(
    keys: Collection[str], connection: sqlite3.Connection
) -> dict[str, tuple[bytes, Appended]]:
    used = {}
    for key in keys:
        for first, last, digest in connection.execute(FIND_KEY, (key,)):
            records = read(first - 1, last - first + 1, connection)
            used[key] = digest, stored.append_of(key, records)
    return used
