"""How fast is the log replayed, and how fast are all views folded from it?

    python -m benchmarks.fold [--events N]

Reading verifies every record, replaying makes the event of it, too; beside them bare `sqlite3` selects the same rows and parses their JSON.
The first fold fills the live tables; a rebuild fills fresh ones, compares their digests with those of the live ones, and switches.  Logs of
a quarter, half and the whole length show whether rates and memory stay as they are while the log grows; each has a process of its own.
"""

import argparse
import asyncio
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

import orjson
import uvloop

from benchmarks.harness import interleaved, show, timed
from benchmarks.history import fill
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from projections.runner import Views
from projections.sqlite_views import SqliteViews

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

ROUNDS: Final = 3
PAGE: Final = 1000
"""Records that are read at once."""
MIB: Final = 2**20 if sys.platform == "darwin" else 2**10
"""A mebibyte, in the unit in which the system tells peak memory."""


class Figures(NamedTuple):
    """What was measured on one log, in seconds and MiB."""

    read: float
    replay: float
    bare: float
    fold: float
    rebuild: float
    peak: float


async def read(log: SqliteLog) -> int:
    """Read and verify every record; gives the last position."""
    position = 0
    while records := await log.read(position, PAGE):
        position = records[-1].position
    return position


async def replay(log: SqliteLog) -> int:
    """Read every record, and make the event of it; gives the last position."""
    position = 0
    while records := await log.read(position, PAGE):
        for record in records:
            _ = record.event
        position = records[-1].position
    return position


def bare(path: Path) -> int:
    """Select every record and parse it; gives how many there are."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT position, record, leaf FROM log ORDER BY position")
        return sum(1 for _, record, _ in rows if orjson.loads(record))


def measure(path: Path, rounds: int) -> Figures:
    """The figures of the log in a file, whose views have not been folded yet."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        file = SqliteFile(path)
        log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
        views = Views(SqliteViews(file), log)
        runner.run(views.prepare())
        assert runner.run(replay(log)) == bare(path)
        reading, replaying, limit = interleaved(
            rounds,
            lambda: timed(lambda: runner.run(read(log))),
            lambda: timed(lambda: runner.run(replay(log))),
            lambda: timed(lambda: bare(path)),
            warm_up=0,
        )
        folding = timed(lambda: runner.run(views.catch_up()))
        rebuilding = timed(lambda: runner.run(views.rebuild()))
        runner.run(log.close())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    return Figures(reading, replaying, limit, folding, rebuilding, peak)


def make(path: Path, events: int) -> None:
    """Make the file of a log."""
    asyncio.run(fill(path, events))


def apart(
    work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Do some work in a process of its own; this one stays small, since Linux counts its peak as the other's, too."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    rows = []
    for events in (arguments.events // 4, arguments.events // 2, arguments.events):
        with TemporaryDirectory(dir=arguments.directory) as directory:
            path = Path(directory).absolute() / "log.db"
            apart(make, path, events)
            found = apart(measure, path, arguments.rounds)
        rates = (f"{events / seconds:,.0f}" for seconds in found[:-1])
        rows.append((f"{events:,}", *rates, f"{found.peak:,.0f}"))
    columns = ("log", "read", "replay", "bare sqlite3", "first fold", "rebuild", "peak MiB")
    show("Replaying a log and folding all views, events/s", columns, rows)


if __name__ == "__main__":
    main()
