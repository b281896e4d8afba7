"""What is left of the views in PostgreSQL when the processes that fold and rebuild them are killed, and who goes on?"""

import asyncio
import random
import subprocess
import sys
from time import monotonic

import pytest

from tests.faults.processes import HOUSE, SOAK
from tests.postgres import empty_log
from tests.strategies import long_history
from tests.views import opened_at

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3600)]

RECORDS = long_history(random.Random(20201230), 200).records
ROUNDS = 50 if SOAK else 2
TOLD, LATER = RECORDS[:-ROUNDS], RECORDS[-ROUNDS:]
HEAD = len(TOLD)


@pytest.fixture
async def url() -> str:
    """A log that the views have not followed yet."""
    url = await empty_log()
    async with opened_at(url) as it:
        await it.append(TOLD)
    return url


def folder(url: str, batch: int, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.folder", url, str(batch), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


async def line(process: subprocess.Popen[str]) -> int:
    """The next position that a process says."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return int(await asyncio.to_thread(process.stdout.readline))


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


async def test_another_takes_over_within_seconds(url: str) -> None:
    """Each event counts once, whoever folded it; and nobody folds beside the one who does."""
    leader = folder(url, 3, "follow")
    reached = [await line(leader) for _ in range(3)]
    for record in LATER:
        follower = folder(url, 3, "follow")
        await asyncio.sleep(random.uniform(0, 2))
        kill(leader)
        killed, leader = monotonic(), follower
        async with opened_at(url) as it:
            await it.append([record])
            reached.append(await line(leader))
            assert monotonic() - killed < 10
            assert reached == sorted(set(reached))
            while await it.store.position() < await it.log.head():
                reached.append(await line(leader))
            assert await it.digests() == await it.anew()
    kill(leader)


async def test_killed_while_it_folds(url: str) -> None:
    for _ in range(ROUNDS):
        process = folder(url, 1, "fold")
        said = await line(process)
        await asyncio.sleep(random.uniform(0, 0.3))
        kill(process)
        async with opened_at(url) as it:
            assert said <= it.views.position
    async with opened_at(url) as it:
        assert await it.views.catch_up() == HEAD
        assert await it.digests() == await it.anew()


async def test_killed_while_it_rebuilds(url: str) -> None:
    """The live views are as they were; the next start clears away what was left behind, and who waits goes on."""
    async with opened_at(url) as it:
        await it.views.catch_up()
        before = await it.digests()
        for _ in range(ROUNDS):
            first = folder(url, 1, "rebuild")
            await line(first)
            second = folder(url, 100, "rebuild")
            await asyncio.sleep(random.uniform(0, 0.5))
            kill(first)
            assert await it.store.beside()
            await asyncio.to_thread(second.communicate)
            assert second.returncode == 0
            assert await it.store.beside() == []
            assert await it.digests() == before
        first = folder(url, 1, "rebuild")
        await line(first)
        kill(first)
        assert await it.store.beside()
        async with opened_at(url):
            assert await it.store.beside() == []
        assert await it.digests() == before
