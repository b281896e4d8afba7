"""Which statements does the log in a SQLite file consist of?  Functions of a connection, each for one transaction."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from sqlite3 import Connection
from typing import Any, Final, NamedTuple

import orjson

from events.appending import Draft, End, timestamp
from events.log import Appended
from events.record import Recorded, verify
from events.refusals import LogDamaged, Refusal

HEAD: Final = """
    SELECT log_head.position, log_head.recorded_at, last.position, last.recorded_at FROM log_head
    LEFT JOIN (SELECT position, recorded_at FROM log ORDER BY position DESC LIMIT 1) AS last
"""
VERSIONS: Final = """
    SELECT value, (SELECT coalesce(max(version), 0) FROM log WHERE stream = value)
    FROM json_each(?)
"""
RECORDED_AT: Final = "SELECT recorded_at FROM log WHERE position = ?"
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


class Head(NamedTuple):
    """Where the log ends."""

    position: int
    """Position of the last record; 0 when the log is empty."""
    recorded_at: str
    """When that was recorded; empty when the log is."""


def append(
    drafts: Sequence[Draft], now: Callable[[], datetime], connection: Connection
) -> list[Appended | Refusal]:
    """Accept or refuse appends one after the other, and write what was accepted."""
    at = head(connection)
    end = End(
        position=at.position,
        recorded_at=max(timestamp(now()), at.recorded_at),
        versions=versions({write.stream for draft in drafts for write in draft.writes}, connection),
        used=_used({draft.key for draft in drafts if draft.key is not None}, connection),
    )
    answers = [_accepted(end, draft) for draft in drafts]
    connection.executemany(INSERT, end.rows)
    connection.executemany(INSERT_KEY, end.keys)
    return answers


def find(key: str, connection: Connection) -> Appended | None:
    used = _used({key}, connection)
    return replace(used[key][1], repeated=True) if used else None


def head(connection: Connection) -> Head:
    """Where the log ends, said twice: by the head, and by the last record.  Raises LogDamaged if these differ."""
    row = connection.execute(HEAD).fetchone()
    if row is None:
        raise LogDamaged("the log has no head")
    position, recorded_at, *last = row
    if last != ([position, recorded_at] if position else [None, None]):
        raise LogDamaged(
            f"the head says that the log ends at {position}, the records say otherwise"
        )
    return Head(position, recorded_at)


def versions(streams: Collection[str], connection: Connection) -> dict[str, int]:
    names = orjson.dumps(list(streams)).decode()
    return dict(connection.execute(VERSIONS, (names,)).fetchall())


def position_at(instant: str, connection: Connection) -> int:
    """By bisection, which needs no index: `recorded_at` never runs backwards."""

    def recorded_at(position: int) -> str:
        row = connection.execute(RECORDED_AT, (position,)).fetchone()
        if row is None:
            raise LogDamaged(f"the log has no record at position {position}")
        return str(row[0])

    return bisect_right(range(1, head(connection).position + 1), instant, key=recorded_at)


def read(after: int, limit: int, connection: Connection) -> list[Recorded]:
    last = min(after + limit, head(connection).position)
    records = [_recorded(row) for row in connection.execute(READ, (after, limit))]
    if [record.position for record in records] != list(range(after + 1, last + 1)):
        raise LogDamaged(f"the log lacks records between positions {after + 1} and {last}")
    return records


def read_streams(
    streams: Collection[str], after: int, limit: int, connection: Connection
) -> list[Recorded]:
    names = orjson.dumps(streams).decode()
    records = [_recorded(row) for row in connection.execute(READ_STREAMS, (names, after, limit))]
    reached: dict[str, int] = {} if after else dict.fromkeys(streams, 0)
    for record in records:
        if record.version != reached.get(record.stream, record.version - 1) + 1:
            raise LogDamaged(
                f"stream {record.stream!r} lacks the record before version {record.version}"
            )
        reached[record.stream] = record.version
    return records


def _recorded(row: tuple[Any, ...]) -> Recorded:
    position, stream, version, kind, recorded_at, leaf, record = row
    if not isinstance(record, bytes):
        raise LogDamaged(f"the record at position {position} is not made of bytes")
    recorded = Recorded(position, stream, version, kind, record, leaf)
    verify(recorded)
    if recorded.recorded_at != recorded_at:
        raise LogDamaged(f"column 'recorded_at' at position {position} contradicts the record")
    return recorded


def _accepted(end: End, draft: Draft) -> Appended | Refusal:
    try:
        return end.accept(draft)
    except Refusal as refusal:
        return refusal


def _used(keys: Collection[str], connection: Connection) -> dict[str, tuple[bytes, Appended]]:
    used = {}
    for key in keys:
        for first, last, digest in connection.execute(FIND_KEY, (key,)):
            records = read(first - 1, last - first + 1, connection)
            ids = tuple(record.id for record in records)
            used[key] = digest, Appended(first, last, ids)
    return used
