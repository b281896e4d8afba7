"""Is whatever is wrong with a live row seen, and nothing else, while the log goes on?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.record import Recorded
from events.sqlite_library import sqlite3
from events.sqlite_log import SqliteLog
from projections.folding import MODELS
from projections.verifying import Compared, verify
from projections.versioned import table_of
from tests.histories import History
from tests.strategies import histories, long_history
from tests.views import Opened, OpenedFile, opened, views_in_postgres

RECORDS = long_history(Random(20201230), 100).records


@asynccontextmanager
async def followed(records: list[Recorded]) -> AsyncIterator[OpenedFile]:
    """A log with views that have followed it."""
    with TemporaryDirectory() as directory:
        async with opened(Path(directory) / "log.db") as it:
            await it.append(records)
            await it.views.catch_up()
            yield it


async def compared(it: Opened) -> list[Compared]:
    replayed, views = await verify(it.store, it.log)
    with closing(replayed):
        return views


class Busy(SqliteLog):
    """A log to which somebody appends, and the views follow, whenever its end was asked for."""

    def join(self, it: OpenedFile, pieces: list[list[Recorded]]) -> None:
        self.it, self.pieces = it, pieces

    async def head(self) -> int:
        head = await super().head()
        if self.pieces:
            await self.it.append(self.pieces.pop(0))
            await self.it.views.catch_up()
        return head


async def test_views_that_went_on_meanwhile_are_compared_where_they_are() -> None:
    half = len(RECORDS) // 2
    async with followed(RECORDS[:half]) as it:
        log = Busy(it.file, it.log._now, it.log._new_id)
        log.join(it, [RECORDS[half : half + 5], RECORDS[half + 5 : half + 9]])
        replayed, views = await verify(it.store, log)
        with closing(replayed):
            assert all(view.agrees for view in views)
            assert {view.position for view in views} == {half + 9} == {replayed.position}
            assert {view.view: view.live for view in views} == await it.digests()


async def test_views_that_lag_are_compared_where_they_are() -> None:
    async with followed(RECORDS[:-7]) as it:
        await it.append(RECORDS[-7:])
        replayed, views = await verify(it.store, it.log)
        with closing(replayed):
            assert replayed.position == len(RECORDS)
            assert all(view.agrees for view in views)
            assert {view.position for view in views} == {len(RECORDS) - 7}


@pytest.mark.property
@settings(max_examples=max(5, settings().max_examples // 5))
@given(histories(), st.integers(0, 2**32))
async def test_any_column_of_any_row_counts(history: History, seed: int) -> None:
    random = Random(seed)
    async with followed(history.records) as it:
        assert all(view.agrees for view in await compared(it))
        table, key, column = await it.file.write(lambda connection: tamper(connection, random))
        differences = [each for view in await compared(it) for each in view.differences]
        assert {each.table for each in differences} == {table}
        if column in {"key", "from_position"}:
            assert {each.what for each in differences} == {"missing", "surplus"}
        else:
            (difference,) = differences
            assert (difference.what, difference.key) == ("differs", key)
            assert difference.columns.keys() == {column}


async def test_views_in_postgres_are_verified_like_those_of_a_file() -> None:
    async with views_in_postgres() as open_views, open_views() as it:
        await it.log.restore(RECORDS)
        await it.views.catch_up()
        assert all(view.agrees for view in await compared(it))
        await it.change(
            "UPDATE actors SET name = name || 'x' WHERE key = 'ann' AND to_position > 1e15"
        )
        await it.change("DELETE FROM mentions WHERE row_id = 1")
        differences = [each for view in await compared(it) for each in view.differences]
        assert [(each.table, each.what) for each in differences] == [
            ("actors", "differs"),
            ("mentions", "missing"),
        ]
        assert differences[0].columns.keys() == {"name"}


async def test_views_in_postgres_that_have_another_form_are_told() -> None:
    async with views_in_postgres() as open_views, open_views() as it:
        await it.change("ALTER TABLE aliases DROP COLUMN alias")
        problems = {view.view: view.problem for view in await compared(it) if not view.agrees}
        assert problems.keys() == {"actors"}
        assert "alias" in problems["actors"]


UNTOLD = {"row_id", "anchor", "listed_to"}
"""Columns that say how rows are found, and nothing of what they say."""


def tamper(connection: sqlite3.Connection, random: Random) -> tuple[str, str, str]:
    """Change a column of a live row; give its table, its key and the column."""
    rows = [
        (table.name, row_id, key)
        for table in map(table_of, MODELS)
        for row_id, key in connection.execute(f"SELECT row_id, key FROM {table.name}")
    ]
    name, row_id, key = random.choice(rows)
    (table,) = (table for table in map(table_of, MODELS) if table.name == name)
    told = {column.name for column in table.columns} - UNTOLD
    column = random.choice(sorted(told))
    change = f"coalesce({name}.\"{column}\", 0) || 'x'"
    connection.execute(f'UPDATE {name} SET "{column}" = {change} WHERE row_id = ?', (row_id,))
    return name, key, column


def test_a_digest_that_cannot_be_had_does_not_agree() -> None:
    sound = Compared("actors", 7, "00", "00")
    assert sound.agrees
    assert not replace(sound, live=None).agrees
    assert not replace(sound, problem="gone").agrees
