"""How do the log's tables come to their newest form?  By Alembic, loaded only if they must."""

from contextlib import closing
from pathlib import Path
from typing import Final

from events.refusals import LogDamaged, LogUnavailable
from events.sqlite_connection import connect, refusal_of
from events.sqlite_library import sqlite3

NEWEST: Final = "0001"
"""The revision that this program works with; a test holds it equal to Alembic's head."""


def migrate(path: Path) -> None:
    """Bring a database file to the newest revision; make it if there is none.

    Raises LogUnavailable (it cannot be written, or a newer program wrote it) and LogDamaged.
    """
    with closing(connect(path, "rwc")) as connection:
        try:
            if _revision(connection) != NEWEST:
                _upgrade(connection, path)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            damaged = LogDamaged(f"{path} has tables that are not the log's: {error}")
            raise refusal_of(error, path) or damaged from error


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    from alembic.util import CommandError  # noqa: PLC0415 - takes a second to load

    from events.migrations import upgrade  # noqa: PLC0415 - as above

    try:
        upgrade(connection)
    except CommandError as error:
        raise LogUnavailable(f"{path} was written by a newer program: {error}") from None


def _revision(connection: sqlite3.Connection) -> str | None:
    tables = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'")
    if tables.fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
