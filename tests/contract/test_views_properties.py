"""Do the views say the same, however they came to be?  For random histories, on a real database."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import literal_column, select
from sqlalchemy.dialects.sqlite import dialect

from events.references import mentions
from events.sqlite_library import sqlite3
from events.vocabulary import AnyReport, report_of
from projections import sqlite_store as store
from projections.folding import MODELS
from projections.mentions import ANY_FIELD, Mention
from projections.reading import moments
from projections.relations.deriving import derive, unit_of
from projections.relations.fold import Relation, RelationGround
from projections.relations.rules import Contribution, contributions
from projections.reports import Report
from projections.rows import Rows
from projections.runner import Views
from projections.search import Document
from projections.sqlite_views import SqliteViews
from projections.versioned import BOOKKEEPING, Row, table_of
from tests.histories import History, current, folded, versions
from tests.strategies import histories
from tests.views import OpenedFile, digests, folded_store, one_by_one, opened

pytestmark = pytest.mark.property

sizes = st.lists(st.integers(1, 9), max_size=40)


def tries(share: float) -> settings:
    """A share of the examples that the profile has, where each one takes long."""
    profile = settings.default or settings()
    return settings(max_examples=round(profile.max_examples * share))


@asynccontextmanager
async def files(batch: int) -> AsyncIterator[OpenedFile]:
    with TemporaryDirectory() as directory:
        async with opened(Path(directory) / "log.db", batch) as it:
            yield it


@given(histories(), sizes)
def test_batches_of_any_size_fold_to_the_same(history: History, sizes: list[int]) -> None:
    with (
        closing(one_by_one(history.records)) as one,
        closing(folded_store(history.records, sizes)) as some,
        closing(folded_store(history.records)) as whole,
    ):
        assert digests(one) == digests(some) == digests(whole)


@given(histories(), st.integers(0, 100))
def test_view_as_of_a_position_is_that_of_the_first_events(history: History, share: int) -> None:
    position = len(history.records) * share // 100
    with (
        closing(folded_store(history.records)) as whole,
        closing(folded_store(history.records[:position])) as part,
    ):
        assert digests(whole, position) == digests(part)


@tries(0.3)
@given(histories(), sizes, st.integers(0, 100))
def test_list_as_of_a_position_holds_each_row_once(
    history: History, sizes: list[int], share: int
) -> None:
    """What is walked to make a list of the past leads to the versions that stood then, and to no others."""
    moment: Any = literal_column(str(len(history.records) * share // 100))
    with closing(folded_store(history.records, sizes)) as store:
        for table in map(table_of, MODELS):
            row = table.alias()
            stood = select(row.c.row_id).where(moments.visible(row, moment))
            walked = select(moments.listed(table, moment, "t").c.row_id)
            assert found(store, walked) == found(store, stood)


@given(histories())
def test_versions_of_a_row_follow_one_another(history: History) -> None:
    rows = folded(history.records)
    for model in MODELS:
        by_key: dict[str, list[Row]] = defaultdict(list)
        for version in versions(rows, model):
            by_key[version["key"]].append(version)
            assert version["from_position"] < version["to_position"]
        for held in by_key.values():
            for one, next_one in pairwise(held):
                assert one["to_position"] <= next_one["from_position"]
                changed = content(one) != content(next_one)
                assert changed or one["to_position"] < next_one["from_position"]


@given(histories())
def test_relation_is_shown_exactly_while_something_speaks_for_it(history: History) -> None:
    rows = folded(history.records)
    grounds = current(rows, RelationGround).values()
    assert current(rows, Relation).keys() == {g["target"] for g in grounds if g["effect"]}


@given(histories())
def test_relations_follow_from_the_reports_that_stand(history: History) -> None:
    rows = folded(history.records)
    units: dict[str, list[tuple[int, Contribution]]] = defaultdict(list)
    for row, report in standing(rows):
        for contribution in contributions(report):
            units[unit_of(contribution)].append((row["position"], contribution))
    derived = [relation for said in units.values() for relation in derive(said)[0]]
    assert current(rows, Relation) == {relation["key"]: relation for relation in derived}


@given(histories())
def test_mentions_and_documents_follow_from_the_reports_that_stand(history: History) -> None:
    rows = folded(history.records)
    named, documented = set(), set()
    for row, report in standing(rows):
        documented.add(f"Report:{row['key']}")
        for mention in mentions(report):
            named |= {(row["key"], field, mention.actor) for field in (mention.field, ANY_FIELD)}
    held = [m for m in current(rows, Mention).values() if not m["retracted"]]
    assert {(m["report"], m["field"], m["actor"]) for m in held} == named
    assert {key for key in current(rows, Document) if key.startswith("Report:")} == documented


@tries(0.3)
@given(histories(), st.integers(1, 9), st.lists(st.integers(1, 4), max_size=5))
async def test_crashes_leave_no_trace(history: History, batch: int, crashes: list[int]) -> None:
    async with files(batch) as it:
        await it.append(history.records)
        for calls in crashes:
            views = Views(SqliteViews(it.file), it.log, batch)
            await views.prepare()
            with crash(calls), suppress(Crash):
                await views.catch_up()
        await it.views.catch_up()
        assert await it.digests() == await it.anew()


@tries(0.1)
@given(histories(), st.integers(1, 9))
async def test_rebuilding_from_nothing_changes_nothing(history: History, batch: int) -> None:
    async with files(batch) as it:
        await it.append(history.records)
        await it.views.catch_up()
        before = await it.digests()
        rebuilt = await it.views.rebuild()
        assert all(each.agrees for each in rebuilt)
        assert {each.view: each.digest for each in rebuilt} == before == await it.digests()


@tries(0.1)
@given(histories(), st.integers(1, 9), st.integers(1, 20))
async def test_rebuilding_while_appends_go_on(history: History, batch: int, piece: int) -> None:
    async with files(batch) as it:
        rebuilding = asyncio.create_task(it.views.rebuild())
        for start in range(0, len(history.records), piece):
            await it.append(history.records[start : start + piece])
            await it.views.catch_up()
        assert all(each.agrees for each in await rebuilding)
        assert await it.digests() == await it.anew()


class Crash(Exception):
    """The process died."""


@contextmanager
def crash(calls: int) -> Iterator[None]:
    """Die in the transaction of a batch, when its rows are written and its checkpoint is not."""
    flush, left = store.flush, iter(range(1, calls))

    def dying(connection: sqlite3.Connection, rows: Rows, prefix: str = "") -> None:
        flush(connection, rows, prefix)
        if next(left, None) is None:
            raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "flush", dying)
        yield


def found(connection: sqlite3.Connection, query: Any) -> list[int]:
    """The row ids that a query finds, in order."""
    compiled = query.compile(dialect=dialect(), compile_kwargs={"literal_binds": True})
    return sorted(row_id for (row_id,) in connection.execute(str(compiled)))


def content(version: Row) -> Row:
    return {name: value for name, value in version.items() if name not in BOOKKEEPING}


def standing(rows: Rows) -> Iterator[tuple[Row, AnyReport]]:
    """The reports that were not retracted, in the order of their recording."""
    for row in sorted(current(rows, Report).values(), key=lambda row: row["position"]):
        if not row["retracted"]:
            yield row, report_of(row["kind"], orjson.loads(row["payload"]))
