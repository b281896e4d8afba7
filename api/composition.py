"""What is real?  The composition root: the one place that knows engine, clock and identifiers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from api.settings import Settings
from events.log import EventLog
from events.migrating import migrate
from events.refusals import LogUnavailable, Refusal
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog

if TYPE_CHECKING:
    from api.engines import Place
    from events.postgres import PostgresDatabase
    from projections.runner import Views

PAUSE: Final = 1.0
"""Seconds after which the views try again to follow the log."""

REPLICA_PATIENCE: Final = 1.0
"""Seconds that are waited for a replica, before the primary is asked."""

logger = logging.getLogger("communique")


class Follower:
    """Keeps the views up with the log, whatever happens."""

    def __init__(self, views: "Views") -> None:
        self._views = views
        self.keeps_up = False
        """Whether the views have caught up, and nothing hinders them since."""
        self.is_hindered = False
        """Whether something hinders them now."""

    async def run(self) -> None:
        """Follow without end; what fails is logged, once, and tried again."""
        failure = ""
        while True:
            try:
                await self._views.catch_up()
                self.keeps_up, self.is_hindered = True, False
                await self._views.follow()
            except Exception as error:
                self.keeps_up, self.is_hindered = False, True
                if repr(error) != failure:
                    expected = isinstance(error, Refusal)
                    logger.error(  # noqa: TRY400 - a refusal says enough without a traceback
                        "the views stopped following the log at position %d: %s",
                        self._views.position,
                        error,
                        exc_info=None if expected else error,
                    )
                failure = repr(error)
                await asyncio.sleep(PAUSE)


@dataclass(frozen=True)
class System:
    """All parts of a running installation."""

    settings: Settings
    file: "Place"
    log: EventLog
    views: "Views"
    follower: Follower | None = None
    """What keeps the views up with the log, if somebody asked for it."""
    replica: "PostgresDatabase | None" = None
    """What queries are read from, if it is not the place itself."""


Tell = Callable[[str], object]
"""Is told what is being done, as in "it is …", whenever something else is."""


@asynccontextmanager
async def opened(
    settings: Settings, *, follow: bool, make: bool = True, tell: Tell = logger.debug
) -> AsyncIterator[System]:
    """The whole system, its views prepared and, if wanted, following the log until the end.

    Raises LogUnavailable, LogDamaged.
    """
    tell("opening the log, and bringing its tables to their newest form")
    from api.engines import store_of  # noqa: PLC0415 - half a second that only views need
    from projections.runner import Views  # noqa: PLC0415 - as above

    async with opened_log(settings, make=make) as (file, log):
        views = Views(store_of(file), log)
        tell("preparing the views")
        if outdated := ", ".join(await views.outdated()):
            tell(f"rebuilding {outdated}")
            logger.warning(
                "rebuilding %s, which another version of the program wrote; this takes a while",
                outdated,
            )
        await views.prepare()
        if not follow:
            yield System(settings, file, log, views)
            return
        follower = Follower(views)
        task = asyncio.create_task(follower.run())
        replica = _replica(settings)
        try:
            yield System(settings, file, log, views, follower, replica)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if replica is not None:
                await replica.close()


@asynccontextmanager
async def opened_log(settings: Settings, *, make: bool) -> AsyncIterator[tuple["Place", EventLog]]:
    """The log alone, migrated; `make` it if there is none yet.  And where it is.

    Raises LogUnavailable, LogDamaged.
    """
    path = settings.database
    place, log = await _in_postgres(settings) if path is None else await _in_a_file(path, make=make)
    try:
        yield place, log
    finally:
        await log.close()


async def _in_a_file(path: Path, *, make: bool) -> tuple[SqliteFile, EventLog]:
    await asyncio.to_thread(_migrated, path, make=make)
    file = SqliteFile(path)
    return file, SqliteLog(file, _now, _new_id)


def _migrated(path: Path, *, make: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True) if make else path.stat()
    except FileNotFoundError:
        where = "COMMUNIQUE_DATABASE_URL says where it is"
        raise LogUnavailable(f"there is no database {path.absolute()}; {where}") from None
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
        raise LogUnavailable(f"{path} cannot be opened ({reason})") from None
    migrate(path)


async def _in_postgres(settings: Settings) -> tuple["PostgresDatabase", EventLog]:
    from events import postgres_migrating  # noqa: PLC0415 - only one of the engines is needed
    from events.postgres import PostgresDatabase  # noqa: PLC0415 - as above
    from events.postgres_log import PostgresLog  # noqa: PLC0415 - as above

    database = PostgresDatabase(settings.database_url, pooled=settings.pooled)
    try:
        if settings.migrate_at_start:
            await postgres_migrating.migrate(database)
        else:
            await postgres_migrating.refuse_outdated(database)
    except BaseException:
        await database.close()
        raise
    return database, PostgresLog(database, _now, _new_id)


def _replica(settings: Settings) -> "PostgresDatabase | None":
    """The replica, if there is one; it need not be there yet."""
    if not settings.replica_url:
        return None
    from events.postgres import PostgresDatabase  # noqa: PLC0415 - only one of the engines is needed

    url, pooled = settings.replica_url, settings.pooled
    return PostgresDatabase(url, pooled=pooled, patience=REPLICA_PATIENCE, listens=False)


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())
