"""How do the views work with the engine that keeps the log?"""

from events.postgres import PostgresDatabase
from events.refusals import LogUnavailable
from events.sqlite import SqliteFile
from projections.postgres_views import PostgresViews
from projections.reading.postgres_reader import PostgresReader
from projections.reading.reader import Reader
from projections.reading.replica_reader import ReplicaReader
from projections.reading.sqlite_reader import SqliteReader
from projections.sqlite_views import SqliteViews
from projections.storing import Store

Place = SqliteFile | PostgresDatabase


def store_of(place: Place) -> Store:
    """Where the views are kept: beside the log."""
    return SqliteViews(place) if isinstance(place, SqliteFile) else PostgresViews(place)


def reader_of(place: Place, patience: float) -> Reader:
    """What reads them, with so many seconds for each query; whoever asked closes it."""
    if isinstance(place, SqliteFile):
        return SqliteReader(place.reader(), patience)
    return PostgresReader(place, patience)


def replica_reader_of(
    replica: PostgresDatabase | None, place: Place, patience: float
) -> Reader | None:
    """What reads them from a replica of a place, if it has one, as `reader_of`; whoever asked closes it."""
    if replica is None or isinstance(place, SqliteFile):
        return None
    return ReplicaReader(replica, place, patience)


def file_only(place: Place, what: str) -> SqliteFile:
    """The SQLite file; LogUnavailable for PostgreSQL, where something cannot be done yet."""
    if isinstance(place, SqliteFile):
        return place
    raise LogUnavailable(f"{what} works on a SQLite database alone, not on {place.name}")
