"""Do those who share a log in PostgreSQL keep out of each other's way?"""

import asyncio
import re
from operator import methodcaller
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from events import postgres_statements as statements
from events.appending import draft
from events.postgres import PostgresDatabase
from events.postgres_connections import Connection
from events.postgres_migrating import migrate
from events.refusals import LogUnavailable
from tests.faults.pooler import Pooler
from tests.faults.processes import everything
from tests.faults.proxy import through
from tests.logs import PROVENANCE, World, append, names, postgres_log, write
from tests.postgres import connected, database, empty_log

pytestmark = pytest.mark.fault

FORBIDDEN = [
    "DELETE FROM log",
    "UPDATE log SET kind = ''",
    "TRUNCATE log_keys",
    "ALTER TABLE log DISABLE TRIGGER USER",
    "DROP FUNCTION log_refuses CASCADE",
    "CREATE TABLE others (n INTEGER)",
]
PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "16-postgres-log.md"


@pytest.fixture
async def url() -> str:
    return await empty_log()


async def test_a_reader_does_not_pass_an_append_that_is_not_committed(url: str) -> None:
    """Whoever appends later waits, so that there is nothing to be seen behind what is missing."""
    world, written, release = World(), asyncio.Event(), asyncio.Event()
    drafted = draft([write("actor/a", "one")], PROVENANCE, None, world.new_id)

    async def slow(connection: Connection) -> None:
        end = await statements.end_of_log([drafted], world.clock, connection)
        end.accept(drafted)
        await statements.insert(end.rows, end.keys, connection)
        written.set()
        await release.wait()

    another = PostgresDatabase(url)
    async with postgres_log(url) as log:
        writing = asyncio.create_task(another.write(slow, statements.LOCK_HEAD))
        await written.wait()
        following = asyncio.ensure_future(anext(log.batches()))
        waiting = asyncio.create_task(append(log, "actor/a", "two"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        assert not following.done()
        assert (await log.head(), await log.read()) == (0, [])

        release.set()
        await writing
        assert (await waiting).first == 2
        assert names(await following)[0] == "one"
        assert names(await log.read()) == ["one", "two"]
    await another.close()


async def test_a_long_transaction_elsewhere_holds_nothing_back(url: str) -> None:
    async with postgres_log(url) as log, database() as another:
        await append(log, "actor/a", "one")
        following = asyncio.ensure_future(anext(log.batches(1)))
        async with connected(url) as here, connected(another) as there:
            for each in (here, there):
                await each.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
                await each.execute("CREATE TABLE long (n INTEGER); INSERT INTO long VALUES (1)")
            await here.execute("SELECT * FROM log")

            async with asyncio.timeout(1):
                await append(log, "actor/a", "two")
                assert names(await following) == ["two"]
                assert names(await log.read()) == ["one", "two"]


async def test_a_process_that_stands_still_is_cut_off(url: str) -> None:
    """It keeps the head for as long as its patience lasts, and others wait for as long as theirs does."""
    still = PostgresDatabase(url, patience=0.6)
    async with postgres_log(url, patience=0.2) as hasty, postgres_log(url, patience=5) as patient:
        stuck = asyncio.create_task(still.write(lambda _: asyncio.sleep(2), statements.LOCK_HEAD))
        await asyncio.sleep(0.1)
        with pytest.raises(LogUnavailable, match="somebody else keeps it locked"):
            await append(hasty, "actor/a", "one")
        assert (await append(patient, "actor/a", "one")).first == 1
        assert (await append(hasty, "actor/a", "two")).first == 2

        with pytest.raises(LogUnavailable, match="the connection was lost"):
            await stuck
    await still.close()


async def test_a_clock_that_is_behind_does_not_break_the_order(url: str) -> None:
    early, late = World(), World()
    late.wait(3600)
    async with postgres_log(url, early) as here, postgres_log(url, late) as there:
        for _ in range(3):
            await asyncio.gather(append(here, "actor/a", "here"), append(there, "actor/a", "there"))
            early.wait(1)
            late.wait(2)
        times = [record.recorded_at for record in await everything(here)]

    assert times == sorted(times)
    assert len(set(times)) > 1


async def test_all_connections_in_use_means_waiting(url: str) -> None:
    async with postgres_log(url, connections=2) as log:
        uses = [append(log, f"actor/{number % 3}", str(number)) for number in range(100)]
        read = [log.read() for _ in range(100)]
        await asyncio.gather(*uses, *read)

        assert len(await everything(log)) == 100


async def test_a_pooler_in_transaction_mode(url: str, tmp_path: Path) -> None:
    async with (
        through(Pooler, url, tmp_path) as (pooled_url, _),
        postgres_log(pooled_url, pooled=True) as log,
        postgres_log(url) as another,
    ):
        following = asyncio.ensure_future(anext(log.batches(21)))
        await asyncio.gather(
            *(append(log, f"actor/{n % 3}", str(n), key=f"{n}") for n in range(20))
        )
        records = await everything(log)
        assert await everything(another) == records
        assert await log.position_at(records[-1].recorded_at) == 20
        assert (await append(log, "actor/0", "0", key="0")).repeated
        await append(another, "actor/a", "21", "22")
        async with asyncio.timeout(3):
            assert names(await following) == ["22"]


async def test_a_pooler_that_nobody_told_of(url: str, tmp_path: Path) -> None:
    async with through(Pooler, url, tmp_path) as (pooled_url, _):
        shared = PostgresDatabase(pooled_url)
        heads = [await shared.fetch(statements.HEAD)]
        with pytest.raises(LogUnavailable, match="a pooler is in between"):
            heads += [await shared.fetch(statements.HEAD) for _ in range(3)]
        await shared.close()


async def test_the_role_that_serves_needs_little() -> None:
    """What the page of the decision grants is enough to append and to follow, and for nothing else."""
    (grants,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    async with database() as url:
        owner, role = PostgresDatabase(url), f"{urlsplit(url).path[1:]}_server"
        await migrate(owner)
        await owner.write(lambda each: each.execute(grants.replace("communique_server", role)))
        async with postgres_log(as_role(url, role)) as log:
            await append(log, "actor/a", "one", key="k")
            assert names(await anext(log.batches())) == ["one"]
        stranger = PostgresDatabase(as_role(url, role))
        for statement in FORBIDDEN:
            with pytest.raises(LogUnavailable, match="the role lacks a privilege"):
                await stranger.write(methodcaller("execute", statement))
        await stranger.close()
        await owner.write(lambda each: each.execute(f"DROP OWNED BY {role}; DROP ROLE {role}"))
        await owner.close()


def as_role(url: str, role: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}role={role}"
