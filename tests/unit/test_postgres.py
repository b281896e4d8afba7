"""Do many share one PostgreSQL database as they should?"""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.database_names import name_of
from events.postgres import Job, PostgresDatabase
from events.postgres_connections import Connection
from events.postgres_errors import ServerLost
from events.refusals import LogUnavailable
from tests.postgres import connected, database, url_of

NUMBERS = "SELECT n FROM numbers ORDER BY n"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database() as url:
        async with connected(url) as connection:
            await connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
        yield url


@pytest.fixture(params=["direct", "pooled"])
async def shared(request: pytest.FixtureRequest, url: str) -> AsyncIterator[PostgresDatabase]:
    shared = PostgresDatabase(url, pooled=request.param == "pooled", patience=3)
    yield shared
    await shared.close()


def insert(number: int) -> Job[int]:
    async def job(connection: Connection) -> int:
        await connection.execute("INSERT INTO numbers VALUES ($1)", number)
        return number

    return job


async def numbers(shared: PostgresDatabase) -> list[int]:
    return [n for (n,) in await shared.fetch(NUMBERS)]


async def test_a_job_gives_its_result_once_it_is_committed(shared: PostgresDatabase) -> None:
    assert await shared.write(insert(1)) == 1
    assert await numbers(shared) == [1]


async def test_what_a_job_raises_undoes_what_it_did(shared: PostgresDatabase) -> None:
    async def job(connection: Connection) -> None:
        await insert(1)(connection)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await shared.write(job)
    with pytest.raises(asyncpg.UniqueViolationError):
        await shared.write(insert_twice)
    assert await numbers(shared) == []


async def insert_twice(connection: Connection) -> None:
    await insert(1)(connection)
    await insert(1)(connection)


async def test_a_cancelled_job_is_undone(shared: PostgresDatabase) -> None:
    async def job(connection: Connection) -> None:
        await insert(1)(connection)
        await connection.execute("SELECT pg_sleep(60)")

    writing = asyncio.create_task(shared.write(job))
    await asyncio.sleep(0.2)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await shared.write(insert(2))
    assert await numbers(shared) == [2]


async def test_a_reading_job_sees_one_state_and_writes_nothing(shared: PostgresDatabase) -> None:
    async def twice(connection: Connection) -> list[list[int]]:
        first = [n for (n,) in await connection.fetch(NUMBERS)]
        await shared.write(insert(1))
        return [first, [n for (n,) in await connection.fetch(NUMBERS)]]

    assert await shared.read(twice) == [[], []]
    with pytest.raises(LogUnavailable, match="read-only"):
        await shared.read(insert(2))
    assert await numbers(shared) == [1]


async def test_a_connection_that_was_lost_is_made_again(shared: PostgresDatabase) -> None:
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(ServerLost):
        await shared.write(lambda connection: connection.fetch(kill))
    await shared.write(insert(1))

    ends = [True, False]

    async def once_lost(connection: Connection) -> list[asyncpg.Record]:
        return await connection.fetch(kill if ends.pop(0) else NUMBERS)

    assert [n for (n,) in await shared.read(once_lost)] == [1]


async def test_all_connections_in_use(url: str) -> None:
    shared = PostgresDatabase(url, connections=1, patience=0.3)
    release = asyncio.Event()
    holding = asyncio.create_task(shared.read(lambda _: release.wait()))
    await asyncio.sleep(0.05)
    for use in (numbers(shared), shared.write(insert(1))):
        with pytest.raises(LogUnavailable, match="all connections are in use"):
            await use
    release.set()
    await holding

    assert await shared.write(insert(2)) == 2
    assert await numbers(shared) == [2]
    await shared.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:secret@127.0.0.1:1/news", "127.0.0.1:1/news cannot be reached"),
        ("postgresql://me:secret@127.0.0.1:1/news?sslmode=nonsense", "sslmode"),
    ],
)
async def test_no_server(url: str, words: str) -> None:
    shared = PostgresDatabase(url, patience=0.2)
    with pytest.raises(LogUnavailable, match=words) as refused:
        await numbers(shared)
    assert "secret" not in refused.value.message
    await shared.close()


async def test_no_such_database() -> None:
    shared = PostgresDatabase(url_of("no_such_database"))
    async with asyncio.timeout(5):
        with pytest.raises(LogUnavailable, match="there is no such database"):
            await numbers(shared)
    await shared.close()


async def test_closed(shared: PostgresDatabase) -> None:
    waiting = asyncio.create_task(shared.changed(since=shared.commits))
    await shared.write(insert(1))
    await waiting
    waiting = asyncio.create_task(shared.changed(since=shared.commits))
    await asyncio.sleep(0)
    await shared.close()
    await shared.close()

    for use in (waiting, numbers(shared), shared.write(insert(2))):
        with pytest.raises(LogUnavailable, match="closed"):
            await use


async def test_closing_cuts_off_who_does_not_end(url: str) -> None:
    shared = PostgresDatabase(url, patience=0.3)
    sleeping = asyncio.create_task(shared.fetch("SELECT pg_sleep(60)"))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await shared.close()

    with pytest.raises(LogUnavailable):
        await sleeping


class TestHint:
    async def test_comes_at_once_for_this_process(self, shared: PostgresDatabase) -> None:
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(shared.changed(since=shared.commits))
        await asyncio.sleep(0)
        assert not waiting.done()
        await shared.write(insert(1))

        async with asyncio.timeout(0.1):
            await waiting

    async def test_comes_soon_for_another_process(self, shared: PostgresDatabase, url: str) -> None:
        another = PostgresDatabase(url)
        await asyncio.sleep(0.1)
        seen = shared.commits
        await another.write(insert(1))

        async with asyncio.timeout(2 if shared.pooled else 0.5):
            await shared.changed(since=seen)
        await another.close()

    async def test_comes_though_nobody_can_listen(self, shared: PostgresDatabase, url: str) -> None:
        await asyncio.sleep(0.1)
        async with connected(url) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
            await connection.execute("INSERT INTO numbers VALUES (1)")

        async with asyncio.timeout(2):
            await shared.changed(since=shared.commits)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://me:secret@db:5433/news?sslmode=require", "PostgreSQL at db:5433/news"),
        ("postgresql://me:secret@a:1,b:2/news", "PostgreSQL at a:1,b:2/news"),
        ("postgresql:///news?host=/run/postgresql", "PostgreSQL at /run/postgresql/news"),
        ("postgresql://[::1]/news", "PostgreSQL at [::1]/news"),
        ("postgresql:///news", "PostgreSQL at localhost/news"),
        ("postgresql://me:sec/ret@db/news", "PostgreSQL"),
        ("postgresql://me:12/secret@db/news", "PostgreSQL"),
        ("postgresql://me:secret", "PostgreSQL"),
    ],
)
def test_no_name_tells_a_password(url: str, name: str) -> None:
    assert name_of(url) == name
