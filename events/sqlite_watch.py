"""Has somebody committed?  A hint for those who follow."""

import asyncio
from pathlib import Path
from typing import Final

from events.refusals import LogUnavailable
from events.sqlite_library import sqlite3

POLL: Final = 0.05
"""Seconds between two looks for commits of other processes; nobody looks while nobody waits."""


class Watch:
    """Tells of commits to a file: of this process at once, of others within `POLL` seconds.

    The hint may come without a cause, but never stays away.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.commits = 0
        self._connection = connection
        self._path = path
        self._version = self._data_version()
        self._changed = asyncio.Event()
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def changed(self, since: int) -> None:
        """Return when `commits` is no longer `since`.

        Raises LogUnavailable when the file is closed.
        """
        while self.commits == since:
            if self._closed:
                raise LogUnavailable(f"{self._path} was closed")
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(0, self._look)
            self._waiting += 1
            try:
                await self._changed.wait()
            finally:
                self._waiting -= 1

    def committed(self) -> None:
        """Tell that this process has committed."""
        self.commits += 1
        self._wake()

    def close(self) -> None:
        """Send home all who wait."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._wake()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(POLL, self._look) if self._waiting else None
        before, self._version = self._version, self._data_version()
        if self._version != before:
            self.committed()

    def _data_version(self) -> int | None:
        """A number that every commit of another connection changes; None if it cannot be had."""
        try:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None  # another number than before: those who wait will read, and learn why
        return version

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
