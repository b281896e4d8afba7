"""Has somebody committed to a SQLite file?"""

from pathlib import Path
from typing import ClassVar

from events.sqlite_library import sqlite3
from events.watch import Watch


class SqliteWatch(Watch):
    """Tells of commits to a file: of this process at once, of others within `POLL` seconds."""

    FIRST: ClassVar = 0.0
    POLL: ClassVar = 0.05

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(str(path))
        self._connection = connection
        self._version = self._data_version()

    def others_committed(self) -> bool:
        before, self._version = self._version, self._data_version()
        return self._version != before

    def _data_version(self) -> int | None:
        """A number that every commit of another connection changes; None if it cannot be had."""
        try:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None  # another number than before: those who wait will read, and learn why
        return version
