"""How is one SQLite file shared?  Many readers, and one thread that writes for everybody."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from events.refusals import LogUnavailable
from events.sqlite_connection import CACHE, connect, refusing
from events.sqlite_library import sqlite3
from events.sqlite_watch import SqliteWatch
from events.sqlite_writer import Job, Writer

T = TypeVar("T")

READERS: Final = 4
"""Threads that read; more would only queue for the interpreter."""


class SqliteFile:
    """A SQLite file that exists, in WAL mode, used from one event loop.

    Everything here raises LogUnavailable when the file cannot be used now, and LogDamaged when it
    is no sound database.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        """Open it; `patience` is how many seconds to wait for the locks of other processes."""
        self.path = path
        self._patience = patience
        self._closed = False
        writer = connect(path, "rw", patience)
        self._here = self.reader()
        self._watch = SqliteWatch(self._here, path)
        self._writer = Writer(writer, path, self._watch.committed)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix=f"reader of {path.name}")
        self._idle: list[sqlite3.Connection] = []

    async def write(self, job: Job[T]) -> T:
        """Run a job in a transaction, and give its result once that is on the disk.

        The job runs on the writer's thread, together with others, and must not end the
        transaction.  What it raises undoes what it did, and is raised here.  A caller who is
        cancelled does not take it back: it commits, or it does not.
        """
        return await self.submit(job)

    def submit(self, job: Job[T]) -> asyncio.Future[T]:
        """Do as `write` does, for a caller who does not wait."""
        if self._closed:
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.set_exception(LogUnavailable(f"{self.path} was closed"))
            return refused
        return self._writer.submit(job)

    async def read(self, job: Job[T]) -> T:
        """Run a job in a thread, read-only, in a transaction: all that it reads is of one state."""
        self._refuse_if_closed()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._lend, job)

    def peek(self, job: Job[T]) -> T:
        """Run a job at once, in the event loop, read-only: for look-ups of microseconds."""
        self._refuse_if_closed()
        with refusing(self.path):
            return job(self._here)

    def reader(self, cache: int = CACHE) -> sqlite3.Connection:
        """A read-only connection of the caller's own, who closes it; with so many KiB of the file in memory."""
        return connect(self.path, "ro", self._patience, cache)

    @property
    def commits(self) -> int:
        """Grows with every commit: take it, then read, then wait until `changed(since=it)`."""
        return self._watch.commits

    async def changed(self, since: int) -> None:
        """Return when `commits` is no longer `since`; sometimes without a cause, but always."""
        await self._watch.changed(since)

    async def close(self) -> None:
        """Finish what was accepted, then let go of the file."""
        if self._closed:
            return
        self._closed = True
        self._writer.finish()
        self._watch.close()
        self._here.close()
        await asyncio.to_thread(self._let_go)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LogUnavailable(f"{self.path} was closed")

    def _lend(self, job: Job[T]) -> T:
        connection = self._idle.pop() if self._idle else self.reader()
        try:
            with refusing(self.path):
                connection.execute("BEGIN")
                result = job(connection)
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return result

    def _let_go(self) -> None:
        """Close the writer last: it tidies up the -wal and -shm files when nobody else is there."""
        self._threads.shutdown()
        for connection in self._idle:
            connection.close()
        self._writer.join()
