"""Is a connection used again, and is the pool still asked where it has to be?"""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.postgres_connections import Connections
from tests.postgres import url_of


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    """Two, at the most."""
    pool = asyncpg.create_pool(url_of("postgres"), min_size=0, max_size=2)
    connections = Connections(pool, patience=10)
    yield connections
    async with asyncio.timeout(10):
        await connections.close()


async def server_process(connections: Connections, *, whole: bool = True) -> int:
    connection = await connections.take()
    process = int(await connection.fetchval("SELECT pg_backend_pid()"))
    await connections.give_back(connection, whole=whole)
    return process


async def test_the_last_one_is_used_again(connections: Connections):
    assert len({await server_process(connections) for _ in range(5)}) == 1


async def test_one_that_was_lost_is_not_used_again(connections: Connections):
    first = await server_process(connections)
    connection = await connections.take()
    connection.terminate()
    await connections.give_back(connection, whole=True)
    assert await server_process(connections) != first


async def test_one_that_is_lost_while_at_hand_is_not_used(connections: Connections):
    first = await server_process(connections)
    other = await asyncpg.connect(url_of("postgres"))
    await other.execute("SELECT pg_terminate_backend($1)", first)
    await other.close()
    await asyncio.sleep(0.1)
    assert await server_process(connections) != first


async def test_who_waits_is_served(connections: Connections):
    """Though others take and give back all the time."""
    both = [await connections.take() for _ in range(2)]
    waiting = [asyncio.create_task(server_process(connections)) for _ in range(20)]
    await asyncio.sleep(0.05)
    for each in both:
        await connections.give_back(each, whole=True)
    async with asyncio.timeout(10):
        assert len(set(await asyncio.gather(*waiting))) <= 2


async def test_close_waits_for_what_is_in_use(connections: Connections):
    await server_process(connections)
    connection = await connections.take()
    closing = asyncio.create_task(connections.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    await connections.give_back(connection, whole=True)
    async with asyncio.timeout(5):
        await closing
