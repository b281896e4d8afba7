"""How is a SQLite file opened, and what do its errors mean?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from events.refusals import LogDamaged, LogUnavailable, Refusal
from events.sqlite_library import sqlite3

CACHE: Final = 16_000
"""KiB of a file that a connection keeps in memory, if nothing else is said."""
DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk does not do as it should",
    sqlite3.SQLITE_LOCKED: "it is locked",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_PERM: "access is not permitted",
    sqlite3.SQLITE_PROTOCOL: "other processes keep it locked",
    sqlite3.SQLITE_READONLY: "it is read-only",
}
"""What SQLite's primary result codes mean for whoever wants to use the file."""


def connect(
    path: Path, mode: Literal["ro", "rw", "rwc"], patience: float = 10.0, cache: int = CACHE
) -> sqlite3.Connection:
    """A connection to a file: to read, to write, or to write and make the file if there is none.

    `patience` is how many seconds to wait for the locks of other processes, `cache` how many KiB of
    the file are kept in memory at the most.
    Raises LogUnavailable, LogDamaged.
    """
    with refusing(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=patience,
            isolation_level=None,  # a transaction begins where the code says BEGIN
            check_same_thread=False,
        )
        try:
            if mode != "ro":
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{cache}")  # KiB, a minus says
            connection.execute("PRAGMA cell_size_check = ON")  # notices more damage
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about a file into refusals; let mistakes in a statement pass."""
    try:
        yield
    except Exception as error:
        if refusal := refusal_of(error, path):
            raise refusal from error
        raise


def refusal_of(error: Exception, path: Path) -> Refusal | None:
    """The refusal that an error means; None if it says nothing about the file."""
    if isinstance(error, UnicodeDecodeError):  # SQLite's message quotes what is damaged
        return LogDamaged(f"{path} is damaged: {error}")
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
    if code in DAMAGED or "decode to UTF-8" in str(error):
        return LogDamaged(f"{path} is damaged: {error}")
    if code in UNAVAILABLE:
        return LogUnavailable(f"{path} cannot be used now, {UNAVAILABLE[code]}: {error}")
    return None
