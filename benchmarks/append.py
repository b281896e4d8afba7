"""How fast does the log append, beside the same bytes written with bare sqlite3?

    python -m benchmarks.append [DIRECTORY] [--rounds N]

Each round appends some events to the log, then writes the records that came out of it with bare `sqlite3`, in as many
transactions, to another file of the same directory with the same table, the same index, WAL and synchronous=FULL.
"""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import uvloop

from benchmarks.harness import interleaved, show, timed
from events.log import Provenance, Write
from events.migrating import migrate
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from events.vocabulary import AnyEvent, event_of

PROVENANCE = Provenance("benchmark")
CALLERS = 64
INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
TABLES = """
    CREATE TABLE log (
        position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL,
        recorded_at TEXT NOT NULL, leaf BLOB NOT NULL, record BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX log_by_stream ON log (stream, version);
"""

Appends = Callable[[SqliteLog], Coroutine[None, None, None]]


def statement(number: int) -> AnyEvent:
    """A report of common size: about 1,000 bytes as a record."""
    quote = {
        "exact": "“We have confirmed that we are committed to the ceasefire and to the elections,” he said.",
        "prefix": "Russia’s top diplomat in Moscow. ",
        "suffix": "\n\nThe ceasefire was brokered by ",
        "start": 1000 + number,
        "end": 1089 + number,
    }
    return event_of(
        "StatementMade",
        1,
        {
            "ref": f"statement-{number}",
            "evidence": [quote],
            "attribution": {"voice": "direct_quote", "speaker": "siala"},
            "when": {"edtf": "2020-12-30?", "role": "occurred", "basis": "inferred", "reason": "on Wednesday"},
            "speaker": "siala",
            "addressees": ["lavrov"],
            "act": "commissive",
            "direct": True,
            "content": "The government is committed to the ceasefire and to the elections",
            "about": ["gna"],
        },
    )  # fmt: skip


EVENTS = [statement(number) for number in range(100)]


async def one_by_one(log: SqliteLog) -> None:
    for number in range(50):
        await log.append([Write(f"article/{number % 10}", EVENTS[number : number + 1])], PROVENANCE)


async def by_many_callers(log: SqliteLog) -> None:
    async def caller(number: int) -> None:
        for _ in range(5):
            await log.append([Write(f"article/{number}", EVENTS[number : number + 1])], PROVENANCE)

    await asyncio.gather(*map(caller, range(CALLERS)))


async def by_hundreds(log: SqliteLog) -> None:
    for number in range(10):
        await log.append([Write(f"article/{number}", EVENTS)], PROVENANCE)


def compare(appends: Appends, directory: Path, rounds: int) -> tuple[float, float]:
    """Events per second of the log and of bare SQLite, as medians of the rounds."""
    path, bare_path = (
        directory / f"{appends.__name__}.db",
        directory / f"{appends.__name__}-bare.db",
    )
    migrate(path)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    groups: list[list[sqlite3.Row]] = []

    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        closing(sqlite3.connect(bare_path, isolation_level=None)) as bare,
        closing(file.reader()) as reader,
    ):
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.executescript(TABLES)

        def ours() -> float:
            before, (head,) = (
                file.commits,
                reader.execute("SELECT max(position) FROM log").fetchone(),
            )
            seconds = timed(lambda: runner.run(appends(log)))
            rows = reader.execute("SELECT * FROM log WHERE position > ?", (head or 0,)).fetchall()
            transactions = file.commits - before
            size = -(-len(rows) // transactions)
            groups[:] = [rows[at : at + size] for at in range(0, len(rows), size)]
            return seconds

        def same_with_bare_sqlite() -> float:
            return timed(write_bare)

        def write_bare() -> None:
            for rows in groups:
                bare.execute("BEGIN IMMEDIATE")
                bare.executemany(INSERT, rows)
                bare.execute("COMMIT")

        seconds = interleaved(rounds, ours, same_with_bare_sqlite)
        events = sum(map(len, groups))
        runner.run(log.close())
    return events / seconds[0], events / seconds[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    rows = []
    for name, appends in (
        ("one event per call, one caller", one_by_one),
        (f"one event per call, {CALLERS} callers", by_many_callers),
        ("100 events per call, one caller", by_hundreds),
    ):
        with TemporaryDirectory(dir=arguments.directory) as directory:
            ours, bare = compare(appends, Path(directory), arguments.rounds)
        rows.append((name, f"{ours:,.0f}", f"{bare:,.0f}", f"{ours / bare:.2f}"))
    show("Appending to SQLite", ("", "log, events/s", "bare sqlite3, events/s", "ratio"), rows)


if __name__ == "__main__":
    main()
