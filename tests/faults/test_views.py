"""What is left of the views when the processes that fold and rebuild them are killed, or are many?"""

import asyncio
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from events.sqlite_library import sqlite3
from projections.folding import PROJECTIONS
from projections.sqlite_store import beside, drop_table
from projections.storing import tables
from tests.faults.processes import HOUSE, SOAK
from tests.strategies import long_history
from tests.views import digests, folded_store, opened

pytestmark = [pytest.mark.fault, pytest.mark.timeout(3600)]

RECORDS = long_history(random.Random(20201230), 400).records
TOLD, LATER = RECORDS[:-20], RECORDS[-20:]
HEAD = len(TOLD)
ROUNDS = 100 if SOAK else 3


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A log that the views have not followed yet."""
    path = tmp_path / "log.db"
    async with opened(path) as it:
        await it.append(TOLD)
    return path


def folder(path: Path, batch: int, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.folder", str(path), str(batch), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


def killed(process: subprocess.Popen[str], after: float) -> list[int]:
    """Kill a process, if it is not done some seconds after its first batch; give what it reached."""
    assert process.stdout is not None
    said = [process.stdout.readline()]
    time.sleep(after)
    process.kill()
    said += process.stdout.readlines()
    process.stdout.close()
    assert process.wait() in {-9, 0}
    return [int(line) for line in said if line.endswith("\n")]


def forget(connection: sqlite3.Connection) -> None:
    """Let the views begin from nothing."""
    for projection in PROJECTIONS:
        for name in tables(projection):
            drop_table(connection, name)
    connection.execute("DELETE FROM checkpoints")


async def finished(*processes: subprocess.Popen[str]) -> list[list[int]]:
    """The positions that processes reached, each of them content in the end."""
    outputs = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in processes))
    assert [each.returncode for each in processes] == [0] * len(processes)
    return [[int(line) for line in said.splitlines()] for said, _ in outputs]


def abandoned(path: Path) -> list[str]:
    """The tables that a rebuild left beside the live ones."""
    with closing(sqlite3.connect(path)) as connection:
        return beside(connection, PROJECTIONS)


async def test_killed_while_it_folds(path: Path) -> None:
    """Each event counts once, at whatever moment the process died."""
    cut_off = 0
    for _ in range(ROUNDS):
        said = killed(folder(path, 1, "fold"), random.uniform(0, 0.25))
        async with opened(path) as it:
            assert said[-1] <= it.views.position <= said[-1] + 1
            with closing(folded_store(await it.log.read(0, it.views.position))) as anew:
                assert await it.digests() == digests(anew)
            cut_off += it.views.position < HEAD
            if it.views.position == HEAD:
                await it.file.write(forget)
    assert cut_off
    async with opened(path) as it:
        assert await it.views.catch_up() == HEAD
        assert await it.digests() == await it.anew()


async def test_killed_over_and_over_at_the_start(path: Path) -> None:
    for _ in range(ROUNDS):
        process = folder(path, 3, "fold")
        await asyncio.sleep(random.uniform(0.3, 1.5))
        process.kill()
        process.communicate()
    async with opened(path) as it:
        assert await it.views.catch_up() == HEAD
        assert await it.digests() == await it.anew()


async def test_several_processes_fold_one_file(path: Path) -> None:
    batches = (1, 2, 5)
    said = await finished(*(folder(path, batch, "fold") for batch in batches))
    assert {positions[-1] for positions in said if positions} == {HEAD}
    async with opened(path) as it:
        assert it.views.position == HEAD
        assert await it.digests() == await it.anew()


async def test_one_of_several_is_killed_and_the_others_go_on(path: Path) -> None:
    others = [folder(path, batch, "fold") for batch in (2, 3)]
    killed(folder(path, 1, "fold"), random.uniform(0, 0.3))
    await finished(*others)
    async with opened(path) as it:
        assert it.views.position == HEAD
        assert await it.digests() == await it.anew()


async def test_killed_while_it_rebuilds(path: Path) -> None:
    """The live views are as they were, and the next start clears away what was left behind."""
    async with opened(path) as it:
        await it.views.catch_up()
        before = await it.digests()
    left = list[str]()
    for _ in range(ROUNDS):
        killed(folder(path, 1, "rebuild"), random.uniform(0, 0.5))
        left += abandoned(path)
        async with opened(path) as it:  # which clears up
            assert abandoned(path) == []
            assert await it.digests() == before
    assert left
    async with opened(path) as it:
        assert all(each.agrees for each in await it.views.rebuild())
        assert await it.digests() == before


async def test_who_waits_to_rebuild_goes_on_when_the_other_is_killed(path: Path) -> None:
    async with opened(path) as it:
        await it.views.catch_up()
    first = folder(path, 1, "rebuild")
    assert first.stdout is not None
    await asyncio.to_thread(first.stdout.readline)
    second = folder(path, 100, "rebuild")
    await asyncio.sleep(0.3)
    first.kill()
    first.communicate()
    await asyncio.wait_for(finished(second), 60)
    async with opened(path) as it:
        assert abandoned(path) == []
        assert await it.digests() == await it.anew()


async def test_folding_while_others_rebuild_and_append(path: Path) -> None:
    async with opened(path) as it:
        processes = [folder(path, 5, "rebuild"), folder(path, 3, "fold")]
        await asyncio.sleep(1)
        for record in LATER:
            await it.append([record])
            await it.views.catch_up()
        await finished(*processes)
        assert it.views.position == len(RECORDS)
        assert await it.digests() == await it.anew()
