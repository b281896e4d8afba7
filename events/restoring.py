"""Which records of another log can come into an empty one?  What every engine asks before it writes them.

Keys are not handed over: records that follow on each other and have the same key were one append.
"""

from collections.abc import Iterable, Iterator, Sequence
from threading import Event

from events.appending import KeyRow, Row, digest_of
from events.prefix import Prefix
from events.record import Recorded, verify
from events.refusals import LogDamaged, LogNotEmpty, LogUnavailable, Malformed


def in_order(records: Iterable[Recorded]) -> Iterator[Recorded]:
    """Records, each of which has its hash and follows on the one before.  Raises Malformed."""
    prefix = Prefix()
    for record in records:
        try:
            verify(record)
            prefix.add(record)
        except LogDamaged as damage:
            raise Malformed(damage.message) from None
        yield record


def until(cancelled: Event, records: Iterable[Recorded]) -> Iterator[Recorded]:
    """The records, unless nobody waits for them any more: then none of them is to be kept."""
    for record in records:
        if cancelled.is_set():
            raise LogUnavailable("what was being restored was cancelled")
        yield record


def row_of(record: Recorded) -> Row:
    """What is stored of a record."""
    return Row(
        record.position,
        record.stream,
        record.version,
        record.kind,
        record.recorded_at,
        record.leaf,
        record.record,
    )


def key_of(records: Sequence[Recorded]) -> KeyRow:
    """What is stored of the key that the records of an append have."""
    first, last = records[0], records[-1]
    content = ((r.stream, r.kind, r.envelope["payload"]) for r in records)
    return KeyRow(first.envelope["key"], first.position, last.position, digest_of(content))


def not_empty(position: int) -> LogNotEmpty:
    """The log ends at this position, not at 0."""
    return LogNotEmpty(f"the log has {position} records already; only an empty one is filled")


def misplaced(record: Recorded, follows: int) -> Malformed:
    """The record does not have the version that follows in its stream."""
    return Malformed(
        f"version {record.version} of stream {record.stream!r} stands where {follows} must follow"
    )


def key_again(key: str, first: int, last: int) -> Malformed:
    """The key has come with an append before."""
    return Malformed(
        f"key {key!r} stands for positions {first} to {last}; "
        "a key is unique for ever, and its records follow on each other"
    )
