"""How do many share one transaction?  Group commit, on the one thread that writes.

The thread puts all waiting jobs into one transaction, each in a savepoint of its own: together
they pay once for reaching the disk, and each still succeeds or fails alone.  Nobody is answered
before the COMMIT.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from events.sqlite_connection import refusal_of, refusing
from events.sqlite_library import sqlite3

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

LARGEST_GROUP: Final = 256
"""Where a group stops to grow, in jobs, so that its first one does not wait for ever."""


class Waiting:
    """A job on its way through the writer's thread."""

    __slots__ = ("error", "future", "job", "result")

    def __init__(self, job: Job[Any], future: asyncio.Future[Any]) -> None:
        self.job, self.future = job, future
        self.result: Any = None
        self.error: Exception | None = None

    def answer(self) -> None:
        """Tell whoever asked, unless that one was cancelled."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The thread that writes to a file."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, committed: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._path = path
        self._committed = committed
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> asyncio.Future[T]:
        """Hand a job over to the thread."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(Waiting(job, future))
        return future

    def finish(self) -> None:
        """Accept nothing more."""
        self._queue.put(None)

    def join(self) -> None:
        """Block until the last job is done, and let go of the file."""
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        ending = False
        while not ending:
            group: list[Waiting] = []
            waiting = self._queue.get()
            while waiting is not None:
                group.append(waiting)
                if len(group) == LARGEST_GROUP or self._queue.empty():
                    break
                waiting = self._queue.get()
            else:
                ending = True
            if group:
                self._transact(group)
                for loop, asking in _by_loop(group).items():
                    with suppress(RuntimeError):  # the loop was closed, so nobody waits any more
                        loop.call_soon_threadsafe(self._answer, asking)

    def _transact(self, group: list[Waiting]) -> None:
        """Run the jobs of a group and commit them; if that fails, none of them did a thing."""
        try:
            with refusing(self._path):
                self._connection.execute("BEGIN IMMEDIATE")
                if len(group) == 1:  # the transaction is its savepoint
                    group[0].result = group[0].job(self._connection)
                else:
                    for waiting in group:
                        self._attempt(waiting)
                self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - it is told to those who asked
            with suppress(sqlite3.Error):
                self._connection.rollback()
            for waiting in group:
                waiting.error = waiting.error or error

    def _attempt(self, waiting: Waiting) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            waiting.result = waiting.job(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:
                raise  # SQLite gave up the whole transaction, as it does when the disk is full
            self._connection.execute("ROLLBACK TO job")
            waiting.error = refusal_of(error, self._path) or error
        self._connection.execute("RELEASE job")

    def _answer(self, group: list[Waiting]) -> None:
        self._committed()
        for waiting in group:
            waiting.answer()


def _by_loop(group: list[Waiting]) -> dict[asyncio.AbstractEventLoop, list[Waiting]]:
    """Who asks from which event loop: nearly always all from one, unless another one went away."""
    asking: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
    for waiting in group:
        asking.setdefault(waiting.future.get_loop(), []).append(waiting)
    return asking
