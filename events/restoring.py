"""Which records of another log can come behind those of this one?  What every engine asks before it writes them.

Keys are not handed over: records that follow on each other and have the same key were one append.
"""

from collections.abc import Iterable, Iterator, Sequence
from threading import Event

from events.appending import KeyRow, digest_of
from events.prefix import refuse_stray
from events.record import Recorded, Row, verify
from events.refusals import LogDamaged, LogNotEmpty, LogUnavailable, Malformed
from events.stored import Head


def in_order(records: Iterable[Recorded], end: Head) -> Iterator[Recorded]:
    """Records, each of which has its hash and follows on the one before, the first on the end of a log.  Raises Malformed."""
    for record in records:
        try:
            verify(record)
            refuse_stray(record, end.position, end.recorded_at)
        except LogDamaged as damage:
            raise Malformed(damage.message) from None
        end = Head(record.position, record.recorded_at)
        yield record


def until(cancelled: Event, records: Iterable[Recorded]) -> Iterator[Recorded]:
    """The records, unless nobody waits for them any more: then none of them is to be kept."""
    for record in records:
        if cancelled.is_set():
            raise LogUnavailable("what was being restored was cancelled")
        yield record


def key_of(records: Sequence[Recorded]) -> KeyRow:
    """What is stored of the key that the records of an append have."""
    first, last = records[0], records[-1]
    content = ((r.stream, r.kind, r.envelope["payload"]) for r in records)
    return KeyRow(first.envelope["key"], first.position, last.position, digest_of(content))


def refuse_another_end(end: Head, after: int) -> None:
    """Raises LogNotEmpty unless a log ends where records are to come."""
    if end.position == after:
        return
    if after:
        raise LogNotEmpty(
            f"the log ends at position {end.position}, not at {after}; somebody else writes to it"
        )
    raise LogNotEmpty(f"the log has {end.position} records already; only an empty one is filled")


def misplaced(record: Row, follows: int) -> Malformed:
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
