"""How did the log's tables come to be?  By Alembic revisions, never edited once released."""

from io import StringIO

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


def script(revision: str | None) -> str:
    """The SQL that brings PostgreSQL's tables from a revision to the newest one; from none if there are none.

    So a revision can do there what SQL can say, and its connection is the one of the log: no second driver.
    Raises alembic's CommandError for a revision that is not known.
    """
    config = configuration()
    config.output_buffer = StringIO()
    command.upgrade(config, f"{revision or 'base'}:head", sql=True)
    return config.output_buffer.getvalue()
