"""Does a diff cost as much in a long log as in a short one?"""

from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

from api.reading import Reading
from api.schema import schema
from projections.reading.sqlite_reader import SqliteReader
from tests.nodes import read
from tests.strategies import long_history
from tests.views import opened

DIFF = "{ diff(from: 30, to: 60) { totalCount nodes { change before { id } after { id } causes { kind } } } }"
EVERY = 10
"""Steps of SQLite's machine between two counts."""


async def steps(path: Path, commands: int) -> tuple[int, int]:
    """How long the log of a history is, and how many steps a diff near its beginning takes."""
    history, counted = long_history(Random(1), commands), count(1)
    async with opened(path) as it:
        await it.append(history.records)
        await it.views.catch_up()
        with closing(SqliteReader(it.file.reader())) as reader:
            reading = Reading(schema()._schema, reader)
            reader._connection.set_progress_handler(lambda: next(counted) < 0, EVERY)
            assert (await read(reading, DIFF))["diff"]["totalCount"] > 10
    return len(history.records), next(counted)


async def test_span_costs_the_same_however_long_the_log(tmp_path: Path) -> None:
    short, few = await steps(tmp_path / "short.db", 100)
    long, many = await steps(tmp_path / "long.db", 1_000)
    assert long > 8 * short
    assert many < 2 * few
