"""What did the views say at a position?  Folds the log anew, into a temporary database."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from events.log import EventLog
from events.record import Recorded
from events.refusals import Malformed
from events.sqlite_connection import refusing
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections.digests import View, current, digest, versions
from projections.folding import PROJECTIONS, fold_batch
from projections.rows import Rows
from projections.runner import BATCH, Progress
from projections.versioned import table_of

TEMPORARY: Final = Path("the temporary database")


class Replayed:
    """The views as the log alone makes them, up to a position."""

    def __init__(self, connection: sqlite3.Connection, position: int) -> None:
        self._connection = connection
        self.position = position

    def rows(self, view: View) -> Iterator[tuple[str, dict[str, Any]]]:
        """(table, content) of each row that was current."""
        for model in view.models:
            held = versions(self._connection, model, self.position, view.kind)
            for row in current(held):
                yield table_of(model).name, row

    def digest(self, view: View) -> str:
        """The canonical digest of a view: the same as the live one's at this position."""
        return digest(self._connection, view, self.position)

    def close(self) -> None:
        """Let go of them."""
        self._connection.close()


async def replay(
    log: EventLog, until: int, batch: int = BATCH, progress: Progress | None = None
) -> Replayed:
    """The views at a position, folded from nothing; the caller closes them.

    However long the log is, only one batch is in memory.  Raises Malformed beyond the log's end.
    """
    head = await log.head()
    if until > head:
        raise Malformed(f"the log ends at position {head}, before {until}")
    # The empty name means a file of its own, which SQLite deletes when the connection is closed.
    connection = sqlite3.connect("", check_same_thread=False)
    try:
        position = 0
        with refusing(TEMPORARY):
            for projection in PROJECTIONS:
                store.create(connection, projection)
            while position < until:
                records = await log.read(position, min(batch, until - position))
                await asyncio.to_thread(_fold, connection, records)
                position = records[-1].position
                if progress:
                    progress(position, until)
    except BaseException:
        connection.close()
        raise
    return Replayed(connection, until)


def _fold(connection: sqlite3.Connection, records: Sequence[Recorded]) -> None:
    rows = Rows(store.loader(connection))
    fold_batch(rows, records)
    with connection:
        store.flush(connection, rows)
