"""How do the processes that share a file rebuild its views one after the other?

By a lock that the operating system takes back from a process that dies.  Whoever holds it knows
that nobody else is rebuilding, and that what an earlier rebuild left behind is of no use any more.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from events.sqlite_connection import refusing
from events.sqlite_library import sqlite3

POLL: Final = 0.1
"""Seconds between two attempts to get the lock."""


@asynccontextmanager
async def turn(path: Path, *, wait: bool = True) -> AsyncIterator[bool]:
    """Wait until nobody else rebuilds the views of a file; others wait meanwhile.

    Gives whether nobody else does, which is only of interest without `wait`.  Raises LogUnavailable.
    """
    beside = path.with_name(f"{path.name}-rebuild")  # empty for ever: only its lock is of use
    with refusing(beside):
        connection = sqlite3.connect(beside, timeout=0, isolation_level=None)
    with closing(connection):
        ours = _locked(connection, beside)
        while wait and not ours:
            await asyncio.sleep(POLL)
            ours = _locked(connection, beside)
        yield ours


def _locked(connection: sqlite3.Connection, beside: Path) -> bool:
    with refusing(beside):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
    return True
