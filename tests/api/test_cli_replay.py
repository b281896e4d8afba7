"""Does the log alone give what the views said at any position?"""

import json
import shutil
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from events.refusals import Malformed
from projections.digests import VIEWS, digest, view_named
from projections.replay import replay
from tests.commands import DOSSIER, EVENTS, invoke
from tests.logs import sqlite_log


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the article in it."""
    path = tmp_path_factory.mktemp("replay") / "communique.db"
    assert invoke(path, "ingest", DOSSIER).exit_code == 0
    return path


@pytest.mark.parametrize("position", [0, 1, 44, 84, 100, EVENTS])
async def test_digests_are_those_of_the_live_views(database: Path, position: int) -> None:
    async with sqlite_log(database) as log:
        live = {
            view.name: await log._file.read(partial(digest, view=view, position=position))
            for view in VIEWS
        }
        with closing(await replay(log, position)) as then:
            assert {view.name: then.digest(view) for view in VIEWS} == live


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_size_of_the_batches_makes_no_difference(database: Path, batch: int) -> None:
    told: list[tuple[int, int]] = []
    async with sqlite_log(database) as log:
        with (
            closing(await replay(log, 90)) as expected,
            closing(await replay(log, 90, batch, lambda *at: told.append(at))) as then,
        ):
            assert all(then.digest(view) == expected.digest(view) for view in VIEWS)
    assert told[-1] == (90, 90)
    assert len(told) == -(-90 // batch)


async def test_live_tables_are_not_needed(database: Path, tmp_path: Path) -> None:
    copy = shutil.copyfile(database, tmp_path / "copy.db")
    async with sqlite_log(copy) as log:
        await log._file.write(lambda connection: connection.execute("DROP TABLE seats"))
        with closing(await replay(log, EVENTS)) as then:
            tables = {table for table, _ in then.rows(view_named("commissions"))}
    assert tables == {"commissions", "seats", "commission_grounds"}


async def test_position_beyond_the_log_is_refused(database: Path) -> None:
    async with sqlite_log(database) as log:
        with pytest.raises(Malformed, match=f"the log ends at position {EVENTS}, before 120"):
            await replay(log, EVENTS + 1)


def test_rows_are_as_they_were_then(database: Path) -> None:
    def rows(position: int) -> list[dict]:
        lines = invoke(database, "replay", "--until", position, "--view", "relations", "--json")
        return [json.loads(line) for line in lines.stdout.splitlines()]

    assert rows(0)[:-1] == []
    before, after = rows(59), rows(60)
    keys = [line["row"]["key"] for line in after[:-1] if line["table"] == "relations"]
    assert "backs.un.gna" in keys
    assert "backs.un.gna" not in [line["row"]["key"] for line in before[:-1]]
    assert after[-1].keys() == {"view", "position", "digest"}
    assert {line["view"] for line in after} == {"relations"}


def test_without_a_view_there_are_the_digests_of_all(database: Path) -> None:
    lines = invoke(database, "replay", "--until", EVENTS, "--json").stdout.splitlines()
    digests = {line["view"]: line["digest"] for line in map(json.loads, lines)}
    status = invoke(database, "status", "--digests", "--json").stdout
    assert digests == json.loads(status)["digests"]


def test_an_instant_means_the_last_position_up_to_then(database: Path, tmp_path: Path) -> None:
    copy, text = shutil.copyfile(database, tmp_path / "copy.db"), tmp_path / "more.txt"
    text.write_text("More.")
    (first, *_), (*_, last) = recorded(copy), recorded(copy)
    time.sleep(0.01)
    assert invoke(copy, "ingest", text, "--published", "2021-01-01").exit_code == 0
    *_, later = recorded(copy)
    eastern = datetime.fromisoformat(last).astimezone(timezone(timedelta(hours=5))).isoformat()
    for instant, position in (
        ("2020-01-01T00:00:00Z", 0),
        (before(first), 0),
        (last, EVENTS),
        (eastern, EVENTS),
        (before(later), EVENTS),
        (later, EVENTS + 1),
        ("2999-01-01T00:00:00+05:30", EVENTS + 1),
    ):
        told = invoke(copy, "replay", "--until", instant, "--json").stdout
        assert told == invoke(copy, "replay", "--until", position, "--json").stdout
        assert json.loads(told.splitlines()[0])["position"] == position


def recorded(database: Path) -> list[str]:
    lines = invoke(database, "log", "--json").stdout.splitlines()
    return [json.loads(line)["recorded_at"] for line in lines]


def before(instant: str) -> str:
    """A microsecond earlier."""
    return (datetime.fromisoformat(instant) - timedelta(microseconds=1)).isoformat()


@pytest.mark.parametrize("until", ["-1", "soon", "2020-12-30", "2020-12-30T12:00:00", "1e3", ""])
def test_what_is_neither_position_nor_instant_is_refused(database: Path, until: str) -> None:
    result = invoke(database, "replay", f"--until={until}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not an instant with its offset from UTC, as 2020-12-30T12:00:00Z is" in result.stderr
    assert "nor is it a position" in result.stderr


def test_people_see_keys_and_what_is_said(database: Path) -> None:
    told = invoke(database, "replay", "--until", EVENTS, "--view", "relations").stdout
    assert "supports.russia.haftar" in told
    assert "subject russia  predicate supports  object haftar" in told


def test_refusals(database: Path) -> None:
    beyond = invoke(database, "replay", "--until", EVENTS + 1)
    assert (beyond.exit_code, beyond.stderr) == (
        1,
        f"communique: the log ends at position {EVENTS}, before {EVENTS + 1}\n",
    )
    assert invoke(database, "replay").exit_code == 2
    assert invoke(database, "replay", "--until", 1, "--view", "actor").exit_code == 2
