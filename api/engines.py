"""How do the views work with the engine that keeps the log?  What is not for that one is not loaded."""

from typing import TYPE_CHECKING, Final, TypeAlias, Union

from events.refusals import LogUnavailable
from events.sqlite import SqliteFile
from projections.reading.reader import Reader
from projections.reading.sqlite_reader import SqliteReader
from projections.sqlite_views import SqliteViews
from projections.storing import Store

if TYPE_CHECKING:
    from events.postgres import PostgresDatabase

CACHE: Final = 64_000
"""KiB of a file that are kept in memory for queries: what is asked again and again of a long log does not fit into less."""

Place: TypeAlias = Union[SqliteFile, "PostgresDatabase"]


def store_of(place: Place) -> Store:
    """Where the views are kept: beside the log."""
    if isinstance(place, SqliteFile):
        return SqliteViews(place)
    from projections.postgres_views import PostgresViews  # noqa: PLC0415 - only one of the engines is needed

    return PostgresViews(place)


def reader_of(place: Place, patience: float) -> Reader:
    """What reads them, with so many seconds for each query; whoever asked closes it."""
    if isinstance(place, SqliteFile):
        return SqliteReader(place.reader(CACHE), patience)
    from projections.reading.postgres_reader import PostgresReader  # noqa: PLC0415 - as above

    return PostgresReader(place, patience)


def replica_reader_of(
    replica: "PostgresDatabase | None", place: Place, patience: float
) -> Reader | None:
    """What reads them from a replica of a place, if it has one, as `reader_of`; whoever asked closes it."""
    if replica is None or isinstance(place, SqliteFile):
        return None
    from projections.reading.replica_reader import ReplicaReader  # noqa: PLC0415 - as above

    return ReplicaReader(replica, place, patience)


def file_only(place: Place, what: str) -> SqliteFile:
    """The SQLite file; LogUnavailable for PostgreSQL, where something cannot be done yet."""
    if isinstance(place, SqliteFile):
        return place
    raise LogUnavailable(f"{what} works on a SQLite database alone, not on {place.name}")
