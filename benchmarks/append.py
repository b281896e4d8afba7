"""How fast does the log append, beside the same bytes written with bare sqlite3?

    python -m benchmarks.append [DIRECTORY] [--rounds N]

Each round appends some events to the log, then writes the records that came out of it with bare
`sqlite3`, in as many transactions, to another file of the same directory with the same table, the
same index, WAL and synchronous=FULL.  The less a disk needs for a transaction, the more of the time
goes into what only the log does: serialise, hash, check, and hand over to the writer's thread.
"""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import uvloop

from benchmarks.harness import disk, interleaved, show, timed
from events.log import Provenance, Write
from events.migrating import migrate
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from events.vocabulary import AnyEvent, event_of

PROVENANCE = Provenance("benchmark")
CALLERS = 64
ROWS = "SELECT * FROM log WHERE position > ? ORDER BY position"
INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
BARE = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE log (
        position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
        kind TEXT NOT NULL, recorded_at TEXT NOT NULL, leaf BLOB NOT NULL, record BLOB NOT NULL
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
    migrate(directory / "log.db")
    file = SqliteFile(directory / "log.db")
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    bare = sqlite3.connect(directory / "bare.db", isolation_level=None)
    bare.executescript(BARE)
    transactions: list[list[Any]] = []

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        def append() -> float:
            head, commits = runner.run(log.head()), file.commits
            seconds = timed(lambda: runner.run(appends(log)))
            rows = file.peek(lambda connection: connection.execute(ROWS, (head,)).fetchall())
            size = -(-len(rows) // (file.commits - commits))
            transactions[:] = [rows[at : at + size] for at in range(0, len(rows), size)]
            return seconds

        def insert() -> None:
            for rows in transactions:
                bare.execute("BEGIN IMMEDIATE")
                bare.executemany(INSERT, rows)
                bare.execute("COMMIT")

        seconds = interleaved(rounds, append, lambda: timed(insert))
        runner.run(log.close())
    bare.close()
    events = sum(map(len, transactions))
    return events / seconds[0], events / seconds[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    rows = []
    for name, appends in (
        ("1 event a call, 1 caller", one_by_one),
        (f"1 event a call, {CALLERS} callers", by_many_callers),
        ("100 events a call, 1 caller", by_hundreds),
    ):
        with TemporaryDirectory(dir=arguments.directory) as directory:
            ours, bare = compare(appends, Path(directory), arguments.rounds)
        rows.append((name, f"{ours:,.0f}", f"{bare:,.0f}", f"{ours / bare:.2f}"))
    columns = ("appending, events/s", "log", "bare sqlite3", "ratio")
    show("Appending to SQLite", columns, rows, disk(arguments.directory))


if __name__ == "__main__":
    main()
