"""How do views live in a SQLite file?  Every process that wants to may fold; the file orders them.

A batch is folded on a reading connection and written in one short transaction, which first makes sure that nobody else advanced the views
meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial

from events.record import Recorded
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections.digests import VIEWS, View, digest, digests
from projections.folding import PROJECTIONS, Projection, fold_batch
from projections.rows import Rows
from projections.sqlite_turn import turn
from projections.storing import (
    Checkpoints,
    Live,
    Rebuilt,
    T,
    TablesDiffer,
    position_of,
    refuse_stale,
    stale_of,
)
from projections.versioned import Row, Versioned


class SqliteViews:
    """The tables of the views in a file; a `Store`."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    async def create_missing(self) -> None:
        await self._file.write(_create_missing)

    async def position(self) -> int:
        return await self._file.read(_position)

    async def stale(self) -> list[Projection]:
        return stale_of(await self._file.read(store.checkpoints))

    async def advance(self, records: Sequence[Recorded], after: int) -> None:
        folded = await self._file.read(partial(_fold, records=records, after=after))
        if folded is not None:
            await self._file.write(lambda connection: _save(connection, *folded, after))

    async def create_fresh(self) -> str:
        return await self._file.write(_create_fresh)

    async def fill(self, prefix: str, records: Sequence[Recorded]) -> None:
        rows = await self._file.read(partial(_folded, records=records, prefix=prefix))
        await self._file.write(partial(store.flush, rows=rows, prefix=prefix))

    async def compare(
        self, projections: Sequence[Projection], prefix: str, position: int
    ) -> list[Rebuilt]:
        fresh, live = await asyncio.gather(
            self._file.read(partial(_fresh, projections, prefix, position)),
            self._file.read(partial(_live, projections, position)),
        )
        return [Rebuilt(name, position, it, live.get(name) == it) for name, it in fresh.items()]

    async def switch(self, projections: Sequence[Projection], prefix: str, position: int) -> bool:
        return await self._file.write(
            partial(_switch, projections=projections, prefix=prefix, position=position)
        )

    async def inspect(self, look: Callable[[Live], T]) -> T:
        return await self._file.read(lambda connection: look(SqliteLive(connection)))

    async def beside(self) -> list[str]:
        return await self._file.read(_beside)

    async def drop(self, names: Sequence[str]) -> None:
        for name in names:  # one by one, for appends to go between
            await self._file.write(partial(store.drop_table, name=name))

    def turn(self, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        return turn(self._file.path, wait=wait)

    @asynccontextmanager
    async def leading(self) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
        async def always() -> bool:
            return True

        yield always

    @property
    def commits(self) -> int:
        return self._file.commits

    async def changed(self, since: int) -> None:
        await self._file.changed(since)


class SqliteLive:
    """The live tables, through a connection that reads; a `Live`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def checkpoints(self) -> Checkpoints:
        return store.checkpoints(self._connection)

    def digest(self, view: View, position: int) -> str:
        with _differing():
            return digest(self._connection, view, position)

    def versions(self, model: type[Versioned]) -> Iterator[Row]:
        with _differing():
            yield from store.versions(self._connection, model)


@contextmanager
def _differing() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise TablesDiffer(str(error)) from error


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
    refuse_stale(store.checkpoints(connection))
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


def _beside(connection: sqlite3.Connection) -> list[str]:
    return store.beside(connection, PROJECTIONS)


def _position(connection: sqlite3.Connection) -> int:
    return position_of(store.checkpoints(connection))


def _create_fresh(connection: sqlite3.Connection) -> str:
    store.drop_abandoned(connection, PROJECTIONS)
    prefix = store.unused_prefix(connection)
    for projection in PROJECTIONS:
        store.create(connection, projection, prefix)
    return prefix


def _fresh(
    projections: Sequence[Projection], prefix: str, position: int, connection: sqlite3.Connection
) -> dict[str, str]:
    """The digests of the views of fresh tables."""
    return digests(connection, _views(projections), position, prefix)


def _live(
    projections: Sequence[Projection], position: int, connection: sqlite3.Connection
) -> dict[str, str]:
    """Those of the live views, as far as these are of the program's form."""
    known, found = store.checkpoints(connection), dict[str, str]()
    for projection in projections:
        if known[projection.name][0] == projection.version:
            with suppress(TablesDiffer), _differing():
                found |= digests(connection, _views([projection]), position)
    return found


def _views(projections: Sequence[Projection]) -> list[View]:
    names = {projection.name for projection in projections}
    return [view for view in VIEWS if view.projection in names]


def _switch(
    connection: sqlite3.Connection, projections: Sequence[Projection], prefix: str, position: int
) -> bool:
    if _position(connection) != position:
        return False
    for projection in projections:
        store.switch(connection, projection, prefix)
    store.save_checkpoint(connection, projections, position)
    return True
