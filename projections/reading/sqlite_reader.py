"""How does a plan run on SQLite?  On one read-only connection, with a deadline; the answer is finished bytes."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

from events.refusals import LogDamaged
from events.sqlite_connection import refusal_of
from events.sqlite_library import sqlite3
from projections.reading.cursors import encode
from projections.reading.dialects import SQLITE
from projections.reading.plan import Plan
from projections.reading.reader import TooSlow
from projections.reading.statement import TooComplex
from projections.spans import holding

CHECKED_EVERY: Final = 20_000
"""Steps of SQLite's machine between two looks at the clock; about a millisecond."""
POSITION: Final = "SELECT min(position) FROM checkpoints"
_LIMITS: Final = ("too large", "too many", "too big", "too complex", "overflow")
"""Words in which SQLite says that a statement, or a value in it, is beyond its limits."""


class SqliteReader:
    """Runs plans on a connection of its own, which it closes, in the event loop: they are short, and a thread costs more."""

    dialect = SQLITE

    def __init__(self, connection: sqlite3.Connection, patience: float = 2.0) -> None:
        """`patience`: seconds that a statement may take."""
        self._connection, self._patience = connection, patience
        self._until = 0.0
        connection.create_function("cursor", 1, _cursor, deterministic=True)
        connection.create_function("spans_holding", 1, holding, deterministic=True)
        connection.set_progress_handler(self._is_late, CHECKED_EVERY)
        self.statements = 0

    async def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        values = plan.values(given)
        self.statements += 1
        position, data = self._row(plan.sql, values)
        return position, data

    def position(self) -> int:
        return int(self._row(POSITION, {})[0])

    def _row(self, sql: str, values: dict[str, Any]) -> tuple[Any, ...]:
        self._until = monotonic() + self._patience
        try:
            # A transaction, so that the statement is prepared on the tables that it then reads: a rebuild may put others there meanwhile.
            self._connection.execute("BEGIN")
            row: tuple[Any, ...] = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise self._meant(error) from error
        finally:
            self._connection.rollback()
        return row

    def close(self) -> None:
        self._connection.close()

    def _meant(self, error: sqlite3.Error) -> Exception:
        """What an error of SQLite means for who asked; itself, if it is a mistake in the statement."""
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return TooSlow(f"the query took longer than {self._patience:g} s; ask for less")
        if any(words in str(error) for words in _LIMITS):
            return TooComplex(f"the query is beyond what the database can do: {error}")
        path = Path(self._connection.execute("PRAGMA database_list").fetchone()[2])
        if "malformed JSON" in str(error):
            return LogDamaged(f"{path} is damaged: {error}")
        return refusal_of(error, path) or error

    def _is_late(self) -> bool:
        return monotonic() > self._until


def _cursor(content: str | None) -> str | None:
    """A cursor of a text and, as with any function of SQL, null of null."""
    return None if content is None else encode(content)
