"""Are the commands what their help says, and do status, rebuild and schema tell the truth?"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from graphql import build_schema

from api.cli import main
from events.sqlite_library import sqlite3
from projections.digests import VIEWS
from tests.commands import DOSSIER, EVENTS, invoke


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the article in it."""
    path = tmp_path / "communique.db"
    assert invoke(path, "ingest", DOSSIER).exit_code == 0
    return path


def test_help_lists_the_commands_and_what_they_return(tmp_path: Path) -> None:
    result = invoke(tmp_path / "none.db", "--help")
    assert result.exit_code == 0
    for told in (*main.commands, "Exit status:", "COMMUNIQUE_DATABASE_URL"):
        assert told in result.stdout


def commands(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    """Every command and every part of one, by the words that it is called with."""
    for name, each in group.commands.items():
        yield (*names, name)
        if isinstance(each, click.Group):
            yield from commands(each, *names, name)


@pytest.mark.parametrize("names", list(commands(main)), ids=" ".join)
def test_each_command_has_a_manual(names: tuple[str, ...], tmp_path: Path) -> None:
    result = invoke(tmp_path / "none.db", *names, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 5
    if names not in {("certificate",), ("import",)}:  # do nothing by themselves
        assert "Exit status:\n    0  " in result.stdout


def test_help_waits_for_nothing_heavy() -> None:
    heavy = {"events.vocabulary", "pydantic", "rich", "sqlalchemy", "strawberry", "uvicorn"}
    program = f"import api.cli, sys; print({heavy} & sys.modules.keys())"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout == "set()\n"


def test_version_is_the_distributions(tmp_path: Path) -> None:
    assert invoke(tmp_path / "none.db", "--version").stdout == "communique 0.1.0\n"


def test_schema_prints_nothing_but_the_schema(tmp_path: Path) -> None:
    result = invoke(tmp_path / "none.db", "schema")
    assert "Query" in build_schema(result.stdout).type_map
    assert not (tmp_path / "none.db").exists()


def test_status_for_programs(database: Path) -> None:
    status = json.loads(invoke(database, "status", "--json", "--digests").stdout)
    assert status["head"] == EVENTS
    assert {each["lag"] for each in status["projections"]} == {0}
    assert list(status["digests"]) == [view.name for view in VIEWS]


def test_status_for_people(database: Path) -> None:
    told = invoke(database, "status", "--digests").stdout
    assert f"{database}, at position {EVENTS}" in told
    assert "relations" in told


def test_status_shows_how_far_views_lag(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE checkpoints SET position = 100 WHERE name = 'actors'")
    connection.close()
    status = json.loads(invoke(database, "status", "--json").stdout)
    assert {each["name"]: each["lag"] for each in status["projections"]}["actors"] == EVENTS - 100


def test_rebuild_agrees_with_what_is_live(database: Path) -> None:
    result = invoke(database, "rebuild")
    assert result.exit_code == 0
    assert result.stdout.count("as before") == len(VIEWS)


def test_rebuild_tells_and_mends_what_differs(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE actors SET name = 'Nobody' WHERE key = 'siala'")
    connection.close()
    first = invoke(database, "rebuild", "actors", "articles")
    assert first.exit_code == 1
    assert [line.split()[1:] for line in first.stdout.splitlines()] == [
        ["articles", "at", str(EVENTS), "as", "before"],
        ["actors", "at", str(EVENTS), "the", "live", "rows", "differed"],
    ]
    assert invoke(database, "rebuild", "actors").exit_code == 0


def test_unknown_view_is_told_with_its_nearest(database: Path) -> None:
    result = invoke(database, "rebuild", "relation")
    assert result.exit_code == 2
    assert "did you mean relations" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["log"],
        ["log", "export", "-"],
        ["status"],
        ["rebuild"],
        ["replay", "--until", "1"],
        ["replay", "--until", "2020-12-30T12:00:00Z"],
        ["replay", "--verify"],
    ],
    ids=" ".join,
)
def test_reading_makes_no_database(arguments: list[str], tmp_path: Path) -> None:
    result = invoke(tmp_path / "none.db", *arguments)
    assert result.exit_code == 2
    assert result.stderr == (
        f"communique: there is no database {tmp_path / 'none.db'}; "
        "COMMUNIQUE_DATABASE_URL says where it is\n"
    )
    assert not list(tmp_path.iterdir())
