"""Is the log append-only in the database itself, whoever writes to it?"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.refusals import LogDamaged
from events.sqlite_connection import connect
from events.sqlite_library import sqlite3
from tests.logs import append, names, sqlite_log

pytestmark = pytest.mark.fault

COLUMNS = "(position, stream, version, kind, recorded_at, leaf, record)"


def row(position: str, version: int, stream: str = "actor/a") -> str:
    values = f"{position}, '{stream}', {version}, 'ActorRegistered', '2020', x'00', x'00'"
    return f"INTO log {COLUMNS} VALUES ({values})"


KEY = "INTO log_keys (key, first, last, digest) VALUES ('k', 3, 3, x'00')"

TRICKS = [
    "UPDATE log SET record = x'00' WHERE position = 2",
    "UPDATE log SET position = 4 WHERE position = 3",
    "UPDATE OR REPLACE log SET position = 2 WHERE position = 3",
    "UPDATE OR IGNORE log SET kind = 'x'",
    "DELETE FROM log WHERE position = 3",
    "DELETE FROM log",
    f"INSERT {row('2', 2)}",
    f"INSERT {row('3', 4)}",
    f"INSERT {row('5', 4)}",
    f"INSERT {row('0', 4)}",
    f"INSERT {row('NULL', 4)}",
    f"INSERT {row('4', 5)}",
    f"INSERT {row('4', 2)}",
    f"INSERT {row('4', 2, 'actor/b')}",
    f"INSERT OR REPLACE {row('2', 2)}",
    f"INSERT OR REPLACE {row('3', 3)}",
    f"INSERT OR REPLACE {row('3', 4)}",
    f"INSERT OR REPLACE {row('4', 2)}",
    f"REPLACE {row('4', 3)}",
    f"INSERT OR IGNORE {row('9', 9)}",
    f"INSERT {row('2', 2)} ON CONFLICT DO UPDATE SET record = x'00'",
    "UPDATE log_keys SET digest = x'00'",
    "DELETE FROM log_keys",
    f"INSERT {KEY}",
    f"INSERT OR REPLACE {KEY}",
    f"INSERT {KEY} ON CONFLICT DO UPDATE SET digest = x'00'",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture(params=["stranger", "stranger with recursive triggers"])
def stranger(request: pytest.FixtureRequest, path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the file that knows nothing of the log."""
    recursive = request.param != "stranger"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {recursive:d}")
        yield connection


@pytest.mark.parametrize("trick", TRICKS)
async def test_nothing_is_changed(path: Path, stranger: sqlite3.Connection, trick: str) -> None:
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one", key="k")
        await append(log, "actor/a", "two", "three")
        before = await log.read()

        with pytest.raises(sqlite3.Error):
            stranger.execute(trick)

        assert await log.read() == before
        found = await log.find("k")
        assert found is not None
        assert (found.first, found.last) == (1, 1)
        assert (await append(log, "actor/a", "four")).first == 4


@pytest.mark.parametrize("trick", TRICKS)
async def test_nothing_is_changed_from_within(path: Path, trick: str) -> None:
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one", key="k")
        await append(log, "actor/a", "two", "three")

        with pytest.raises(sqlite3.Error):
            await log._file.write(lambda connection: connection.execute(trick))

        assert names(await log.read()) == ["one", "two", "three"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE log SET record = CAST(replace(CAST(record AS TEXT), 'two', 'too') AS BLOB)",
        "UPDATE log SET leaf = zeroblob(32) WHERE position = 2",
        "UPDATE log SET kind = 'MeetingHeld' WHERE position = 2",
        "UPDATE log SET stream = 'actor/b', version = 1 WHERE position = 3",
        "UPDATE log SET recorded_at = '2021' WHERE position = 2",
        "DELETE FROM log WHERE position = 2",
        "DELETE FROM log WHERE position = 3",
        "DELETE FROM log",
        "DELETE FROM log_head",
        "UPDATE log_head SET position = 2",
        "UPDATE log_head SET position = 4",
        "DROP TABLE log_head",
        "ALTER TABLE log DROP COLUMN leaf",
    ],
)
async def test_who_removes_the_guard_is_found_out(path: Path, tampering: str) -> None:
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one", "two", "three")
    with closing(connect(path, "rw")) as stranger:
        for table in ("log", "log_keys"):
            for (name,) in stranger.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
            ).fetchall():
                stranger.execute(f"DROP TRIGGER {name}")
        stranger.execute(tampering)

    async with sqlite_log(path) as log:
        with pytest.raises(LogDamaged):
            await log.read()


async def test_a_head_that_was_tampered_with_takes_no_appends(path: Path) -> None:
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one", "two", "three")
        await log._file.write(lambda c: c.execute("UPDATE log_head SET position = 1"))

        with pytest.raises(LogDamaged):
            await append(log, "actor/a", "four")
        with pytest.raises(LogDamaged):
            await log.head()
