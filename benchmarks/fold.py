"""How fast is the log replayed, and how fast are all views folded from it?

    python -m benchmarks.fold [--events N]

Replay reads, verifies and parses every record, beside bare `sqlite3` that selects the same rows and parses their JSON.  A rebuild folds
the whole log into fresh tables and puts them in the place of the live ones.  Peak memory is that of a process of its own, for logs
of a quarter, half, and the whole length.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import orjson

from benchmarks.harness import interleaved, show, timed
from benchmarks.history import fill
from events.migrating import migrate
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from projections.runner import Views

PAGE = 1000


async def replay(log: SqliteLog) -> int:
    """Read every record and the event in it."""
    read = 0
    while records := await log.read(read, PAGE):
        for record in records:
            _ = record.event
        read = records[-1].position
    return read


def bare(path: Path) -> int:
    """Select every record and parse it."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT position, record, leaf FROM log ORDER BY position")
    read = sum(1 for row in rows if orjson.loads(row[1]))
    connection.close()
    return read


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[SqliteLog, Views]]:
    """The log in a file, and its views."""
    migrate(path)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    views = Views(file, log)
    await views.prepare()
    yield log, views
    await log.close()


async def _fold(path: Path) -> None:
    async with opened(path) as (_, views):
        await views.catch_up()


async def _rebuild(path: Path) -> None:
    async with opened(path) as (_, views):
        await views.rebuild()


async def _replay(path: Path) -> None:
    async with opened(path) as (log, _):
        await replay(log)


WORK = {"fold": _fold, "rebuild": _rebuild, "replay": _replay}


def peak(work: str, path: Path) -> float:
    """MiB that a process needs at the most for some work on a log."""
    command = [sys.executable, "-m", "benchmarks.fold", "--only", work, str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", nargs=2, metavar=("WORK", "DATABASE"), help="one work, for peak memory"
    )
    arguments = parser.parse_args()
    if arguments.only:
        work, database = arguments.only
        asyncio.run(WORK[work](Path(database)))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with TemporaryDirectory(dir=Path()) as directory:
        _measure(Path(directory), arguments.events, arguments.rounds)


def _measure(directory: Path, events: int, rounds: int) -> None:
    path = directory / "log.db"
    asyncio.run(fill(path, events))
    ours, limit = interleaved(
        rounds,
        lambda: timed(lambda: asyncio.run(_replay(path))),
        lambda: timed(lambda: bare(path)),
        warm_up=1,
    )
    folding = timed(lambda: asyncio.run(_fold(path)))
    (rebuilding,) = interleaved(
        rounds, lambda: timed(lambda: asyncio.run(_rebuild(path))), warm_up=0
    )
    rows = [
        ("replay: read, verify, parse", f"{events / ours:,.0f}"),
        ("the same rows by bare sqlite3 and orjson", f"{events / limit:,.0f}"),
        ("first fold of all views", f"{events / folding:,.0f}"),
        ("rebuild of all views, with digests", f"{events / rebuilding:,.0f}"),
    ]
    show(f"A log of {events:,} events", ("work", "events/s"), rows)
    memory: list[tuple[str, ...]] = []
    for part in (events // 4, events // 2, events):
        shorter = directory / f"{part}.db"
        asyncio.run(fill(shorter, part))
        used = [peak(work, shorter) for work in ("replay", "fold", "rebuild")]
        memory.append((f"{part:,}", *(f"{mebibytes:,.0f}" for mebibytes in used)))
    show("Peak memory, MiB", ("events", "replay", "fold", "rebuild"), memory)


if __name__ == "__main__":
    main()
