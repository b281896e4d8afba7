"""What runs a plan?  A reader: the port, which each engine keeps in a file of its own."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.engine import Dialect

from events.refusals import Refusal
from projections.reading.plan import Plan


class TooSlow(Refusal):
    """The query took longer than a query may."""

    code = "TOO_SLOW"


class Reader(Protocol):
    """Runs plans that were made for its dialect."""

    dialect: Dialect
    statements: int
    """How many statements were run."""

    async def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        """(position of the views, JSON object), both of one state of the database.

        Where the database is a file, this never suspends.
        Raises TooSlow, TooComplex, LogDamaged, LogUnavailable, and the refusals of values that cannot be bound.
        """
        ...

    def position(self) -> int:
        """The newest position that is known to have been reflected, without asking a server; of a file, the one that is reflected now."""
        ...

    def close(self) -> None:
        """Let go of what nobody else uses."""
        ...
