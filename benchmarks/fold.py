"""How fast is the log replayed, and how fast are all views folded from it?

    python -m benchmarks.fold [--engine postgres] [--lengths N ...] [--rounds N]

Reading verifies every record, replaying makes the event of it, too; beside them bare `sqlite3` selects the same rows and parses their JSON,
or COPY brings them out of PostgreSQL as they are.
An export reads the log twice, for its header and its lines; an import checks every line and fills another database.
The first fold fills the live tables; a rebuild fills fresh ones, compares their digests with those of the live ones, and switches; a
verification folds the log into tables of its own, and compares every row.  Logs of several lengths show whether rates and memory stay as
they are while the log grows; each has a process of its own.
"""

import argparse
import asyncio
import gc
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, NamedTuple, ParamSpec, TypeVar

import orjson
import uvloop

from api.cli import COLLECT
from api.composition import System, opened, opened_log
from api.engines import store_of
from api.settings import Settings
from benchmarks import engines
from benchmarks.harness import interleaved, show, timed
from events.exchange import header_of, import_lines, lines
from events.log import EventLog
from events.sqlite_library import sqlite3
from projections.verifying import verify
from tests import postgres

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

LENGTHS: Final = (25_000, 50_000, 100_000)
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
    exporting: float
    importing: float
    fold: float
    rebuild: float
    verifying: float
    peak: float


async def read(log: EventLog) -> int:
    """Read and verify every record; gives the last position."""
    position = 0
    while records := await log.read(position, PAGE):
        position = records[-1].position
    return position


async def replay(log: EventLog) -> int:
    """Read every record, and make the event of it; gives the last position."""
    position = 0
    while records := await log.read(position, PAGE):
        for record in records:
            _ = record.event
        position = records[-1].position
    return position


async def bare(url: str) -> int:
    """What can be done no faster; gives how many records there are."""
    path = Settings(database_url=url).database
    return await copied(url) if path is None else parsed(path)


def parsed(path: Path) -> int:
    """Select every record of a file and parse it."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT position, record, leaf FROM log ORDER BY position")
        return sum(1 for _, record, _ in rows if orjson.loads(record))


async def copied(url: str) -> int:
    """Let COPY bring every record out of PostgreSQL."""

    async def sink(_: bytes) -> None:
        pass

    async with postgres.connected(url) as connection:
        told = await connection.copy_from_query("SELECT * FROM log", output=sink, format="binary")
    return int(told.removeprefix("COPY "))


async def export(log: EventLog, file: BinaryIO) -> None:
    """Write a log into a file."""
    async for piece in lines(log, await header_of(log)):
        file.write(piece)


async def fill(url: str, file: BinaryIO) -> None:
    """Fill the log of another database from a file."""
    file.seek(0)
    async with opened_log(Settings(database_url=url), make=True) as (_, log):
        await import_lines(log, file)


async def compare(system: System) -> None:
    """Do the views say what follows from the log?"""
    replayed, views = await verify(store_of(system.file), system.log)
    with closing(replayed):
        assert all(view.agrees for view in views)


def measure(url: str, other: str, rounds: int) -> Figures:
    """The figures of the log in a database, whose views have not been folded yet, and which another database is filled with."""
    gc.set_threshold(COLLECT)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        entered = opened(Settings(database_url=url), follow=False)
        system = runner.run(entered.__aenter__())
        log, views = system.log, system.views
        assert runner.run(replay(log)) == runner.run(bare(url))
        reading, replaying, limit = interleaved(
            rounds,
            lambda: timed(lambda: runner.run(read(log))),
            lambda: timed(lambda: runner.run(replay(log))),
            lambda: timed(lambda: runner.run(bare(url))),
            warm_up=0,
        )
        with TemporaryFile() as file:
            exporting = timed(lambda: runner.run(export(log, file)))
            importing = timed(lambda: runner.run(fill(other, file)))
        folding = timed(lambda: runner.run(views.catch_up()))
        rebuilding = timed(lambda: runner.run(views.rebuild()))
        verifying = timed(lambda: runner.run(compare(system)))
        runner.run(entered.__aexit__(None, None, None))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    return Figures(
        reading, replaying, limit, exporting, importing, folding, rebuilding, verifying, peak
    )


def make(url: str, events: int) -> None:
    """Make the log of a database."""
    asyncio.run(engines.make(url, events))


def apart(
    work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Do some work in a process of its own; this one stays small, since Linux counts its peak as the other's, too."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    engines.choose(parser)
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, help="of the log")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    rows = []
    for events in arguments.lengths:
        with (
            engines.database(arguments.engine, arguments.directory) as url,
            engines.database(arguments.engine, arguments.directory) as other,
        ):
            apart(make, url, events)
            found = apart(measure, url, other, arguments.rounds)
        rates = (f"{events / seconds:,.0f}" for seconds in found[:-1])
        rows.append((f"{events:,}", *rates, f"{found.peak:,.0f}"))
    limit = "bare sqlite3" if arguments.engine == "sqlite" else "COPY"
    columns = (
        *("log", "read", "replay", limit, "export", "import"),
        *("first fold", "rebuild", "verify", "peak MiB"),
    )
    show("Replaying a log and folding all views, events/s", columns, rows)


if __name__ == "__main__":
    main()
