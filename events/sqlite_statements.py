"""Which statements make the log in a SQLite file?  Functions of a connection in a transaction.

What they are about comes first and the connection last, so that `partial` makes jobs of them.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from events.appending import Draft, End
from events.instants import timestamp
from events.log import Appended
from events.record import Recorded, verify
from events.refusals import LogDamaged, Refusal
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


class Head(NamedTuple):
    """Where the log ends."""

    position: int
    """Position of the last record; 0 when the log is empty."""
    recorded_at: str
    """When that was recorded; empty when the log is."""


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
    answers = [_accepted(end, draft) for draft in drafts]
    connection.executemany(INSERT, end.rows)
    connection.executemany(INSERT_KEY, end.keys)
    return answers


def find(key: str, connection: sqlite3.Connection) -> Appended | None:
    used = _used({key}, connection)
    return replace(used[key][1], repeated=True) if used else None


def head(connection: sqlite3.Connection) -> Head:
    """Where the log ends, by its head and by its last record; LogDamaged if these differ."""
    row = connection.execute(HEAD).fetchone()
    if row is None:
        raise LogDamaged("the log has no head")
    position, recorded_at, *last = row
    if last != ([position, recorded_at] if position else [None, None]):
        raise LogDamaged(f"the head says that the log ends at {position}, the records do not")
    return Head(position, recorded_at)


def versions(streams: Collection[str], connection: sqlite3.Connection) -> dict[str, int]:
    """How many events each stream has, by the last record of each."""
    reached = dict.fromkeys(streams, 0)
    names = orjson.dumps(list(reached)).decode()
    for asked, last, found, version in connection.execute(VERSIONS, (names,)):
        if last is not None:
            if found != asked:
                raise _strayed(asked, found)
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
    records = [_recorded(row) for row in connection.execute(READ, (after, limit))]
    if [record.position for record in records] != list(range(after + 1, last + 1)):
        raise LogDamaged(f"the log lacks records between positions {after + 1} and {last}")
    return records


def read_batch(
    after: int, size: int, weight: int, connection: sqlite3.Connection
) -> tuple[list[Recorded], bool]:
    """As `read`, but no more once the records have so many bytes; and whether there is more."""
    last, records, read = head(connection).position, list[Recorded](), 0
    for row in connection.execute(READ, (after, size)):
        records.append(_recorded(row))
        read += len(records[-1].record)
        if read >= weight:
            break
    reached = after + len(records)
    if [record.position for record in records] != list(range(after + 1, reached + 1)) or (
        not records and after < last
    ):
        raise LogDamaged(f"the log lacks records between positions {after + 1} and {last}")
    return records, reached < last


def read_streams(
    streams: Collection[str], after: int, limit: int, connection: sqlite3.Connection
) -> list[Recorded]:
    """As `read`, of some streams; that versions follow on each other shows that none is missing."""
    names = orjson.dumps(streams).decode()
    records = [_recorded(row) for row in connection.execute(READ_STREAMS, (names, after, limit))]
    reached: dict[str, int] = {} if after else dict.fromkeys(streams, 0)
    for record in records:
        if record.stream not in streams:
            raise _strayed(", ".join(streams), record.stream)
        if record.version != reached.get(record.stream, record.version - 1) + 1:
            raise LogDamaged(
                f"stream {record.stream!r} lacks the record before version {record.version}"
            )
        reached[record.stream] = record.version
    return records


def _strayed(asked: str, found: str | None) -> LogDamaged:
    return LogDamaged(f"the index of streams finds {found!r} for {asked!r}")


def _recorded(row: tuple[Any, ...]) -> Recorded:
    position, stream, version, kind, recorded_at, leaf, record = row
    if not isinstance(record, bytes):
        raise LogDamaged(f"the record at position {position} is not made of bytes")
    recorded = Recorded(position, stream, version, kind, record, leaf)
    try:
        verify(recorded)
        same = recorded.recorded_at == recorded_at
    except (KeyError, TypeError):
        raise LogDamaged(f"the record at position {position} is no envelope") from None
    if not same:
        raise LogDamaged(f"column 'recorded_at' at position {position} contradicts the record")
    return recorded


def _accepted(end: End, draft: Draft) -> Appended | Refusal:
    try:
        return end.accept(draft)
    except Refusal as refusal:
        return refusal


def _used(
    keys: Collection[str], connection: sqlite3.Connection
) -> dict[str, tuple[bytes, Appended]]:
    used = {}
    for key in keys:
        for first, last, digest in connection.execute(FIND_KEY, (key,)):
            records = read(first - 1, last - first + 1, connection)
            if any(record.envelope["key"] != key for record in records):
                raise LogDamaged(f"key {key!r} stands for records of another one")
            ids = tuple(record.id for record in records)
            used[key] = digest, Appended(first, last, ids)
    return used
