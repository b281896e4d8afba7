"""How did the log's tables come to be?  By Alembic revisions, never edited once released."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from events.sqlite_library import sqlite3


def configuration() -> Config:
    """What Alembic needs in order to find the revisions."""
    config = Config()
    config.set_main_option("script_location", "events:migrations")
    return config


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest revision, in one transaction.

    Raises the errors of sqlite3, and alembic's CommandError for a revision that is not known.
    """
    engine = create_engine(
        "sqlite://", module=sqlite3, creator=lambda: connection, poolclass=StaticPool
    )
    config = configuration()
    try:
        with engine.connect() as shared:
            # Of several processes that start at once, one upgrades and the others find it done.
            shared.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = shared
            command.upgrade(config, "head")
            shared.commit()
    except DBAPIError as error:
        raise error.orig or error from None
