"""How does a plan run on PostgreSQL?  As a prepared statement in one round trip, with a deadline; the answer is finished text."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.refusals import LogDamaged
from projections.reading.dialects import POSTGRESQL
from projections.reading.plan import Plan
from projections.reading.reader import TooSlow
from projections.reading.statement import TooComplex

NOTHING: Final = "\U0010fffe"
"""What stands for U+0000, which no text of the database holds, and no value can be sent with."""


class PostgresReader:
    """Runs plans on the connections of a database, which others use, too."""

    dialect = POSTGRESQL

    def __init__(self, database: PostgresDatabase, patience: float = 2.0) -> None:
        """`patience`: seconds that a statement may take."""
        self._database, self._patience = database, patience
        self.statements = self._seen = 0

    async def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        values = plan.values([_sendable(value) for value in given])
        numbered = [_sendable(values[name]) for name in plan.order]
        self.statements += 1

        async def statement(connection: Connection) -> tuple[int, str]:
            try:
                row = await connection.fetchrow(plan.sql, *numbered, timeout=self._patience)
            except TimeoutError as error:
                raise TooSlow(
                    f"the query took longer than {self._patience:g} s; ask for less"
                ) from error
            except asyncpg.ProgramLimitExceededError as error:
                raise TooComplex(
                    f"the query is beyond what the database can do: {error}"
                ) from error
            except asyncpg.InvalidTextRepresentationError as error:
                raise LogDamaged(f"{self._database.name} is damaged: {error}") from error
            assert row is not None  # noqa: S101 - an aggregate always gives a row
            return row[0], row[1]

        position, data = await self._database.run(statement)
        self._seen = max(self._seen, position)
        return position, data

    def position(self) -> int:
        return self._seen

    def close(self) -> None:
        """Nothing is its own."""


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", NOTHING)
    if isinstance(value, list):
        return [_sendable(each) for each in value]
    return value
