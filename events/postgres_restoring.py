"""How do the records of another log come into one in PostgreSQL?  In one transaction, many in each round trip."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from threading import Event
from typing import Final

from events import postgres_statements as statements
from events.appending import KeyRow
from events.postgres_connections import Connection
from events.record import Recorded, Row
from events.refusals import Refusal
from events.restoring import (
    in_order,
    key_again,
    key_of,
    misplaced,
    refuse_another_end,
    until,
)

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
    """Writes records as they are behind a position; gives how many.

    Behind position 0, what is not accepted is the last record that was drawn: streams and keys are kept in memory, about 200 bytes
    for each.  Those that were there before are looked up for each chunk.
    Raises LogNotEmpty, Malformed, Undrawable.
    """

    def __init__(self, records: Iterable[Recorded], after: int) -> None:
        self._after = after
        self._cancelled = Event()
        self._records = until(self._cancelled, records)
        self._versions: dict[str, int] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._append: list[Recorded] = []

    async def __call__(self, connection: Connection) -> int:
        end = statements.head(await connection.fetch(statements.HEAD))
        refuse_another_end(end, self._after)
        self._records = in_order(self._records, end)
        await connection.execute(AWAIT_RECORDS)
        count = 0
        try:
            more = True
            while more:
                rows, keys, more = await asyncio.to_thread(self._draw)
                if self._after:
                    await _refuse_known(rows, keys, connection)
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
                rows.append(record)
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
        if self._after:
            return
        follows = self._versions.get(record.stream, 0) + 1
        if record.version != follows:
            raise misplaced(record, follows)
        self._versions[record.stream] = follows


async def _refuse_known(rows: list[Row], keys: list[KeyRow], connection: Connection) -> None:
    """Raises Malformed for rows that do not follow in their streams on what is stored, and for keys that are."""
    streams = list({row.stream for row in rows})
    reached = dict(map(tuple, await connection.fetch(statements.VERSIONS, streams)))
    for row in rows:
        if row.version != reached[row.stream] + 1:
            raise misplaced(row, reached[row.stream] + 1)
        reached[row.stream] = row.version
    asked = statements.encoded(key.key for key in keys)
    for key, first, last in await connection.fetch(statements.KNOWN, asked):
        raise key_again(key.decode(), first, last)


def _key(record: Recorded) -> str | None:
    key: str | None = record.envelope["key"]
    return key
