"""What does every log promise about appends that are under way?"""

import asyncio

import pytest

from events.log import Appended, EventLog
from events.refusals import LogUnavailable, VersionConflict
from tests.logs import OpenLog, World, append, names


async def test_many_at_once_each_succeed_or_fail_alone(log: EventLog) -> None:
    await append(log, "actor/taken", "zero")
    appends = [
        append(log, "actor/taken", "lost", expected=0)
        if number % 3 == 0
        else append(log, f"actor/{number % 5}", str(number), key=f"key-{number}")
        for number in range(300)
    ]

    outcomes = await asyncio.gather(*appends, return_exceptions=True)

    kept = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    assert (len(kept), len(refused)) == (200, 100)
    assert sorted(outcome.first for outcome in kept) == list(range(2, 202))
    records = await log.read()
    assert [record.position for record in records] == list(range(1, 202))
    by_position = {record.position: record for record in records}
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Appended):
            assert names([by_position[outcome.first]]) == [str(number)]
            assert by_position[outcome.first].id == outcome.ids[0]


async def test_what_is_acknowledged_can_be_read(log: EventLog) -> None:
    async def caller(number: int) -> None:
        for _ in range(20):
            appended = await append(log, f"actor/{number}", "one")
            assert appended.last <= await log.head()
            (record,) = await log.read(appended.first - 1, 1)
            assert record.id == appended.ids[0]

    await asyncio.gather(*map(caller, range(10)))


async def test_a_cancelled_caller_hangs_nobody(log: EventLog) -> None:
    callers = [asyncio.create_task(append(log, "actor/a", str(n))) for n in range(50)]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)

    assert all(isinstance(outcome, Appended) for outcome in outcomes[1::2])
    said = names(await log.read())
    assert set(said) >= {str(number) for number in range(1, 50, 2)}
    assert len(said) == len(set(said))
    await append(log, "actor/b", "and on")


async def test_closing_finishes_what_was_accepted(open_log: OpenLog) -> None:
    async with open_log(World()) as log:
        callers = [asyncio.create_task(append(log, "actor/a", str(n))) for n in range(100)]
        await asyncio.sleep(0)

    answers = await asyncio.gather(*callers)
    assert sorted(answer.first for answer in answers) == list(range(1, 101))


async def test_closed_is_closed(open_log: OpenLog) -> None:
    async with open_log(World()) as log:
        await append(log, "actor/a", "one")

    await log.close()
    for use in (append(log, "actor/a", "two"), log.read(), log.head(), log.find("k")):
        with pytest.raises(LogUnavailable, match="closed"):
            await use
