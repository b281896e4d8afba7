"""How do the log's tables in PostgreSQL come to their newest form?  By Alembic, loaded only if they must."""

from functools import partial
from typing import Final

from asyncpg import PostgresError

from events.migrating import NEWEST
from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.refusals import LogDamaged, LogUnavailable

LOCK: Final = 0x636F6D6D756E69  # "communi"
"""The advisory lock under which tables change."""
EXISTS: Final = """
    SELECT EXISTS (SELECT FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema())
"""
"""By a statement that reads the catalogue: to_regclass may remember what it was before the lock."""
REVISION: Final = "SELECT version_num FROM alembic_version"


async def migrate(database: PostgresDatabase) -> None:
    """Bring the log's tables to the newest revision; make them if there are none.

    They are in the schema that comes first in the role's search path.  Of several processes that start at once, one
    upgrades and the others find it done.
    Raises LogUnavailable (the role may not, or a newer program wrote them) and LogDamaged.
    """
    try:
        if await database.read(_revision) != NEWEST:
            upgrade = partial(_upgrade, database.name)
            await database.write(upgrade, f"SELECT pg_advisory_xact_lock({LOCK})")
    except PostgresError as error:
        raise LogDamaged(f"{database.name} has tables that are not the log's: {error}") from error


async def refuse_outdated(database: PostgresDatabase) -> None:
    """Change nothing.  Raises LogUnavailable unless the log's tables are at the newest revision."""
    if await database.read(_revision) != NEWEST:
        raise LogUnavailable(
            f"{database.name} does not have the log's tables in their newest form; "
            "`communique migrate` makes them"
        )


async def _upgrade(name: str, connection: Connection) -> None:
    revision = await _revision(connection)
    if revision == NEWEST:  # another process was faster
        return
    from alembic.util import CommandError  # noqa: PLC0415 - takes a second to load

    from events.migrations import script  # noqa: PLC0415 - as above

    try:
        statements = script(revision)
    except CommandError as error:
        raise LogUnavailable(f"{name} was written by a newer program: {error}") from None
    await connection.execute(statements)


async def _revision(connection: Connection) -> str | None:
    if not await connection.fetchval(EXISTS):
        return None
    revision: str | None = await connection.fetchval(REVISION)
    return revision
