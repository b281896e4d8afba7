"""Does a log come from any engine to any other as it was?"""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.sqlite_library import sqlite3
from tests.commands import DOSSIER, EVENTS, invoke
from tests.logs import append, log_at
from tests.postgres import empty_log

ENGINES = ["sqlite", "postgres"]
Place = Path | str


async def place(engine: str, path: Path) -> Place:
    return path if engine == "sqlite" else await empty_log()


@pytest.fixture
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A log that has not been used before, in the engine that the test says."""
    return await place(request.param, tmp_path / "source.db")


@pytest.fixture
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return await place(request.param, tmp_path / "target.db")


def url_of(place: Place) -> str:
    return f"sqlite:///{place}" if isinstance(place, Path) else place


def status(place: Place) -> Any:
    told = json.loads(invoke(place, "status", "--digests", "--json").stdout)
    return {name: told[name] for name in ("head", "projections", "digests")}


def records(place: Place) -> bytes:
    return invoke(place, "log", "--json").stdout_bytes


@pytest.mark.parametrize("target", ENGINES, indirect=True)
@pytest.mark.parametrize("source", ENGINES, indirect=True)
def test_a_copy_says_the_same_and_grows_with_its_source(source: Place, target: Place) -> None:
    assert invoke(source, "ingest", DOSSIER).exit_code == 0

    first = invoke("", "copy", url_of(source), url_of(target))

    assert (first.exit_code, first.stderr) == (0, "")
    told, *digests = first.stdout.splitlines()
    assert f": {EVENTS} records of " in told
    there = status(target)
    assert there == status(source)
    assert {line.split()[1]: line.split()[0] for line in digests} == there["digests"]
    assert all(line.endswith(f" at {EVENTS}") for line in digests)
    assert records(target) == records(source)
    assert "nothing new" in invoke(target, "ingest", DOSSIER).stdout

    again = invoke("", "copy", url_of(source), url_of(target))
    assert (again.exit_code, again.stdout) == (0, first.stdout)


def grow(place: Place, *names: str) -> None:
    async def appended() -> None:
        async with log_at(str(place)) as log:
            for name in names:
                await append(log, "actor/a", name, key=name)

    asyncio.run(appended())


OTHERS: dict[str, tuple[list[str], int]] = {
    "something else": (["other"], 1),
    "something else behind the same": (["one", "other", "three"], 2),
    "more than the source": (["one", "two", "three", "four"], 4),
}
"""What the target has where the source has one, two and three; and the first position that differs."""


@pytest.mark.parametrize(("names", "position"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("target", ENGINES, indirect=True)
@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_a_target_that_holds_something_else_is_left_as_it_is(
    source: Place, target: Place, names: list[str], position: int
) -> None:
    grow(source, "one", "two", "three")
    grow(target, *names)
    before = records(target)

    result = invoke("", "copy", url_of(source), url_of(target))

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"position {position} of the target is not that of the source" in result.stderr
    assert records(target) == before
    assert json.loads(invoke(target, "status", "--json").stdout)["projections"] == []


def test_views_that_differ_are_told(tmp_path: Path) -> None:
    source, target = tmp_path / "source.db", tmp_path / "target.db"
    grow(source, "one", "two")
    assert invoke("", "copy", url_of(source), url_of(target)).exit_code == 0
    right = status(target)["digests"]["actors"]
    with closing(sqlite3.connect(target)) as connection, connection:
        connection.execute("UPDATE actors SET name = 'another'")

    result = invoke("", "copy", url_of(source), url_of(target))

    assert result.exit_code == 1
    differing = [line for line in result.stdout.splitlines() if "the source gives" in line]
    assert differing == [
        f"{status(target)['digests']['actors']}  actors       at 2  the source gives {right}"
    ]


def test_a_log_is_its_own_copy(tmp_path: Path) -> None:
    place = tmp_path / "log.db"
    grow(place, "one", "two")
    result = invoke("", "copy", url_of(place), url_of(place))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"{place}: 2 records of {place}, Merkle root ")


def test_a_source_that_is_not_there_makes_no_target(tmp_path: Path) -> None:
    result = invoke("", "copy", url_of(tmp_path / "none.db"), url_of(tmp_path / "target.db"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"communique: there is no database {tmp_path / 'none.db'}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me:secret@host/db", "Invalid value for 'TARGET_URL': there is no engine"),
        ("postgresql://me:secret@host", "Invalid value for 'TARGET_URL': it names no database"),
        ("postgresql://me:secret@127.0.0.1:1/news?sslmode=none", "127.0.0.1:1/news cannot be"),
    ],
)
def test_no_message_tells_a_password(tmp_path: Path, url: str, told: str) -> None:
    grow(tmp_path / "source.db", "one")
    right = url_of(tmp_path / "source.db")
    for where, urls in (("TARGET_URL", (right, url)), ("SOURCE_URL", (url, right))):
        result = invoke("", "copy", *urls)
        assert (result.exit_code, result.stdout) == (2, "")
        assert told.replace("TARGET_URL", where) in result.stderr
        assert "secret" not in result.stderr
