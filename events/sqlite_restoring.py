"""How do the records of another log come into a SQLite file?  In a transaction; the triggers look at each of them."""

from collections.abc import Iterable

from events.record import Recorded
from events.restoring import in_order, key_again, key_of, misplaced, refuse_another_end
from events.sqlite_library import sqlite3
from events.sqlite_statements import FIND_KEY, INSERT, INSERT_KEY, head, versions


def restore(records: Iterable[Recorded], after: int, connection: sqlite3.Connection) -> int:
    """Write records as they are behind a position; gives how many.  What is not accepted is the last record that was drawn.

    Raises LogNotEmpty, Malformed.
    """
    end = head(connection)
    refuse_another_end(end, after)
    keys = _Keys(connection)
    for record in in_order(records, end):
        keys.add(record)
        _insert(record, connection)
    keys.end()
    return head(connection).position - after


def _insert(record: Recorded, connection: sqlite3.Connection) -> None:
    try:
        connection.execute(INSERT, record)
    except sqlite3.IntegrityError:  # of a trigger; that the position follows was seen before
        follows = versions([record.stream], connection)[record.stream] + 1
        raise misplaced(record, follows) from None


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
                raise key_again(key, first, last)
        self._append.append(record)

    def end(self) -> None:
        """No more records of this append follow."""
        if self._append:
            self._connection.execute(INSERT_KEY, key_of(self._append))
            self._append = []
