"""What happens when several processes append to one log at once?"""

import asyncio

import pytest

from tests.faults.appender import CALLERS, names_of
from tests.faults.processes import (
    SOAK,
    appender,
    at_once,
    check_acknowledged,
    check_whole,
    everything,
    spoken,
)
from tests.logs import log_at
from tests.postgres import empty_log

pytestmark = pytest.mark.fault


@pytest.mark.timeout(600)
async def test_different_streams(place: str) -> None:
    count = 400 if SOAK else 40
    said = await spoken([appender(place, f"p{number}", "many", count) for number in range(3)])

    async with log_at(place) as log:
        records = await everything(log)
    check_whole(records)
    for each in said:
        assert len(each) == 8 * count
        check_acknowledged(records, each)
    assert {record.envelope["key"] for record in records} == set().union(*said)


@pytest.mark.timeout(600)
async def test_one_stream_with_expected_versions(place: str) -> None:
    """Who loses the race learns it, reads again and appends: nothing is lost, nothing doubled."""
    count = 1000 if SOAK else 100
    racers = [appender(place, f"p{number}", "race", count) for number in range(2)]
    await at_once(racers)
    said = await spoken(racers)

    conflicts = sum(each.pop("conflicts")[0] for each in said)
    assert conflicts > 0
    async with log_at(place) as log:
        records = await everything(log)
    check_whole(records)
    for each in said:
        assert len(each) == count
        check_acknowledged(records, each)
    assert {record.envelope["key"] for record in records} == set().union(*said)


@pytest.mark.timeout(600)
async def test_a_follower_hears_of_all_processes(place: str) -> None:
    async with log_at(place) as log:
        processes = [appender(place, f"p{number}", "many", 10) for number in range(2)]
        talk = asyncio.create_task(spoken(processes))
        total = 2 * CALLERS * 10 * len(names_of("p0-0-0"))
        follower = log.follow()
        followed = [await anext(follower) for _ in range(total)]
        await talk

        assert followed == await everything(log)


@pytest.mark.timeout(600)
async def test_eight_processes() -> None:
    """Half of them append to one stream with expected versions, half to streams of all."""
    place, count = await empty_log(), 400 if SOAK else 40
    others = [appender(place, f"p{number}", "many", count) for number in range(4)]
    racers = [appender(place, f"r{number}", "race", count) for number in range(4)]
    await at_once(racers)
    said = await spoken(racers + others)

    for each in said[:4]:
        assert each.pop("conflicts")[0] > 0
    async with log_at(place) as log:
        records = await everything(log)
    check_whole(records)
    for each, expected in zip(said, [count] * 4 + [CALLERS * count] * 4, strict=True):
        assert len(each) == expected
        check_acknowledged(records, each)
    assert {record.envelope["key"] for record in records} == set().union(*said)
