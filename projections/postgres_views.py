"""How do views live in a PostgreSQL database?  One process folds for all; the others take over within seconds when it dies.

A batch is one transaction under a lock: it makes sure that nobody else advanced the views, folds and writes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar

import asyncpg

from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.record import Recorded
from events.refusals import LogUnavailable
from projections import postgres_store as store
from projections.digests import VIEWS, View
from projections.folding import PROJECTIONS, Projection, fold_batch
from projections.postgres_digests import digest
from projections.postgres_turn import Lock, leading, turn
from projections.rows import Rows
from projections.storing import (
    Checkpoints,
    Live,
    Rebuilt,
    TablesDiffer,
    position_of,
    refuse_stale,
    stale_of,
    tables,
)
from projections.versioned import Row, Versioned

T = TypeVar("T")
U = TypeVar("U")
Ask = Callable[[Coroutine[Any, Any, Any]], Any]

# Plans are kept while the tables grow: one that is right for a short table would walk a long one.
_BY_INDEX: Final = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_LOCKED: Final = f"SELECT pg_advisory_xact_lock({Lock.WRITING.key}); {_BY_INDEX}"

READERS_WAIT: Final = "100ms"
"""How long those who read may have to wait for tables that are to be switched, since another one reads for longer."""
PAUSE: Final = 0.2
"""Seconds between two attempts to switch."""


class PostgresViews:
    """The tables of the views in a database; a `Store`."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def create_missing(self) -> None:
        await self._database.write(_create_missing, _LOCKED)

    async def position(self) -> int:
        return position_of(await self._database.run(store.checkpoints))

    async def stale(self) -> list[Projection]:
        return stale_of(await self._database.run(store.checkpoints))

    async def advance(self, records: Sequence[Recorded], after: int) -> None:
        async def job(connection: Connection) -> None:
            known = await store.checkpoints(connection)
            refuse_stale(known)
            if position_of(known) == after:
                rows = await _folded(connection, records, "")
                await store.flush(connection, rows)
                await store.save_checkpoint(connection, PROJECTIONS, rows.position)

        await self._database.write(job, _LOCKED)

    async def create_fresh(self) -> str:
        await self.drop(await self.beside())
        return await self._database.write(_create_fresh)

    async def fill(self, prefix: str, records: Sequence[Recorded]) -> None:
        async def job(connection: Connection) -> None:
            rows = await _folded(connection, records, prefix)
            await store.flush(connection, rows, prefix)

        await self._database.write(job, _BY_INDEX)

    async def compare(
        self, projections: Sequence[Projection], prefix: str, position: int
    ) -> list[Rebuilt]:
        async def job(connection: Connection) -> list[Rebuilt]:
            known = await store.checkpoints(connection)
            names = {projection.name for projection in projections}
            current = {p.name for p in projections if known[p.name][0] == p.version}
            rebuilt = []
            for view in VIEWS:
                if view.projection in names:
                    fresh = await digest(connection, view, position, prefix)
                    agrees = False
                    if view.projection in current:
                        live = digest(connection, view, position)
                        with suppress(TablesDiffer), _differing():
                            agrees = fresh == await _unharmed(connection, live)
                    rebuilt.append(Rebuilt(view.name, position, fresh, agrees))
            return rebuilt

        return await self._database.read(job)

    async def switch(self, projections: Sequence[Projection], prefix: str, position: int) -> bool:
        async def job(connection: Connection) -> bool:
            if position_of(await store.checkpoints(connection)) != position:
                return False
            await connection.execute(f"SET LOCAL lock_timeout = '{READERS_WAIT}'")
            for projection in projections:
                await store.switch(connection, projection, prefix)
            await store.save_checkpoint(connection, projections, position)
            return True

        await self._database.write(lambda connection: _analyze(connection, prefix))
        while True:
            try:
                return await self._database.write(job, _LOCKED)
            except LogUnavailable as error:
                # Whoever is being waited for may wait for a table that is locked already.
                waited = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
                if not isinstance(error.__cause__, waited):
                    raise
                await asyncio.sleep(PAUSE)

    async def inspect(self, look: Callable[[Live], T]) -> T:
        async def job(connection: Connection) -> T:
            return await _on_a_thread(lambda ask: look(PostgresLive(connection, ask)))

        return await self._database.read(job)

    async def beside(self) -> list[str]:
        return await self._database.run(lambda connection: store.beside(connection, PROJECTIONS))

    async def drop(self, names: Sequence[str]) -> None:
        for name in names:
            await self._database.write(partial(store.drop_table, name=name))

    def turn(self, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        return turn(self._database, Lock.REBUILDING, wait=wait)

    def leading(self) -> AbstractAsyncContextManager[Callable[[], Awaitable[bool]]]:
        return leading(self._database)

    @property
    def commits(self) -> int:
        return self._database.commits

    async def changed(self, since: int) -> None:
        await self._database.changed(since)


async def _create_missing(connection: Connection) -> None:
    await connection.execute(store.CHECKPOINTS)
    known = await store.checkpoints(connection)
    position = min((position for _, position in known.values()), default=0)
    for projection in PROJECTIONS:
        if projection.name not in known:
            await store.create(connection, projection)
            version = projection.version if position == 0 else 0
            await connection.execute(
                "INSERT INTO checkpoints VALUES ($1, $2, $3)", projection.name, version, position
            )


async def _create_fresh(connection: Connection) -> str:
    prefix = await store.unused_prefix(connection)
    for projection in PROJECTIONS:
        await store.create(connection, projection, prefix)
    return prefix


async def _analyze(connection: Connection, prefix: str) -> None:
    """Let the planner know what is in fresh tables."""
    for projection in PROJECTIONS:
        for name in tables(projection):
            await connection.execute(f"ANALYZE {prefix}{name}")


async def _on_a_thread(work: Callable[[Ask], T]) -> T:
    """Do what takes a while on a thread, which can ask the event loop to run a coroutine meanwhile.

    Whoever is cancelled waits for its end: it must not use a connection that others have got.
    """
    loop, cancelled = asyncio.get_running_loop(), False

    def ask(coroutine: Coroutine[Any, Any, U]) -> U:
        if cancelled:
            coroutine.close()
            raise LogUnavailable("it is no longer wanted")
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    working = asyncio.ensure_future(asyncio.to_thread(work, ask))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        cancelled = True
        with suppress(Exception):
            await working
        raise


class PostgresLive:
    """The live tables, through a connection that reads; a `Live`."""

    def __init__(self, connection: Connection, ask: Ask) -> None:
        self._connection, self._ask = connection, ask

    def checkpoints(self) -> Checkpoints:
        found: Checkpoints = self._ask(store.checkpoints(self._connection))
        return found

    def digest(self, view: View, position: int) -> str:
        with _differing():
            live = digest(self._connection, view, position)
            found: str = self._ask(_unharmed(self._connection, live))
            return found

    def versions(self, model: type[Versioned]) -> Iterator[Row]:
        chunks = store.versions(self._connection, model)
        with _differing():
            while some := self._ask(_unharmed(self._connection, anext(chunks, None))):
                yield from some


async def _unharmed(connection: Connection, reading: Awaitable[U]) -> U:
    """Read so that the transaction can go on if the tables are not what they should be."""
    await connection.execute("SAVEPOINT unharmed")
    try:
        found = await reading
    except asyncpg.PostgresError:
        await connection.execute("ROLLBACK TO SAVEPOINT unharmed")
        raise
    await connection.execute("RELEASE SAVEPOINT unharmed")
    return found


@contextmanager
def _differing() -> Iterator[None]:
    try:
        yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise TablesDiffer(str(error)) from error


async def _folded(connection: Connection, records: Sequence[Recorded], prefix: str) -> Rows:
    """The rows after a batch."""

    def fold(ask: Ask) -> Rows:
        def load(model: type[Versioned], column: str, values: Iterable[Any]) -> Iterable[Row]:
            found: list[Row] = ask(store.load(connection, model, column, values, prefix))
            return found

        rows = Rows(load)
        fold_batch(rows, records)
        return rows

    return await _on_a_thread(fold)
