"""How does a plan run on SQLite?  On one read-only connection, with a deadline; the answer is finished bytes."""

from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from events.refusals import Refusal
from events.sqlite_library import sqlite3
from projections.reading.cursors import encode
from projections.reading.plan import Plan

CHECKED_EVERY: Final = 20_000
"""Steps of SQLite's machine between two looks at the clock; about a millisecond."""


class TooSlow(Refusal):
    """The query took longer than a query may."""

    code = "TOO_SLOW"


class Reader:
    """Runs plans on a connection of its own, which it closes."""

    def __init__(self, connection: sqlite3.Connection, patience: float = 5.0) -> None:
        """`patience`: seconds that a statement may take."""
        self._connection, self._patience = connection, patience
        self._until = 0.0
        connection.create_function("cursor", 1, encode, deterministic=True)
        connection.set_progress_handler(self._is_late, CHECKED_EVERY)
        self.statements = 0
        """How many statements were run."""

    def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        """(position of the views, JSON object).  Raises TooSlow, and the refusals of values that cannot be bound."""
        values = plan.values(given)
        self._until = monotonic() + self._patience
        self.statements += 1
        try:
            row = self._connection.execute(plan.sql, values).fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow(
                    f"the query took longer than {self._patience:g} s; ask for less"
                ) from None
            raise
        return row

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _is_late(self) -> bool:
        return monotonic() > self._until
