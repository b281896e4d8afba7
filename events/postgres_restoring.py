"""How do the records of another log come into an empty one in PostgreSQL?  In one transaction, many in each round trip."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from threading import Event
from typing import Final

from events import postgres_statements as statements
from events.appending import KeyRow, Row
from events.postgres import Connection
from events.record import Recorded
from events.refusals import Refusal
from events.restoring import in_order, key_again, key_of, misplaced, not_empty, row_of, until

CHUNK: Final = 500
"""Records that are drawn and written together."""
AWAIT_RECORDS: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""Those who give the records may take their time."""


class Undrawable(Exception):
    """Whoever gives the records has failed, for a reason that says nothing about the database: `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Restoration:
    """Writes records as they are; gives how many.  What is not accepted is the last record that was drawn.

    Streams and keys are kept in memory, about 200 bytes for each.
    Raises LogNotEmpty, Malformed, Undrawable.
    """

    def __init__(self, records: Iterable[Recorded]) -> None:
        self._cancelled = Event()
        self._records = in_order(until(self._cancelled, records))
        self._versions: dict[str, int] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._append: list[Recorded] = []

    async def __call__(self, connection: Connection) -> int:
        if position := statements.head(await connection.fetch(statements.HEAD)).position:
            raise not_empty(position)
        await connection.execute(AWAIT_RECORDS)
        count = 0
        try:
            more = True
            while more:
                rows, keys, more = await asyncio.to_thread(self._draw)
                await statements.insert(rows, keys, connection)
                count += len(rows)
        except asyncio.CancelledError:
            self._cancelled.set()
            raise
        return count

    def _draw(self) -> tuple[list[Row], list[KeyRow], bool]:
        """The next rows, the keys that end before or with them, and whether there may be more; on another thread."""
        rows: list[Row] = []
        keys: list[KeyRow] = []
        try:
            for record in islice(self._records, CHUNK):
                keys += self._keys_ended_by(record)
                self._take_in(record)
                rows.append(row_of(record))
        except Refusal:
            raise
        except Exception as error:
            raise Undrawable(error) from error
        more = len(rows) == CHUNK
        return rows, keys if more else keys + self._keys_ended_by(None), more

    def _keys_ended_by(self, record: Recorded | None) -> list[KeyRow]:
        """The key of the append that is over with the next record, or with the last one."""
        if not self._append or (record and _key(record) == _key(self._append[0])):
            return []
        row = key_of(self._append)
        self._keys[row.key] = row.first, row.last
        self._append = []
        return [row]

    def _take_in(self, record: Recorded) -> None:
        key = _key(record)
        if key is not None:
            if not self._append and key in self._keys:
                raise key_again(key, *self._keys[key])
            self._append.append(record)
        follows = self._versions.get(record.stream, 0) + 1
        if record.version != follows:
            raise misplaced(record, follows)
        self._versions[record.stream] = follows


def _key(record: Recorded) -> str | None:
    key: str | None = record.envelope["key"]
    return key
