"""How do the views follow the log?  One runner, in batches; rows and checkpoint commit together, so each event counts exactly once.

A batch is folded on a reading connection and written in one short transaction, which first makes sure that nobody else advanced the views
meanwhile; so any number of processes may run this on one file.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from events.log import EventLog
from events.record import Recorded
from events.refusals import Refusal
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections.digests import VIEWS, digest
from projections.folding import PROJECTIONS, Projection, fold_batch
from projections.rows import Rows
from projections.sqlite_turn import turn

BATCH: Final = 500
"""Events that are folded together."""

Progress = Callable[[int, int], None]
"""Told (position reached, position aimed at)."""


@dataclass(frozen=True)
class Rebuilt:
    """The outcome of a rebuild of one view."""

    view: str
    position: int
    digest: str
    agrees: bool
    """Whether the rows that were live before said the same."""


class ViewsReplaced(Refusal):
    """Another version of the program rebuilt the views and keeps them up; this one can only read them."""

    code = "VIEWS_REPLACED"


class Views:
    """The views of one file, following its log."""

    def __init__(self, file: SqliteFile, log: EventLog, batch: int = BATCH) -> None:
        self._file, self._log, self._batch = file, log, batch
        self._advanced = asyncio.Condition()
        self.position = 0
        """How far the views have followed the log, as far as this process knows."""

    async def prepare(self) -> None:
        """Make the tables that are missing, and rebuild those that an older version of their fold wrote.

        What a rebuild that was cut off left behind is cleared away.
        """
        await self._file.write(_create_missing)
        self.position = await self._file.read(_position)
        if await self._file.read(_stale):
            async with turn(self._file.path):
                await self._replace(await self._file.read(_stale), None)
        elif await self._file.read(_beside):
            async with turn(self._file.path, wait=False) as nobody_rebuilds:
                if nobody_rebuilds:
                    await self._file.write(_drop_abandoned)

    async def outdated(self) -> list[str]:
        """The projections that `prepare` would rebuild, since another version of their fold wrote them."""
        return [projection.name for projection in await self._file.read(_stale)]

    async def catch_up(self, progress: Progress | None = None) -> int:
        """Fold what the log has beyond the views; gives the position reached.  Raises ViewsReplaced."""
        while records := await self._log.read(self.position, self._batch):
            await self._advance(records)
            if progress:
                progress(self.position, await self._log.head())
        return self.position

    async def follow(self) -> None:
        """Keep the views up with the log, without end.  Raises ViewsReplaced."""
        while True:
            seen = self._file.commits
            before = self.position
            await self.catch_up()
            if self.position == before:
                await self._file.changed(since=seen)

    async def reached(self, position: int) -> None:
        """Return once the views reflect a position."""
        async with self._advanced:
            await self._advanced.wait_for(lambda: self.position >= position)

    async def rebuild(
        self, views: Sequence[str] = (), progress: Progress | None = None
    ) -> list[Rebuilt]:
        """Fold the whole log into fresh tables beside the live ones, and put them in their place.

        Readers never wait and never see a mixture; appends go on; another rebuild waits.  Names no view: all of them.
        """
        wanted = [view for view in VIEWS if not views or view.name in views]
        names = {view.projection for view in wanted}
        async with turn(self._file.path):
            replaced = await self._replace([p for p in PROJECTIONS if p.name in names], progress)
        return [each for each in replaced if not views or each.view in views]

    async def _advance(self, records: Sequence[Recorded]) -> None:
        after = records[0].position - 1  # `position` may have moved while they were read
        try:
            folded = await self._file.read(lambda connection: _fold(connection, records, after))
        except ViewsReplaced:
            await self._reach(await self._file.read(_position))
            raise
        if folded is not None:
            await self._file.write(lambda connection: _save(connection, *folded, after))
        await self._reach(await self._file.read(_position))

    async def _reach(self, position: int) -> None:
        async with self._advanced:
            self.position = max(self.position, position)
            self._advanced.notify_all()

    async def _replace(
        self, projections: Sequence[Projection], progress: Progress | None
    ) -> list[Rebuilt]:
        if not projections:
            return []
        prefix = await self._file.write(_create_fresh)
        try:
            position = await self._build(prefix, 0, progress)
            rebuilt = await self._file.read(
                partial(_compared, projections=projections, prefix=prefix, position=position)
            )
            while not await self._file.write(
                partial(_switch, projections=projections, prefix=prefix, position=position)
            ):
                position = await self._build(prefix, position, progress)
        finally:
            for name in await self._file.read(_beside):  # one by one, for appends to go between
                await self._file.write(partial(store.drop_table, name=name))
        return rebuilt

    async def _build(self, prefix: str, position: int, progress: Progress | None) -> int:
        """Bring fresh tables to where the live ones are."""
        aim = await self._file.read(_position)
        while position < aim:
            records = await self._log.read(position, min(self._batch, aim - position))
            rows = await self._file.read(
                lambda connection: _folded(connection, records, prefix)  # noqa: B023 - used at once
            )
            await self._file.write(
                lambda connection: store.flush(connection, rows, prefix)  # noqa: B023 - used at once
            )
            position = records[-1].position
            if progress:
                progress(position, aim)
        return position


def _create_missing(connection: sqlite3.Connection) -> None:
    connection.execute(store.CHECKPOINTS)
    known = store.checkpoints(connection)
    position = min((position for _, position in known.values()), default=0)
    for projection in PROJECTIONS:
        if projection.name not in known:
            store.create(connection, projection)
            version = projection.version if position == 0 else 0
            connection.execute(
                "INSERT INTO checkpoints VALUES (?, ?, ?)", (projection.name, version, position)
            )


def _fold(
    connection: sqlite3.Connection, records: Sequence[Recorded], after: int
) -> tuple[Rows, int] | None:
    """The folded batch, and the generation of the tables that it is for; none if the views are not where it begins.

    Raises ViewsReplaced.
    """
    if stale := _stale(connection):
        names = ", ".join(projection.name for projection in stale)
        raise ViewsReplaced(f"another version of the program keeps {names}; this one only reads")
    if _position(connection) != after:
        return None
    return _folded(connection, records, ""), store.generation(connection)


def _folded(connection: sqlite3.Connection, records: Sequence[Recorded], prefix: str) -> Rows:
    rows = Rows(store.loader(connection, prefix))
    fold_batch(rows, records)
    return rows


def _save(connection: sqlite3.Connection, rows: Rows, generation: int, after: int) -> None:
    if _position(connection) == after and store.generation(connection) == generation:
        store.flush(connection, rows)
        store.save_checkpoint(connection, PROJECTIONS, rows.position)


def _stale(connection: sqlite3.Connection) -> list[Projection]:
    known = store.checkpoints(connection)
    return [p for p in PROJECTIONS if p.name in known and known[p.name][0] != p.version]


def _beside(connection: sqlite3.Connection) -> list[str]:
    return store.beside(connection, PROJECTIONS)


def _drop_abandoned(connection: sqlite3.Connection) -> None:
    store.drop_abandoned(connection, PROJECTIONS)


def _position(connection: sqlite3.Connection) -> int:
    return min(position for _, position in store.checkpoints(connection).values())


def _create_fresh(connection: sqlite3.Connection) -> str:
    _drop_abandoned(connection)
    prefix = store.unused_prefix(connection)
    for projection in PROJECTIONS:
        store.create(connection, projection, prefix)
    return prefix


def _compared(
    connection: sqlite3.Connection, projections: Sequence[Projection], prefix: str, position: int
) -> list[Rebuilt]:
    """What fresh tables say at a position, beside the live ones; reading all of both takes a while, in which nobody has to wait."""
    known = store.checkpoints(connection)
    names = {projection.name for projection in projections}
    current = {p.name for p in projections if known[p.name][0] == p.version}
    rebuilt = []
    for view in VIEWS:
        if view.projection in names:
            fresh = digest(connection, view, position, prefix)
            agrees = view.projection in current and fresh == digest(connection, view, position)
            rebuilt.append(Rebuilt(view.name, position, fresh, agrees))
    return rebuilt


def _switch(
    connection: sqlite3.Connection, projections: Sequence[Projection], prefix: str, position: int
) -> bool:
    """Put fresh tables in the place of the live ones, if these are at the same position."""
    if _position(connection) != position:
        return False
    for projection in projections:
        store.switch(connection, projection, prefix)
    store.save_checkpoint(connection, projections, position)
    return True
