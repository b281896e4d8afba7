"""What does every log promise to those who follow it?"""

import asyncio
from contextlib import suppress

import pytest

from events.log import EventLog, Write
from events.record import Recorded
from events.refusals import LogUnavailable
from tests.histories import ingested
from tests.logs import PROVENANCE, OpenLog, World, append, name_of, names


async def taken(log: EventLog, count: int, after: int = 0) -> list[Recorded]:
    """The first records that a new follower sees."""
    follower = log.follow(after)
    return [await anext(follower) for _ in range(count)]


async def test_what_there_was_comes_first(log: EventLog) -> None:
    await append(log, "actor/a", "one", "two", "three")

    assert names(await taken(log, 3)) == ["one", "two", "three"]
    assert names(await taken(log, 1, after=2)) == ["three"]


async def test_what_is_new_comes_as_it_is_committed(log: EventLog) -> None:
    follower = asyncio.create_task(taken(log, 3))
    for name in ("one", "two", "three"):
        await asyncio.sleep(0.01)
        await append(log, "actor/a", name)

    async with asyncio.timeout(5):
        assert names(await follower) == ["one", "two", "three"]


async def test_nobody_hears_of_a_refused_append(log: EventLog) -> None:
    follower = asyncio.create_task(taken(log, 2))
    await append(log, "actor/a", "one")
    with suppress(Exception):
        await append(log, "actor/a", "lost", expected=0)
    await append(log, "actor/a", "two")

    assert names(await follower) == ["one", "two"]


async def test_a_follower_beyond_the_end_waits_for_its_turn(log: EventLog) -> None:
    follower = asyncio.create_task(taken(log, 1, after=2))
    await append(log, "actor/a", "one", "two")
    await asyncio.sleep(0.1)
    assert not follower.done()
    await append(log, "actor/a", "three")

    assert names(await follower) == ["three"]


async def test_no_seam_between_what_was_and_what_comes(log: EventLog) -> None:
    """Followers start at any moment while others append: each sees everything, once, in order."""
    total = 300

    async def writer() -> None:
        for number in range(total):
            await append(log, f"actor/{number % 7}", str(number))

    async def follower(delay: float, after: int) -> None:
        await asyncio.sleep(delay)
        seen = await taken(log, total - after, after)
        assert [record.position for record in seen] == list(range(after + 1, total + 1))

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(writer())
        for number in range(12):
            group.create_task(follower(number * 0.01, number * 17))


async def test_a_replay_lets_others_live(log: EventLog) -> None:
    """A follower who never waits still leaves the event loop to others between its batches."""
    for _ in range(20):
        await append(log, "actor/a", *map(str, range(200)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    another = asyncio.create_task(other())
    await taken(log, 4000)
    another.cancel()

    assert turns > 10


async def test_a_cancelled_follower_leaves_nothing_behind(log: EventLog) -> None:
    await append(log, "actor/a", "one")
    before = asyncio.all_tasks()
    waiting = [asyncio.create_task(taken(log, 5)) for _ in range(5)]
    await asyncio.sleep(0.05)
    for task in waiting:
        task.cancel()
    assert all(
        isinstance(outcome, asyncio.CancelledError)
        for outcome in await asyncio.gather(*waiting, return_exceptions=True)
    )

    assert asyncio.all_tasks() == before
    await append(log, "actor/a", "two")
    assert names(await taken(log, 2)) == ["one", "two"]


async def test_closing_sends_followers_home(open_log: OpenLog) -> None:
    async with open_log(World()) as log:
        follower = asyncio.create_task(taken(log, 1))
        await asyncio.sleep(0.05)

    with pytest.raises(LogUnavailable):
        await follower


async def test_slow_consumer_misses_nothing(log: EventLog) -> None:
    follower = log.follow()
    for number in range(50):
        await append(log, "actor/a", str(number))
        if number % 10 == 0:
            assert name_of(await anext(follower)) == str(number // 10)

    assert name_of(await anext(follower)) == "5"


async def test_batches_are_no_longer_than_asked(log: EventLog) -> None:
    await append(log, "actor/a", *map(str, range(10)))
    batches = log.batches(1, 4)
    assert [names(await anext(batches)) for _ in range(3)] == [
        ["1", "2", "3", "4"],
        ["5", "6", "7", "8"],
        ["9"],
    ]
    following = asyncio.ensure_future(anext(batches))
    await asyncio.sleep(0.01)
    await append(log, "actor/b", "ten")
    assert names(await following) == ["ten"]


async def test_batches_of_large_records_are_small(log: EventLog) -> None:
    large = ingested("x" * 200_000)
    await log.append([Write(f"article/{n}", [large]) for n in range(4)], PROVENANCE)
    batches = log.batches()
    assert [len(await anext(batches)) for _ in range(2)] == [2, 2]
