"""What does it cost to ask for the past, and does it grow with the history behind what is asked for?

    python -m benchmarks.moments [--events N] [--keep FILE]

The views of one log at three lengths, each ten times the one before.  After its first articles it has nothing but corrections of the same
actors, reports and articles (`revisions.py`), so that every operation answers about the same and only the versions behind it become more.
Each round asks for the present, half of the log, near its head, and the instant of the half.  The longest takes a quarter of an hour to
make: `--keep` keeps its file, and goes on with it the next time; lengths that it has passed are left out.
"""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import orjson

from api.reading import Reading
from api.schema import schema
from benchmarks.harness import Side, at_once, interleaved, show, timed
from benchmarks.history import grow
from benchmarks.revisions import TOLD, Revisions
from events import sqlite_statements as statements
from events.sqlite import SqliteFile
from events.sqlite_connection import connect
from events.sqlite_log import SqliteLog
from projections.reading.sqlite_reader import SqliteReader
from projections.runner import Views
from projections.sqlite_views import SqliteViews

OPERATIONS: Final = {
    "actor page": """
        actor(slug: "actor-7", asOf: $then) { id name kind aliases { name kind }
          relations(first: 10) { totalCount nodes { key predicate status subject { slug name } object { slug name } } }
          timeline(first: 10) { nodes { id kind } } }""",
    "actors": """
        actors(first: 50, asOf: $then) { nodes { id name kind } pageInfo { hasNextPage endCursor } }""",
    "relations": """
        relations(first: 50, filter: {actor: "actor-7"}, asOf: $then) { totalCount nodes { key status certainty count since { edtf } } }""",
    "because": """
        relations(first: 20, asOf: $then) { nodes { key because { effect rule event { id kind } evidence { exact } } } }""",
    "timeline": """
        timeline(first: 50, asOf: $then) { nodes { id kind certainty when { edtf } article { slug title } evidence { exact } } }""",
    "search": """
        search(text: "ceasefire talks", first: 20, asOf: $then) { nodes { id } }""",
    "report": """
        report: timeline(first: 1, filter: {article: "article-9"}, asOf: $then) { nodes { id kind certainty article { title } } }""",
}
LENGTHS: Final = 3
REPEATED: Final = 5
"""Times that an operation is asked in a row, of which the mean counts."""


async def told(path: Path, events: int) -> dict[str, dict[str, Any] | None]:
    """Let the log have so many events and the views follow it; gives the moments to ask for."""
    await grow(path, Revisions(), events)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    try:
        views = Views(SqliteViews(file), log)
        await views.prepare()
        await views.catch_up()
        half = max(events // 2, min(events, TOLD))
        (record,) = await log.read(half - 1, 1)
    finally:
        await log.close()
    return {
        "now": None,
        "half": {"position": half},
        "near the head": {"position": events - events // 100},
        "instant": {"recordedAt": record.recorded_at},
    }


def side(reading: Reading, query: str, then: dict[str, Any] | None) -> Side:
    """Seconds that an operation takes as of a moment."""

    def ask() -> object:
        return at_once(reading.answer(query, None, {"then": then}))

    answer = ask()
    assert isinstance(answer, tuple), answer
    assert orjson.loads(answer[1]).popitem()[1], "it finds something"
    return lambda: timed(lambda: [ask() for _ in range(REPEATED)]) / REPEATED


def measure(path: Path, events: int, rounds: int) -> Iterator[tuple[str, ...]]:
    """A row of figures for each operation on the views of so many events."""
    moments = asyncio.run(told(path, events))
    with closing(SqliteReader(connect(path, "ro"), patience=60)) as reader:
        reading = Reading(schema()._schema, reader)
        for name, fields in OPERATIONS.items():
            query = f"query ($then: AsOf) {{ {fields} }}"
            assert not reading.document(query).errors, reading.document(query).errors
            sides = (side(reading, query, then) for then in moments.values())
            now, *past = interleaved(rounds, *sides)
            ratios = (f"{seconds / now:.2f}" for seconds in past)
            yield f"{events:,}", name, f"{now * 1e3:.2f}", *ratios


def head(path: Path) -> int:
    """How many events the log of a file has already."""
    if not path.exists():
        return 0
    with closing(connect(path, "ro")) as connection:
        return statements.head(connection).position


@contextmanager
def kept(path: Path | None, directory: Path) -> Iterator[Path]:
    """The file to work on: one that stays, or one for the time being."""
    if path is not None:
        yield path.absolute()
        return
    with TemporaryDirectory(dir=directory) as temporary:
        yield Path(temporary).absolute() / "moments.db"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="the file of the log, made if there is none")
    arguments = parser.parse_args()
    lengths = [arguments.events // 10**power for power in reversed(range(LENGTHS))]
    with kept(arguments.keep, arguments.directory) as path:
        held = head(path)
        ahead = (events for events in lengths if events >= held)
        rows = [row for events in ahead for row in measure(path, events, arguments.rounds)]
    columns = ("events", "operation", "now, ms", "half:now", "near the head:now", "instant:now")
    show("Asking for the past", columns, rows)


if __name__ == "__main__":
    main()
