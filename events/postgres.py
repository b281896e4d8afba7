"""How is one PostgreSQL database shared?  A pool of connections, jobs in transactions, and a hint of commits."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from secrets import token_hex
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg

from events.database_names import name_of
from events.postgres_connections import Connection, Connections
from events.postgres_errors import ServerLost, refusing
from events.postgres_watch import CHANNEL, PostgresWatch
from events.refusals import LogUnavailable

T = TypeVar("T")
Record: TypeAlias = asyncpg.Record
Job: TypeAlias = Callable[[Connection], Awaitable[T]]
"""What is done with a connection, in a transaction that the job must not end."""

CONNECTIONS: Final = 10
"""How many connections a process opens at the most, beside the one that listens."""
PAUSE: Final = 0.1
"""Seconds between two attempts to reach a server that was lost."""


class PostgresDatabase:
    """A PostgreSQL database, used from the event loop that it was made in.

    Connections are opened when they are needed, and again after the server was lost.  Jobs leave
    nothing behind in a session: no setting, no lock, no temporary table.  So all but the hint
    works through a pooler in transaction mode.

    Everything here raises LogUnavailable when the server cannot be used now (ServerLost, which is
    one, when another attempt may succeed), and LogDamaged when it finds its own data corrupted.
    """

    def __init__(
        self,
        url: str,
        *,
        pooled: bool = False,
        patience: float = 10.0,
        connections: int = CONNECTIONS,
        listens: bool = True,
    ) -> None:
        """Use the database at a `postgresql://…` URL, whose parameters, such as `sslmode`, go to the driver.

        `pooled` says that a pooler in transaction mode stands before the server: then no statement
        stays prepared, and commits of other processes are noticed by the poll alone.
        `patience` is how many seconds to wait for a server that was lost, a free connection, or a lock.
        `listens` says whether commits are listened for, which a replica cannot.
        """
        self.name = name_of(url)
        self.pooled = pooled
        self.patience = patience
        self._token = token_hex(8)
        self._closed = False

        async def connect(*_: object, **options: Any) -> "asyncpg.Connection[Record]":
            return await asyncpg.connect(url, timeout=patience, **options)

        pool = asyncpg.create_pool(
            min_size=0,
            max_size=connections,
            connect=connect,
            reset=_leave,
            statement_cache_size=0 if pooled else 1000,
            max_cacheable_statement_size=0,  # however long they are
            # To compile a long statement takes longer than to run it; a pooler refuses settings.
            server_settings={} if pooled else {"jit": "off"},
        )
        self._connections = Connections(pool, patience)
        hint = connect if listens and not pooled else None
        self._watch = PostgresWatch(self.name, self._token, hint)

    async def write(self, job: Job[T], begin: str = "") -> T:
        """Run a job in a transaction, and give its result once that is committed, and others are notified.

        What the job raises undoes what it did, and is raised here.  The SQL of `begin` goes with the
        BEGIN, in one round trip.  If the server is lost during the COMMIT, ServerLost is raised
        though it may have been committed.
        """
        async with AsyncExitStack() as stack:
            loan = _Loan(self._connections, self.name)
            connection = await self._patiently(lambda: stack.enter_async_context(loan))
            seconds = round(self.patience * 1000)
            result = await self._transact(
                connection,
                job,
                f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {seconds};"
                f"SET LOCAL idle_in_transaction_session_timeout = {seconds}; {begin}",
                f"NOTIFY {CHANNEL}, '{self._token}'; COMMIT",
            )
        self._watch.committed()
        return result

    async def read(self, job: Job[T]) -> T:
        """Run a job read-only, in a transaction: all that it reads is of one state.

        If the server is lost on the way, it is run again.
        """
        return await self._patiently(lambda: self._read(job))

    async def fetch(self, query: str, *arguments: object) -> list[Record]:
        """The rows of one statement that reads, in one round trip unless there is a pooler."""
        return await self.run(lambda connection: connection.fetch(query, *arguments))

    async def run(self, statement: Job[T]) -> T:
        """Run a job that is a single statement that reads: a transaction by itself, as `read` would make one."""
        if self.pooled:  # which gives every transaction another server
            return await self.read(statement)
        return await self._patiently(lambda: self._run(statement))

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections are open, beside the one that listens, and how many of these are used now."""
        return self._connections.counts

    @property
    def commits(self) -> int:
        """Grows with every commit: take it, then read, then wait until `changed(since=it)`."""
        return self._watch.commits

    async def changed(self, since: int) -> None:
        """Return when `commits` is no longer `since`; sometimes without a cause, but always."""
        await self._watch.changed(since)

    async def close(self) -> None:
        """Let jobs that run end, for as long as patience lasts, then let go of the server."""
        if self._closed:
            return
        self._closed = True
        self._watch.close()
        with suppress(TimeoutError):  # the pool has cut off all connections then
            async with asyncio.timeout(self.patience):
                await self._connections.close()

    async def _read(self, job: Job[T]) -> T:
        async with _Loan(self._connections, self.name) as connection:
            return await self._transact(
                connection, job, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "COMMIT"
            )

    async def _run(self, statement: Job[T]) -> T:
        async with _Loan(self._connections, self.name) as connection:
            with refusing(self.name):
                return await statement(connection)

    async def _transact(self, connection: Connection, job: Job[T], begin: str, end: str) -> T:
        try:
            with refusing(self.name):
                await connection.execute(begin)
                result = await job(connection)
                await connection.execute(end)
        except BaseException:
            await _roll_back(connection)
            raise
        return result

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Do something that has no effect if the server is lost, and then again until it is back."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.patience
        while True:
            if self._closed:
                raise LogUnavailable(f"{self.name} was closed")
            try:
                return await attempt()
            except ServerLost:
                if loop.time() >= deadline:
                    raise
                await asyncio.sleep(PAUSE)


class _Loan:
    """A connection while it is used; it is not used again if something was broken off on it."""

    def __init__(self, connections: Connections, name: str) -> None:
        self._connections, self._name = connections, name

    async def __aenter__(self) -> Connection:
        with refusing(self._name):
            self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(self, broken_off: object, *_: object) -> None:
        with refusing(self._name):  # what hangs cannot be cancelled either
            await self._connections.give_back(self._connection, whole=broken_off is None)


async def _roll_back(connection: Connection) -> None:
    """End a transaction, or the connection if that cannot be done."""
    ended = False
    try:
        with suppress(Exception):  # why there is something to roll back is what matters
            await connection.execute("ROLLBACK")
            ended = True
    finally:
        if not ended:
            with suppress(asyncpg.InterfaceError):  # it ended by itself
                connection.terminate()


async def _leave(_connection: object) -> None:
    """Leave a connection as it is when it comes back: no job leaves anything behind."""
