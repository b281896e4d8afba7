"""What do the views of a file promise to those who follow, rebuild and share them?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from events.actor import CorrectActor
from events.article_commands import CorrectReport, RetractReport
from events.attestations import RelationAttested
from events.occurrences import MeetingHeld
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections import sqlite_views
from projections.digests import VIEWS
from projections.folding import MODELS, PROJECTIONS
from projections.relations.fold import Relation
from projections.runner import Views
from projections.sqlite_turn import turn
from projections.sqlite_views import SqliteViews
from projections.storing import tables
from projections.versioned import BOOKKEEPING, Versioned
from tests.histories import SLUG, History, report
from tests.views import Opened, digests, opened

MET = report(MeetingHeld, "met", participants=[{"actor": "ann"}, {"actor": "bob"}], place="Oslo")
BACKS = report(RelationAttested, "backs", subject="ann", predicate="backs", object="bob")
TOLD = History().article().actors("ann", "bob").reports(MET, BACKS).records
LATER = (
    History()
    .article()
    .actors("ann", "bob")
    .reports(MET, BACKS)
    .do(
        CorrectReport(SLUG, "met", {"place": "Bergen"}, "misread"),
        CorrectActor("ann", {"name": "Ann Ek"}, "misspelt"),
        RetractReport(SLUG, "backs", "misread"),
    )
    .records[len(TOLD) :]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def it(path: Path) -> AsyncIterator[Opened]:
    """A file whose views have folded what was told first."""
    async with opened(path, batch=2) as it:
        await it.append(TOLD)
        await it.views.catch_up()
        yield it


def names(connection: sqlite3.Connection) -> set[str]:
    """The tables, indexes and triggers that there are."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def prefixed(connection: sqlite3.Connection) -> set[str]:
    """The tables that stand beside the live ones."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in tables if name.startswith(("r1_", "r2_"))}


async def tamper(it: Opened, statement: str) -> None:
    await it.file.write(lambda connection: connection.execute(statement).rowcount)


# Following


async def test_views_catch_up_with_the_log(it: Opened) -> None:
    assert it.views.position == len(TOLD)
    await it.append(LATER)
    assert await it.views.catch_up() == len(TOLD) + len(LATER)
    assert await it.digests() == await it.anew()


async def test_nothing_to_fold_is_no_work(it: Opened) -> None:
    commits = it.file.commits
    assert await it.views.catch_up() == len(TOLD)
    assert it.file.commits == commits


async def test_progress_is_told_batch_by_batch(it: Opened) -> None:
    told: list[tuple[int, int]] = []
    await it.append(LATER)
    await it.views.catch_up(lambda position, aim: told.append((position, aim)))
    assert told == [(7, 8), (8, 8)]


async def test_views_go_on_where_they_were_when_the_file_was_closed(path: Path) -> None:
    async with opened(path) as first:
        await first.append(TOLD)
        await first.views.catch_up()
    async with opened(path) as second:
        assert second.views.position == len(TOLD)
        await second.append(LATER)
        await second.views.catch_up()
        assert await second.digests() == await second.anew()


async def test_who_waits_for_a_position_is_told_when_it_is_reached(it: Opened) -> None:
    waiting = asyncio.create_task(it.views.reached(len(TOLD) + 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    await it.append(LATER)
    await it.views.catch_up()
    await asyncio.wait_for(waiting, 5)
    await asyncio.wait_for(it.views.reached(1), 5)


async def test_follower_keeps_the_views_up_with_the_log(it: Opened) -> None:
    following = asyncio.create_task(it.views.follow())
    for position, record in enumerate(LATER, len(TOLD) + 1):
        await it.append([record])
        await asyncio.wait_for(it.views.reached(position), 5)
    following.cancel()
    assert await it.digests() == await it.anew()


async def test_several_who_fold_one_file_count_each_event_once(path: Path) -> None:
    async with opened(path, 1) as one, opened(path, 2) as two, opened(path, 3) as three:
        await one.append(TOLD)
        await two.append(LATER)
        reached = await asyncio.gather(*(each.views.catch_up() for each in (one, two, three)))
        assert reached == [len(TOLD) + len(LATER)] * 3
        assert await one.digests() == await one.anew()


async def test_one_who_catches_up_twice_at_once_counts_each_event_once(it: Opened) -> None:
    await it.append(LATER)
    await asyncio.gather(*(it.views.catch_up() for _ in range(5)))
    assert await it.digests() == await it.anew()


# Rebuilding


async def test_every_view_is_rebuilt_and_agrees(it: Opened) -> None:
    before = await it.digests()
    rebuilt = await it.views.rebuild()
    assert {each.view: each.digest for each in rebuilt} == before
    assert {(each.position, each.agrees) for each in rebuilt} == {(len(TOLD), True)}


async def test_only_the_named_view_is_rebuilt(it: Opened) -> None:
    (rebuilt,) = await it.views.rebuild(["relations"])
    assert (rebuilt.view, rebuilt.agrees) == ("relations", True)
    assert await it.views.rebuild(["nonsense"]) == []


async def test_rebuild_finds_and_mends_what_does_not_follow_from_the_log(it: Opened) -> None:
    await tamper(it, "UPDATE relations SET object = 'eve'")
    rebuilt = await it.views.rebuild()
    assert [each.view for each in rebuilt if not each.agrees] == ["relations"]
    assert await it.digests() == await it.anew()


async def test_views_fold_on_after_a_rebuild(it: Opened) -> None:
    for _ in range(2):
        await it.views.rebuild()
    await it.append(LATER)
    await it.views.catch_up()
    assert await it.digests() == await it.anew()


async def test_rebuild_leaves_no_table_behind(it: Opened) -> None:
    before = await it.file.read(names)
    for _ in range(3):
        await it.views.rebuild()
        assert await it.file.read(prefixed) == set()
    assert len(await it.file.read(names)) == len(before)


async def test_rebuild_clears_away_what_an_earlier_one_left_behind(it: Opened) -> None:
    await it.store.create_fresh()
    assert await it.file.read(prefixed)
    assert all(each.agrees for each in await it.views.rebuild())
    assert await it.file.read(prefixed) == set()


async def test_start_clears_away_what_a_rebuild_left_behind_unless_it_goes_on(
    path: Path, it: Opened
) -> None:
    async with turn(path):
        await it.store.create_fresh()
        async with opened(path):
            assert await it.file.read(prefixed)
    async with opened(path):
        assert await it.file.read(prefixed) == set()
    assert await it.digests() == await it.anew()


async def test_failed_rebuild_leaves_the_live_views_alone(
    it: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await it.digests()
    monkeypatch.setattr(sqlite_views, "_switch", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        await it.views.rebuild()
    assert await it.digests() == before
    assert await it.file.read(prefixed) == set()


async def test_two_rebuilds_at_once_take_turns(path: Path, it: Opened) -> None:
    async with opened(path, 1) as other:
        both = await asyncio.gather(it.views.rebuild(), other.views.rebuild())
    assert all(each.agrees for rebuilt in both for each in rebuilt)
    assert await it.digests() == await it.anew()


async def test_readers_see_whole_views_while_they_are_rebuilt(it: Opened) -> None:
    before = await it.digests()
    rebuilding = asyncio.create_task(it.views.rebuild())
    while not rebuilding.done():
        assert await it.digests() == before
    await rebuilding


async def test_views_of_an_older_fold_are_rebuilt_at_the_start(path: Path, it: Opened) -> None:
    await tamper(it, "UPDATE relations SET object = 'eve'")
    await tamper(it, "UPDATE checkpoints SET version = 0 WHERE name = 'relations'")
    async with opened(path) as later:
        assert await later.digests() == await later.anew()
        known = await later.file.read(store.checkpoints)
    assert known == {p.name: (p.version, len(TOLD)) for p in PROJECTIONS}


async def test_views_that_lacked_a_table_are_rebuilt_at_the_start(path: Path, it: Opened) -> None:
    await tamper(it, "DROP TABLE words_past")
    await tamper(it, "UPDATE checkpoints SET version = 0")
    async with opened(path) as later:
        await later.append(LATER)
        await later.views.catch_up()
        assert await later.digests() == await later.anew()
        assert await later.file.read(prefixed) == set()


async def test_view_that_is_new_is_built_at_the_start(path: Path, it: Opened) -> None:
    def forget(connection: sqlite3.Connection) -> None:
        (commissions,) = (p for p in PROJECTIONS if p.name == "commissions")
        for name in tables(commissions):
            store.drop_table(connection, name)
        connection.execute("DELETE FROM checkpoints WHERE name = 'commissions'")

    await it.file.write(forget)
    async with opened(path) as later:
        assert await later.digests() == await later.anew()


class Interrupted:
    """A file of which others rebuild the views just after a batch was folded, once."""

    def __init__(self, file: SqliteFile, other: Views) -> None:
        self._file, self._other = file, other
        self.write = file.write

    async def read(self, job: Any) -> Any:
        result = await self._file.read(job)
        if isinstance(result, tuple) and self._other is not None:
            other, self._other = self._other, cast("Views", None)
            await other.rebuild()
        return result


async def test_batch_that_was_folded_from_tables_now_replaced_is_folded_anew(it: Opened) -> None:
    for model in MODELS:
        if model.__tablename__ != "documents":  # its row ids are also those of the full-text index
            await tamper(it, f"UPDATE {model.__tablename__} SET row_id = row_id + 100")
    await it.append(LATER)
    file = cast("SqliteFile", Interrupted(it.file, it.views))
    views = Views(SqliteViews(file), it.log)
    views.position = len(TOLD)
    await views.catch_up()
    assert await it.digests() == await it.anew()


# Tables


async def test_full_text_indexes_have_every_version(it: Opened) -> None:
    def found(connection: sqlite3.Connection, word: str) -> list[tuple[str, bool]]:
        rows = connection.execute(
            "SELECT key, 1 FROM documents WHERE to_position > 1e15"
            " AND row_id IN (SELECT rowid FROM words WHERE words MATCH :word)"
            " UNION SELECT key, 0 FROM documents WHERE to_position < 1e15"
            " AND row_id IN (SELECT rowid FROM words_past WHERE words_past MATCH :word) ORDER BY key",
            {"word": word},
        )
        return [(key, bool(current)) for key, current in rows]

    await it.append(LATER)
    await it.views.catch_up()
    for _ in range(2):
        with closing(it.file.reader()) as reader:
            assert ("Report:oslo/met", False) in found(reader, "oslo AND ann AND bob")
            assert found(reader, "bergen") == [("Report:oslo/met", True)]
            assert found(reader, "ek") == [("Actor:ann", True)]
        await it.views.rebuild()


@pytest.mark.parametrize(
    ("model", "column"),
    [(model, column) for model in MODELS for column in ("key", *model.looked_up_by)],
    ids=lambda value: getattr(value, "__tablename__", value),
)
async def test_rows_are_looked_up_by_an_index(
    it: Opened, model: type[Versioned], column: str
) -> None:
    select, _ = store._select(model, column, "")
    with closing(it.file.reader()) as reader:
        plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {select}", ("[]",))]
    assert f"SEARCH {model.__tablename__} USING INDEX" in plan[0]
    assert not [step for step in plan if step == f"SCAN {model.__tablename__}"]


def test_every_table_is_in_a_digest() -> None:
    assert {model for view in VIEWS for model in view.models} == set(MODELS)


async def test_every_column_is_in_a_digest(it: Opened) -> None:
    before = await it.digests()
    with closing(it.file.reader()) as reader, closing(sqlite3.connect(":memory:")) as copy:
        reader.backup(copy)
        for column in Relation.model_fields.keys() - BOOKKEEPING | {"from_position", "to_position"}:
            copy.execute("BEGIN")
            first = "SELECT min(row_id) FROM relations"
            copy.execute(f"UPDATE relations SET {column} = 1 WHERE row_id = ({first})")
            assert digests(copy)["relations"] != before["relations"], column
            copy.execute("ROLLBACK")
