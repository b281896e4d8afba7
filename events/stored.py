"""What must stored rows show before they are believed to be the log?  The same for every engine.

All of it raises LogDamaged for rows that contradict themselves or each other.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from events.log import Appended
from events.record import Recorded, verify
from events.refusals import LogDamaged


class Head(NamedTuple):
    """Where the log ends."""

    position: int
    """Position of the last record; 0 when the log is empty."""
    recorded_at: str
    """When that was recorded; empty when the log is."""


def head(row: Sequence[Any] | None) -> Head:
    """Where the log ends, from (position, recorded_at) of its head row and then of its last record."""
    if row is None:
        raise LogDamaged("the log has no head")
    position, recorded_at, *last = row
    if last != ([position, recorded_at] if position else [None, None]):
        raise LogDamaged(f"the head says that the log ends at {position}, the records do not")
    return Head(position, recorded_at)


def recorded(row: Sequence[Any]) -> Recorded:
    """The record in a row of (position, stream, version, kind, recorded_at, leaf, record)."""
    found = Recorded._make(row)
    if not isinstance(found.record, bytes):
        raise LogDamaged(f"the record at position {found.position} is not made of bytes")
    try:
        verify(found)
    except (KeyError, TypeError):
        raise LogDamaged(f"the record at position {found.position} is no envelope") from None
    return found


def without_holes(records: list[Recorded], after: int, last: int) -> list[Recorded]:
    """Records, which must be those of all positions after one, up to another one."""
    if [record.position for record in records] != list(range(after + 1, last + 1)):
        raise LogDamaged(f"the log lacks records between positions {after + 1} and {last}")
    return records


def of_streams(records: list[Recorded], streams: Collection[str], after: int) -> list[Recorded]:
    """Records of some streams; that versions follow on each other shows that none is missing."""
    reached: dict[str, int] = {} if after > 0 else dict.fromkeys(streams, 0)
    for record in records:
        if record.stream not in streams:
            raise strayed(", ".join(streams), record.stream)
        if record.version != reached.get(record.stream, record.version - 1) + 1:
            raise LogDamaged(
                f"stream {record.stream!r} lacks the record before version {record.version}"
            )
        reached[record.stream] = record.version
    return records


def append_of(key: str, records: Sequence[Recorded]) -> Appended:
    """The append that a key stands for, from its records."""
    if any(record.envelope["key"] != key for record in records):
        raise LogDamaged(f"key {key!r} stands for records of another one")
    ids = tuple(record.id for record in records)
    return Appended(records[0].position, records[-1].position, ids)


def strayed(asked: str, found: str | None) -> LogDamaged:
    """An index led to another stream than the one that was asked for."""
    return LogDamaged(f"the index of streams finds {found!r} for {asked!r}")
