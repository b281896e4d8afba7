"""How do the log's tables in PostgreSQL come to their newest form?  By Alembic, loaded only if they must."""

from typing import Final

from asyncpg import PostgresError

from events.migrating import NEWEST
from events.postgres import Connection, PostgresDatabase
from events.refusals import LogDamaged, LogUnavailable

LOCK: Final = 0x636F6D6D756E69  # "communi"
"""The advisory lock under which tables change."""
REVISION: Final = "SELECT version_num FROM alembic_version"


async def migrate(database: PostgresDatabase) -> None:
    """Bring the log's tables to the newest revision; make them if there are none.

    They are in the schema that comes first in the role's search path.  Of several processes that start at once, one
    upgrades and the others find it done.
    Raises LogUnavailable (the role may not, or a newer program wrote them) and LogDamaged.
    """
    try:
        if await database.read(_revision) != NEWEST:
            await database.write(_upgrade, f"SELECT pg_advisory_xact_lock({LOCK})")
    except PostgresError as error:
        raise LogDamaged(f"{database.name} has tables that are not the log's: {error}") from error
    except _Newer as error:
        raise LogUnavailable(f"{database.name} was written by a newer program: {error}") from None


class _Newer(Exception):
    """The tables are at a revision that is not known."""


async def _upgrade(connection: Connection) -> None:
    from alembic.util import CommandError  # noqa: PLC0415 - takes a second to load

    from events.migrations import script  # noqa: PLC0415 - as above

    try:
        statements = script(await _revision(connection))
    except CommandError as error:
        raise _Newer(error) from None
    await connection.execute(statements)


async def _revision(connection: Connection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version') IS NULL"):
        return None
    revision: str | None = await connection.fetchval(REVISION)
    return revision
