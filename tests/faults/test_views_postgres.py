"""What is left of the views in PostgreSQL when the processes that fold and rebuild them are killed, and who goes on?"""

import asyncio
import random
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from api.reading import Reading
from api.schema import schema
from events.postgres import PostgresDatabase
from events.postgres_migrating import migrate
from tests.faults.pooler import Pooler
from tests.faults.processes import HOUSE, SOAK
from tests.faults.proxy import through
from tests.postgres import database, empty_log
from tests.strategies import long_history
from tests.views import opened_at, opened_database

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3600)]

RECORDS = long_history(random.Random(20201230), 200).records
ROUNDS = 50 if SOAK else 2
TOLD, LATER = RECORDS[:-ROUNDS], RECORDS[-ROUNDS:]
HEAD = len(TOLD)
DECISIONS = HOUSE / "docs" / "decisions"
PAGES = (DECISIONS / "16-postgres-log.md", DECISIONS / "17-postgres-views.md")


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


async def test_a_pooler_in_transaction_mode(url: str, tmp_path: Path) -> None:
    """Locks are held, answers given and tables switched without a session."""
    async with (
        through(Pooler, url, tmp_path) as (pooled_url, _),
        opened_database(pooled_url, pooled=True) as one,
        opened_database(pooled_url, pooled=True) as other,
    ):
        following = [asyncio.create_task(each.views.follow()) for each in (one, other)]
        async with asyncio.timeout(30):
            await asyncio.gather(*(each.views.reached(HEAD) for each in (one, other)))
            assert all(each.agrees for each in await other.views.rebuild())
        reading = Reading(schema()._schema, one.reader())
        query = "{ status { position } actors { totalCount } }"
        assert reading.document(query).errors == []
        answer = await reading.answer(query, None, {})
        assert isinstance(answer, tuple)
        assert answer[0] == HEAD
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        assert await one.digests() == await one.anew()


async def test_the_role_that_serves_needs_little() -> None:
    """What the pages of the decisions grant is enough to follow, to answer and to rebuild."""
    grants = "".join(
        re.findall(r"```sql\n(.*?)```", page.read_text(), re.DOTALL)[0] for page in PAGES
    )
    async with database() as url:
        owner, role = PostgresDatabase(url), f"{urlsplit(url).path[1:]}_server"
        await migrate(owner)
        await owner.write(lambda each: each.execute(grants.replace("communique_server", role)))
        async with opened_database(f"{url}{'&' if '?' in url else '?'}role={role}") as it:
            await it.append(TOLD)
            await it.views.catch_up()
            assert all(each.agrees for each in await it.views.rebuild())
        await owner.write(lambda each: each.execute(f"DROP OWNED BY {role}; DROP ROLE {role}"))
        await owner.close()
