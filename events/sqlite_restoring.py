"""How do the records of another log come into an empty one?  In a transaction; the triggers look at each of them.

Keys are not handed over: records that follow on each other and have the same key were one append.
"""

from collections.abc import Iterable, Iterator

from events.appending import KeyRow, Row, digest_of
from events.prefix import Prefix
from events.record import Recorded, verify
from events.refusals import LogDamaged, LogNotEmpty, Malformed
from events.sqlite_library import sqlite3
from events.sqlite_statements import FIND_KEY, INSERT, INSERT_KEY, head, versions


def restore(records: Iterable[Recorded], connection: sqlite3.Connection) -> int:
    """Write records as they are; gives how many.  What is not accepted is the last record that was drawn.

    Raises LogNotEmpty, Malformed.
    """
    if position := head(connection).position:
        raise LogNotEmpty(f"the log has {position} records already; only an empty one is filled")
    keys = _Keys(connection)
    for record in _in_order(records):
        keys.add(record)
        _insert(record, connection)
    keys.end()
    return head(connection).position


def _in_order(records: Iterable[Recorded]) -> Iterator[Recorded]:
    prefix = Prefix()
    for record in records:
        try:
            verify(record)
            prefix.add(record)
        except LogDamaged as damage:
            raise Malformed(damage.message) from None
        yield record


def _insert(record: Recorded, connection: sqlite3.Connection) -> None:
    row = Row(
        record.position,
        record.stream,
        record.version,
        record.kind,
        record.recorded_at,
        record.leaf,
        record.record,
    )
    try:
        connection.execute(INSERT, row)
    except sqlite3.IntegrityError:  # of a trigger; that the position follows was seen before
        follows = versions([record.stream], connection)[record.stream] + 1
        raise Malformed(
            f"version {record.version} of stream {record.stream!r} stands where {follows} must follow"
        ) from None


class _Keys:
    """The keys of the appends that records came by."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._append: list[Recorded] = []

    def add(self, record: Recorded) -> None:
        """Take in the next record."""
        key = record.envelope["key"]
        if self._append and self._append[0].envelope["key"] != key:
            self.end()
        if key is None:
            return
        if not self._append:
            for first, last, _ in self._connection.execute(FIND_KEY, (key,)):
                raise Malformed(
                    f"key {key!r} stands for positions {first} to {last}; "
                    "a key is unique for ever, and its records follow on each other"
                )
        self._append.append(record)

    def end(self) -> None:
        """No more records of this append follow."""
        if not self._append:
            return
        first, last = self._append[0], self._append[-1]
        content = ((r.stream, r.kind, r.envelope["payload"]) for r in self._append)
        key = KeyRow(first.envelope["key"], first.position, last.position, digest_of(content))
        self._connection.execute(INSERT_KEY, key)
        self._append = []
