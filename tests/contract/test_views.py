"""What do the views promise to those who follow, rebuild and share them, on every engine?"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from projections.digests import VIEWS
from projections.folding import MODELS, PROJECTIONS
from projections.storing import tables
from tests.told import LATER, TOLD
from tests.views import ENGINES, Opened, OpenViews


@pytest.fixture(params=ENGINES)
async def open_views(request: pytest.FixtureRequest) -> AsyncIterator[OpenViews]:
    """Opens one log and its views."""
    async with ENGINES[request.param]() as open_views:
        yield open_views


@pytest.fixture
async def it(open_views: OpenViews) -> AsyncIterator[Opened]:
    """Views that have folded what was told first."""
    async with open_views(2) as it:
        await it.append(TOLD)
        await it.views.catch_up()
        yield it


# Following


async def test_views_catch_up_with_the_log(it: Opened) -> None:
    assert it.views.position == len(TOLD)
    await it.append(LATER)
    assert await it.views.catch_up() == len(TOLD) + len(LATER)
    assert await it.digests() == await it.anew()


async def test_nothing_to_fold_is_no_work(it: Opened) -> None:
    commits = it.store.commits
    assert await it.views.catch_up() == len(TOLD)
    assert it.store.commits == commits


async def test_progress_is_told_batch_by_batch(it: Opened) -> None:
    told: list[tuple[int, int]] = []
    await it.append(LATER)
    await it.views.catch_up(lambda position, aim: told.append((position, aim)))
    assert told == [(7, 8), (8, 8)]


async def test_views_go_on_where_they_were_when_the_file_was_closed(open_views: OpenViews) -> None:
    async with open_views() as first:
        await first.append(TOLD)
        await first.views.catch_up()
    async with open_views() as second:
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


async def test_several_who_fold_one_file_count_each_event_once(open_views: OpenViews) -> None:
    async with open_views(1) as one, open_views(2) as two, open_views(3) as three:
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
    await it.change("UPDATE relations SET object = 'eve'")
    rebuilt = await it.views.rebuild()
    assert [each.view for each in rebuilt if not each.agrees] == ["relations"]
    assert await it.digests() == await it.anew()


@pytest.mark.parametrize("missing", ["relations", "seats", "documents"])
async def test_rebuild_makes_a_table_that_is_missing(it: Opened, missing: str) -> None:
    await it.change(f"DROP TABLE {missing}")
    rebuilt = await it.views.rebuild()
    assert any(not each.agrees for each in rebuilt)
    assert await it.digests() == await it.anew()


async def test_views_fold_on_after_a_rebuild(it: Opened) -> None:
    for _ in range(2):
        await it.views.rebuild()
    await it.append(LATER)
    await it.views.catch_up()
    assert await it.digests() == await it.anew()


async def test_rebuild_leaves_no_table_behind(it: Opened) -> None:
    before = await it.names()
    for _ in range(3):
        await it.views.rebuild()
        assert await it.store.beside() == []
    assert len(await it.names()) == len(before)


async def test_rebuild_clears_away_what_an_earlier_one_left_behind(it: Opened) -> None:
    await it.store.create_fresh()
    assert await it.store.beside()
    assert all(each.agrees for each in await it.views.rebuild())
    assert await it.store.beside() == []


async def test_start_clears_away_what_a_rebuild_left_behind_unless_it_goes_on(
    open_views: OpenViews, it: Opened
) -> None:
    async with it.store.turn():
        await it.store.create_fresh()
        async with open_views():
            assert await it.store.beside()
    async with open_views():
        assert await it.store.beside() == []
    assert await it.digests() == await it.anew()


async def test_failed_rebuild_leaves_the_live_views_alone(
    it: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await it.digests()
    monkeypatch.setattr(type(it.store), "switch", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        await it.views.rebuild()
    assert await it.digests() == before
    assert await it.store.beside() == []


async def test_two_rebuilds_at_once_take_turns(open_views: OpenViews, it: Opened) -> None:
    async with open_views(1) as other:
        both = await asyncio.gather(it.views.rebuild(), other.views.rebuild())
    assert all(each.agrees for rebuilt in both for each in rebuilt)
    assert await it.digests() == await it.anew()


async def test_readers_see_whole_views_while_they_are_rebuilt(it: Opened) -> None:
    before = await it.digests()
    rebuilding = asyncio.create_task(it.views.rebuild())
    while not rebuilding.done():
        assert await it.digests() == before
    await rebuilding


async def test_views_of_an_older_fold_are_rebuilt_at_the_start(
    open_views: OpenViews, it: Opened
) -> None:
    await it.change("UPDATE relations SET object = 'eve'")
    await it.change("UPDATE checkpoints SET version = 0 WHERE name = 'relations'")
    async with open_views() as later:
        assert await later.digests() == await later.anew()
        known = await later.checkpoints()
    assert known == {p.name: (p.version, len(TOLD)) for p in PROJECTIONS}


async def test_views_that_lacked_a_table_are_rebuilt_at_the_start(
    open_views: OpenViews, it: Opened
) -> None:
    await it.change("DROP TABLE words_past")
    await it.change("UPDATE checkpoints SET version = 0")
    async with open_views() as later:
        await later.append(LATER)
        await later.views.catch_up()
        assert await later.digests() == await later.anew()
        assert await later.store.beside() == []


async def test_view_that_is_new_is_built_at_the_start(open_views: OpenViews, it: Opened) -> None:
    (commissions,) = (p for p in PROJECTIONS if p.name == "commissions")
    await it.store.drop(tables(commissions))
    await it.change("DELETE FROM checkpoints WHERE name = 'commissions'")
    async with open_views() as later:
        assert await later.digests() == await later.anew()


def test_every_table_is_in_a_digest() -> None:
    assert {model for view in VIEWS for model in view.models} == set(MODELS)
