"""Is the log printed as it is stored?"""

import json
import signal
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given

from api.cli.gist import gist
from events.sqlite_library import sqlite3
from events.vocabulary import AnyEvent
from tests.any_event import events
from tests.commands import COMMAND, DOSSIER, EVENTS, command, invoke, surroundings


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the article in it."""
    path = tmp_path_factory.mktemp("log") / "communique.db"
    assert invoke(path, "ingest", DOSSIER).exit_code == 0
    return path


def stored(database: Path) -> list[tuple[bytes, bytes]]:
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT record, leaf FROM log ORDER BY position").fetchall()
    connection.close()
    return rows


def test_json_lines_are_the_records_byte_for_byte(database: Path) -> None:
    lines = invoke(database, "log", "--json").stdout_bytes.split(b"\n")
    assert lines.pop() == b""
    assert lines == [record for record, _ in stored(database)]
    assert [sha256(b"\0" + line).digest() for line in lines] == [
        leaf for _, leaf in stored(database)
    ]


def test_json_has_the_evidence_with_offsets(database: Path) -> None:
    lines = invoke(database, "log", "--json").stdout.splitlines()
    payloads = [json.loads(line)["payload"] for line in lines]
    text = payloads[0]["text"]
    quotes = [quote for payload in payloads for quote in payload.get("evidence", [])]
    assert len(quotes) > EVENTS
    assert all(text[quote["start"] : quote["end"]] == quote["exact"] for quote in quotes)


def test_after_and_limit(database: Path) -> None:
    lines = invoke(database, "log", "--json", "--after", 10, "--limit", 3).stdout.splitlines()
    assert [json.loads(line)["position"] for line in lines] == [11, 12, 13]
    assert invoke(database, "log", "--after", EVENTS).stdout == ""
    assert invoke(database, "log", "--limit", 0).stdout == ""
    assert invoke(database, "log", "--after", -1).exit_code == 2


def test_people_get_a_table(database: Path) -> None:
    lines = invoke(database, "log").stdout.splitlines()
    assert lines[0].split() == ["position", "recorded", "(UTC)", "stream", "kind", "gist"]
    assert len(lines) == 1 + EVENTS
    assert [int(line.split()[0]) for line in lines[1:]] == list(range(1, EVENTS + 1))
    assert "ActorRegistered" in lines[2]
    assert "Mohammed Taher Siala (person)" in lines[2]


@given(events())
def test_every_event_has_a_gist(event: AnyEvent) -> None:
    assert gist(event)


def test_follow_goes_on_with_what_others_append(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "followed.db"
    (tmp_path / "first.txt").write_text("One.")
    (tmp_path / "second.txt").write_text("Two.")
    assert (
        invoke(path, "ingest", tmp_path / "first.txt", "--published", "2020-12-30").exit_code == 0
    )
    with subprocess.Popen(
        [COMMAND, "log", "--follow", "--json"],
        env=surroundings(path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        invoke(path, "ingest", tmp_path / "second.txt", "--published", "2020-12-31")
        second = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert [first, second] == [record + b"\n" for record, _ in stored(path)]
    assert (rest, errors, process.returncode) == (b"", b"", 0)


def test_follow_ends_with_its_limit(database: Path) -> None:
    result = invoke(database, "log", "--follow", "--json", "--limit", 2)
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "table"])
def test_reader_who_leaves_early_is_no_error(database: Path, options: list[str]) -> None:
    with subprocess.Popen(
        [COMMAND, "log", *options],
        env=surroundings(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_command_says_the_same_as_the_function(database: Path) -> None:
    assert command(database, "log", "--json").stdout == invoke(database, "log", "--json").stdout
