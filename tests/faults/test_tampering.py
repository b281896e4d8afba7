"""Is a record that somebody altered behind the log's back found by a verification?"""

from contextlib import closing
from pathlib import Path

import pytest

from events.canonical import canonical
from events.record import leaf_hash
from events.sqlite_library import sqlite3
from tests.commands import invoke
from tests.logs import append, sqlite_log

pytestmark = pytest.mark.fault


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "log.db"
    async with sqlite_log(path) as log:
        for name in ("one", "two", "three"):
            await append(log, f"actor/{name}", name)
    return path


def tamper(database: Path, statement: str, *values: object) -> None:
    """Do what the triggers refuse."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)


def rewrite(database: Path, position: int, **members: object) -> None:
    """Alter a record together with its hash and its columns, so that it is sound in itself."""
    with closing(sqlite3.connect(database)) as connection:
        (record,) = connection.execute(
            "SELECT json(CAST(record AS TEXT)) FROM log WHERE position = ?", (position,)
        ).fetchone()
    import orjson

    envelope = {**orjson.loads(record), **members}
    other = canonical(envelope)
    tamper(
        database,
        "UPDATE log SET record = ?, leaf = ?, recorded_at = ? WHERE position = ?",
        *(other, leaf_hash(other), envelope["recorded_at"], position),
    )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE log SET record = CAST(replace(CAST(record AS TEXT), 'two', 'too') AS BLOB)",
            "the record at position 2 does not have its stored hash",
        ),
        (
            "UPDATE log SET leaf = zeroblob(32) WHERE position = 2",
            "the record at position 2 does not have its stored hash",
        ),
        (
            "UPDATE log SET kind = 'MeetingHeld' WHERE position = 2",
            "column 'kind' at position 2 contradicts the record",
        ),
        ("DELETE FROM log WHERE position = 2", "the log lacks records between positions 1 and 3"),
    ],
)
@pytest.mark.parametrize(
    "command", [["replay", "--verify"], ["log", "export", "copy.jsonl"]], ids=" ".join
)
def test_a_record_that_was_altered_is_found(
    database: Path, command: list[str], statement: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(database.parent)
    tamper(database, statement)
    result = invoke(database, *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert not Path("copy.jsonl").exists()


def test_time_that_runs_backwards_is_found(database: Path) -> None:
    rewrite(database, 2, recorded_at="2019-01-01T00:00:00.000000Z")
    result = invoke(database, "replay", "--verify")
    assert result.exit_code == 2
    assert "position 2 was recorded at 2019-01-01T00:00:00.000000Z, before" in result.stderr


def test_a_record_rewritten_with_its_hash_is_found_by_a_certificate(database: Path) -> None:
    certificate = database.with_name("certificate.json")
    assert invoke(database, "replay", "--verify", "--certificate", certificate).exit_code == 0
    rewrite(database, 2, recorder="somebody else")
    assert invoke(database, "replay", "--verify").exit_code == 0
    result = invoke(database, "certificate", "check", certificate)
    assert result.exit_code == 1
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["root"]
