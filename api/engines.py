"""How do the views work with the engine that keeps the log?"""

from functools import partial

from events.postgres import Connection, PostgresDatabase
from events.refusals import LogUnavailable
from events.sqlite import SqliteFile
from projections import digests, postgres_digests, postgres_store, sqlite_store
from projections.digests import View
from projections.postgres_views import PostgresViews
from projections.reading.postgres_reader import PostgresReader
from projections.reading.reader import Reader
from projections.reading.sqlite_reader import SqliteReader
from projections.sqlite_views import SqliteViews
from projections.storing import Store

Place = SqliteFile | PostgresDatabase


def store_of(place: Place) -> Store:
    """Where the views are kept: beside the log."""
    return SqliteViews(place) if isinstance(place, SqliteFile) else PostgresViews(place)


def reader_of(place: Place) -> Reader:
    """What reads them; whoever asked closes it."""
    if isinstance(place, SqliteFile):
        return SqliteReader(place.reader())
    return PostgresReader(place)


async def checkpoints(place: Place) -> dict[str, tuple[int, int]]:
    """(version, position) of every projection, by name.  Raises LogUnavailable, LogDamaged."""
    if isinstance(place, SqliteFile):
        return await place.read(sqlite_store.checkpoints)
    return await place.read(postgres_store.checkpoints)


async def digest(place: Place, view: View, position: int) -> str:
    """What a live view says as of a position, in hexadecimal.  Raises LogUnavailable, LogDamaged."""
    if isinstance(place, SqliteFile):
        return await place.read(partial(digests.digest, view=view, position=position))

    async def job(connection: Connection) -> str:
        return await postgres_digests.digest(connection, view, position)

    return await place.read(job)


def file_only(place: Place, what: str) -> SqliteFile:
    """The SQLite file; LogUnavailable for PostgreSQL, where something cannot be done yet."""
    if isinstance(place, SqliteFile):
        return place
    raise LogUnavailable(f"{what} works on a SQLite database alone, not on {place.name}")
