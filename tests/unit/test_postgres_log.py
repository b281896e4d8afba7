"""What does the PostgreSQL engine do beyond the contract of the log?"""

import asyncio
import random
import re
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from events import postgres_statements as statements
from events.log import Appended
from events.postgres_log import PostgresLog
from events.record import Recorded
from events.refusals import Malformed
from tests.logs import append, names, postgres_log
from tests.postgres import connected, empty_log


@pytest.fixture
async def url() -> str:
    return await empty_log()


@pytest.fixture
async def log(url: str) -> AsyncIterator[PostgresLog]:
    async with postgres_log(url) as log:
        yield log


async def test_appends_share_transactions(log: PostgresLog) -> None:
    before = log._database.commits
    await asyncio.gather(*(append(log, "actor/a", str(n)) for n in range(200)))

    assert await log.head() == 200
    assert log._database.commits - before < 10


async def test_what_the_server_does_not_take_fails_alone(log: PostgresLog) -> None:
    """No index takes a name of such a length, however well it is compressed."""
    letters = random.Random(1)
    name = "".join(letters.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(9000))
    outcomes = await asyncio.gather(
        append(log, "actor/a", "one", key="k"),
        append(log, f"actor/{name}", "lost"),
        append(log, "actor/a", "two", expected=1),
        return_exceptions=True,
    )

    assert isinstance(outcomes[0], Appended)
    assert isinstance(outcomes[1], Malformed)
    assert isinstance(outcomes[2], Appended)
    assert names(await log.read()) == ["one", "two"]


async def test_what_fails_while_records_are_drawn_is_told_as_it_is(log: PostgresLog) -> None:
    def draw() -> Iterator[Recorded]:
        yield from map(failing, range(1))

    def failing(_: int) -> Recorded:
        raise OSError("the file was taken away")

    with pytest.raises(OSError, match="taken away"):
        await log.restore(draw())
    assert await log.head() == 0


async def test_nothing_is_kept_of_a_restoration_that_was_cancelled(log: PostgresLog) -> None:
    async with postgres_log(await empty_log()) as source:
        await asyncio.gather(*(append(source, "actor/a", str(n)) for n in range(3)))
        records = await source.read()
    drawn, release = threading.Event(), threading.Event()

    def draw() -> Iterator[Recorded]:
        yield records[0]
        drawn.set()
        release.wait(10)
        yield from records[1:]

    restoring = asyncio.create_task(log.restore(draw()))
    await asyncio.to_thread(drawn.wait)
    restoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restoring
    release.set()

    assert await log.head() == 0
    assert await log.restore(records) == 3


async def test_many_chunks_are_restored(log: PostgresLog) -> None:
    async with postgres_log(await empty_log()) as source:
        for key in ("k1", None, "k2"):
            await append(source, "actor/a", *map(str, range(400)), key=key)
        records = await source.read(limit=2000)
    assert await log.restore(records) == 1200

    assert await log.read(limit=2000) == records
    for key, first, last in (("k1", 1, 400), ("k2", 801, 1200)):
        found = await log.find(key)
        assert found is not None
        assert (found.first, found.last) == (first, last)


MANY = """
    INSERT INTO log SELECT n, 'actor/' || n % 1000, (n - 1) / 1000 + 1, '', '2021', '', ''
    FROM generate_series(1, 10000) AS n;
    INSERT INTO log_keys SELECT ('k' || n)::bytea, n, n, '' FROM generate_series(1, 10000) AS n
"""
QUERIES = {
    "head": (statements.HEAD, ()),
    "read": (statements.READ, (5000, 10)),
    "batch": (statements.READ_BATCH, (5000, 10, 1000)),
    "streams": (statements.READ_STREAMS, (["actor/7", "actor/8"], 0, 10)),
    "versions": (statements.VERSIONS, (["actor/7", "actor/8"],)),
    "find": (statements.FIND, ([b"k7", b"k8"],)),
    "position at": (statements.POSITION_AT, ("2021",)),
    "state": (statements.STATE, (["actor/7", "actor/8"], [b"k7", b"k8"])),
}


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("statistics", ["", "ANALYZE"])
async def test_no_query_walks_the_log(url: str, statistics: str, plans: str) -> None:
    async with connected(url) as stranger:
        await stranger.execute(f"{MANY}; {statistics}; SET plan_cache_mode = {plans}")
        for name, (query, arguments) in QUERIES.items():
            rows = await stranger.fetch(f"EXPLAIN {query}", *arguments)
            plan = "\n".join(line for (line,) in rows)
            assert not re.search(r"Seq Scan on (log|log_keys) ", plan), (name, plan)
