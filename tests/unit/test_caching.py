"""Is an answer given again exactly as long as it is true?"""

import asyncio
from dataclasses import dataclass, field

import pytest

from api.caching import Results
from api.reading import Found, Outcome
from projections.reading.reader import TooSlow

KEY = ("{ actors { totalCount } }", None, b"{}")


@dataclass
class Views:
    """Views that answer, when they are let, with the position that they are at."""

    position: int = 1
    size: int = 10
    settled: bool = False
    reads: int = 0
    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> Outcome:
        self.reads += 1
        position = self.position
        await self.let.wait()
        return Found(position, b"x" * self.size, self.settled)


def position(answer: Outcome) -> int:
    assert isinstance(answer, Found)
    return answer.position


@pytest.fixture
def views() -> Views:
    views = Views()
    views.let.set()
    return views


async def test_same_answer_until_the_views_move(views: Views):
    results = Results(1_000_000)
    assert await results.answer(KEY, 1, views.read) is await results.answer(KEY, 1, views.read)
    views.position = 2
    assert position(await results.answer(KEY, 2, views.read)) == 2
    assert views.reads == 2
    assert (results.hits, results.misses) == (1, 2)


async def test_answer_of_a_lagging_reader_is_read_again_until_it_has_caught_up(views: Views):
    results = Results(1_000_000)
    assert [position(await results.answer(KEY, 3, views.read)) for _ in range(2)] == [1, 1]
    assert views.reads == 2
    views.position = 3
    assert [position(await results.answer(KEY, 3, views.read)) for _ in range(2)] == [3, 3]
    assert views.reads == 3


async def test_settled_answer_stays_and_reflects_what_came(views: Views):
    results, views.settled = Results(1_000_000), True
    await results.answer(KEY, 1, views.read)
    assert await results.answer(KEY, 9, views.read) == Found(9, b"x" * 10, settled=True)
    assert views.reads == 1


async def test_stampede_is_one_read(views: Views):
    results = Results(1_000_000)
    views.let.clear()
    many = [asyncio.create_task(results.answer(KEY, 1, views.read)) for _ in range(50)]
    await asyncio.sleep(0)
    views.let.set()
    assert len({id(answer) for answer in await asyncio.gather(*many)}) == 1
    assert views.reads == 1


async def test_who_knows_of_more_does_not_share_what_is_being_read(views: Views):
    results = Results(1_000_000)
    views.let.clear()
    before = asyncio.create_task(results.answer(KEY, 1, views.read))
    await asyncio.sleep(0)
    views.position = 2
    after = asyncio.create_task(results.answer(KEY, 2, views.read))
    await asyncio.sleep(0)
    views.let.set()
    assert [position(await each) for each in (before, after)] == [1, 2]


async def test_somebody_else_reads_for_those_whose_reader_has_gone(views: Views):
    results = Results(1_000_000)
    views.let.clear()
    first, *others = [asyncio.create_task(results.answer(KEY, 1, views.read)) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    views.let.set()
    assert {position(await other) for other in others} == {1}
    assert views.reads == 2


async def test_who_goes_while_waiting_leaves_the_others(views: Views):
    results = Results(1_000_000)
    views.let.clear()
    first, second, third = [
        asyncio.create_task(results.answer(KEY, 1, views.read)) for _ in range(3)
    ]
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    views.let.set()
    assert (await first) is (await third)
    assert second.cancelled()
    assert views.reads == 1


async def test_failure_is_told_to_all_who_wait_and_not_kept(views: Views):
    results = Results(1_000_000)

    async def fail() -> Outcome:
        await views.read()
        raise TooSlow("too slow")

    views.let.clear()
    many = [asyncio.create_task(results.answer(KEY, 1, fail)) for _ in range(5)]
    await asyncio.sleep(0)
    views.let.set()
    told = await asyncio.gather(*many, return_exceptions=True)
    assert [type(each) for each in told] == [TooSlow] * 5
    assert views.reads == 1
    assert position(await results.answer(KEY, 1, views.read)) == 1


@pytest.mark.parametrize("size", [100, 10_000, 200_000])
async def test_memory_is_bounded(size: int, views: Views):
    results, views.size = Results(1_000_000), size
    for n in range(2_000):
        await results.answer((f"{n}", None, b"{}"), 1, views.read)
    assert results.weight <= 1_000_000
    views.reads = 0
    await results.answer(("1999", None, b"{}"), 1, views.read)
    kept = size < 125_000  # or many would be forgotten for one
    assert views.reads == (not kept)


@pytest.mark.parametrize("answer", [None, []])
async def test_what_is_no_answer_is_not_kept(answer: Outcome, views: Views):
    results, reads = Results(1_000_000), 0

    async def read() -> Outcome:
        nonlocal reads
        reads += 1
        return answer

    for _ in range(2):
        assert await results.answer(KEY, 1, read) == answer
    assert reads == 2
