"""How do the log's tables come to their newest form?  By Alembic, which is only loaded when there is something to do."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from events.refusals import LogUnavailable
from events.sqlite_connection import connect, refusing

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST: Final = "0001"
"""The revision that this program works with."""


def migrate(path: Path) -> None:
    """Bring a database file to the newest revision; make it if there is none.

    Raises LogUnavailable (cannot be written, or a newer program wrote it) and LogDamaged.
    """
    connection = connect(path, "rwc")
    try:
        with refusing(path):
            if _revision(connection) != NEWEST:
                _upgrade(connection, path)
    finally:
        connection.close()


def _revision(connection: sqlite3.Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
    if connection.execute(known).fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row and str(row[0])


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    from alembic import command
    from alembic.util import CommandError
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    try:
        with engine.connect() as shared:
            # Several processes may start at once: one migrates, the others wait and find it done.
            shared.exec_driver_sql("BEGIN IMMEDIATE")
            config = alembic_config()
            config.attributes["connection"] = shared
            command.upgrade(config, "head")
            shared.commit()
    except DBAPIError as error:
        raise error.orig if isinstance(error.orig, sqlite3.Error) else error from None
    except CommandError as error:
        raise LogUnavailable(f"{path} was written by a newer program: {error}") from None


def alembic_config() -> "Config":
    """What Alembic needs to know to find the revisions."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "events:migrations")
    return config
