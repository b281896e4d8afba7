"""What did the views say at a position?  Folds the log anew, into a temporary database."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from events.log import EventLog
from events.prefix import Prefix
from events.record import Recorded
from events.refusals import Malformed
from events.sqlite_connection import refusing
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections.digests import View, current, digest, versions
from projections.folding import PROJECTIONS, fold_batch
from projections.rows import Rows
from projections.runner import BATCH, Progress
from projections.versioned import Versioned, table_of

TEMPORARY: Final = Path("the temporary database")


class Replayed:
    """The views as the log alone makes them, up to a position."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.log = Prefix()
        """The records that they are made of."""

    @property
    def position(self) -> int:
        """Position of the last record that they are made of."""
        return self.log.position

    def rows(self, view: View) -> Iterator[tuple[str, dict[str, Any]]]:
        """(table, content) of each row that was current."""
        for model in view.models:
            held = versions(self._connection, model, self.position, view.kind)
            for row in current(held):
                yield table_of(model).name, row

    def versions(self, model: type[Versioned], position: int) -> Iterator[dict[str, Any]]:
        """Row versions of a table as of a position, in order of key and beginning."""
        return versions(self._connection, model, position)

    def digest(self, view: View, position: int | None = None) -> str:
        """The canonical digest of a view, the same as the live one's at this position; by default where the views are."""
        return digest(self._connection, view, self.position if position is None else position)

    async def go_on(
        self, log: EventLog, until: int, batch: int = BATCH, progress: Progress | None = None
    ) -> None:
        """Fold what the log has up to a position.

        However long it is, only one batch is in memory.  Raises LogDamaged, and Malformed beyond the log's end.
        """
        head = await log.head()
        if until > head:
            raise Malformed(f"the log ends at position {head}, before {until}")
        with refusing(TEMPORARY):
            while self.position < until:
                records = await log.read(self.position, min(batch, until - self.position))
                await asyncio.to_thread(self._fold, records)
                if progress:
                    progress(self.position, until)

    def close(self) -> None:
        """Let go of them."""
        self._connection.close()

    def _fold(self, records: Sequence[Recorded]) -> None:
        for record in records:
            self.log.add(record)
        rows = Rows(store.loader(self._connection))
        fold_batch(rows, records)
        with self._connection:
            store.flush(self._connection, rows, listed=False)


async def replay(
    log: EventLog, until: int, batch: int = BATCH, progress: Progress | None = None
) -> Replayed:
    """The views at a position, folded from nothing; the caller closes them.

    Raises LogDamaged, and Malformed beyond the log's end.
    """
    # The empty name means a file of its own, which SQLite deletes when the connection is closed.
    connection = sqlite3.connect("", check_same_thread=False)
    replayed = Replayed(connection)
    try:
        with refusing(TEMPORARY):
            connection.execute("PRAGMA journal_mode = OFF")  # whatever fails ends it
            connection.execute("PRAGMA cache_size = -16000")  # KiB, a minus says
            for projection in PROJECTIONS:
                store.create(connection, projection, listed=False)
        await replayed.go_on(log, until, batch, progress)
    except BaseException:
        replayed.close()
        raise
    return replayed
