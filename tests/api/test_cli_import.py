"""Does `communique import ucdp` say what it did, and what did not fit?"""

import json
from pathlib import Path

import pytest

from tests.commands import invoke
from tests.ucdp import CONTRADICTION, ROWS, packed, row

FITTING = [row for number, row in enumerate(ROWS, 2) if number != CONTRADICTION]

EVENTS = 3 + 2 + 37
"""Three months, two actors, and a report for each row."""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "communique.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return packed(tmp_path / "ged.csv.gz", *FITTING)


def test_the_rows_go_in_and_the_views_follow(database: Path, file: Path) -> None:
    result = invoke(database, "import", "ucdp", file)
    assert (result.exit_code, result.stderr) == (0, "")
    first, *counts = result.stdout.splitlines()
    assert first == f"{file}: positions 1 to {EVENTS}"
    assert [line.split() for line in counts] == [
        ["3", "months"],
        ["2", "registered"],
        ["37", "recorded"],
    ]
    status = json.loads(invoke(database, "status", "--json").stdout)
    assert {each["position"] for each in status["projections"]} == {EVENTS}


def test_the_same_again_appends_nothing_and_says_so(database: Path, file: Path) -> None:
    invoke(database, "import", "ucdp", file)
    result = invoke(database, "import", "ucdp", file)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{file}: nothing new\n")
    assert len(invoke(database, "log", "--json", "--limit", 1000).stdout.splitlines()) == EVENTS


def test_more_rows_are_added(database: Path, file: Path) -> None:
    invoke(database, "import", "ucdp", file)
    result = invoke(
        database, "import", "ucdp", packed(file, *FITTING, row(1, "2020,8,1")), "--json"
    )
    outcome = json.loads(result.stdout)
    assert (outcome["registered"], outcome["recorded"]) == (1, 1)
    assert outcome["positions"] == [EVENTS + 1, EVENTS + 3]


def test_rows_that_do_not_fit_are_told_and_the_rest_goes_in(database: Path, file: Path) -> None:
    packed(file, *FITTING, "nonsense", row(1, "2020,7,32"))
    result = invoke(database, "import", "ucdp", file)
    assert result.exit_code == 1
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        f"{file}:39:1",
        f"{file}:40:1",
    ]
    assert "2 problems" in result.stdout
    assert "37 recorded" in result.stdout


def test_a_month_with_other_rows_than_before_is_left_as_it_is(database: Path, file: Path) -> None:
    invoke(database, "import", "ucdp", file)
    packed(file, *FITTING[:-1], FITTING[-1].replace(",6,6,6", ",6,6,7"))
    result = invoke(database, "import", "ucdp", file, "--json")
    assert result.exit_code == 1
    problem, outcome = map(json.loads, result.stdout.splitlines())
    assert problem["line"] == 38
    assert problem["what"] == "article 'ucdp-ged-21-1-2020-07' is in the log with another text"
    assert (outcome["refused"], outcome["positions"]) == (1, None)


def test_a_damaged_file_leaves_the_log_as_it_was(database: Path, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])
    result = invoke(database, "import", "ucdp", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the file ends too early, it was cut off; get the whole of it" in result.stderr
    assert json.loads(invoke(database, "status", "--json").stdout)["head"] == 0


def test_check_touches_no_database(database: Path, file: Path) -> None:
    result = invoke(database, "import", "ucdp", file, "--check")
    assert result.exit_code == 0
    assert result.stdout == f"{file}: sound, 3 months, 2 actors, 37 events\n"
    packed(file, *FITTING, "nonsense")
    result = invoke(database, "import", "ucdp", file, "--check", "--json")
    assert result.exit_code == 1
    problem, outcome = map(json.loads, result.stdout.splitlines())
    assert (problem["line"], outcome["problems"], outcome["events"]) == (39, 1, 37)
    assert not database.parent.exists()
