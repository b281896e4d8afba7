"""What happens when several processes append to one file at once?"""

import asyncio
import subprocess
from pathlib import Path

import pytest

from tests.faults.appender import CALLERS, names_of
from tests.faults.processes import (
    SOAK,
    Acknowledged,
    acknowledged,
    appender,
    check_acknowledged,
    check_whole,
    everything,
)
from tests.logs import sqlite_log

pytestmark = pytest.mark.fault


async def spoken(processes: list[subprocess.Popen[str]]) -> list[Acknowledged]:
    """What processes said in the end, each of them content."""
    outputs = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in processes))
    assert [each.returncode for each in processes] == [0] * len(processes)
    return [acknowledged(output.splitlines(keepends=True)) for output, _ in outputs]


@pytest.mark.timeout(600)
async def test_different_streams(tmp_path: Path) -> None:
    count = 400 if SOAK else 40
    path = tmp_path / "log.db"
    said = await spoken([appender(path, f"p{number}", "many", count) for number in range(3)])

    async with sqlite_log(path) as log:
        records = await everything(log)
    check_whole(records)
    for each in said:
        assert len(each) == 8 * count
        check_acknowledged(records, each)
    assert {record.envelope["key"] for record in records} == set().union(*said)


@pytest.mark.timeout(600)
async def test_one_stream_with_expected_versions(tmp_path: Path) -> None:
    """Who loses the race learns it, reads again and appends: nothing is lost, nothing doubled."""
    count = 1000 if SOAK else 100
    path = tmp_path / "log.db"
    racers = [appender(path, f"p{number}", "race", count) for number in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert await asyncio.to_thread(racer.stdout.readline) == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = await spoken(racers)

    conflicts = sum(each.pop("conflicts")[0] for each in said)
    assert conflicts > 0
    async with sqlite_log(path) as log:
        records = await everything(log)
    check_whole(records)
    for each in said:
        assert len(each) == count
        check_acknowledged(records, each)
    assert {record.envelope["key"] for record in records} == set().union(*said)


@pytest.mark.timeout(600)
async def test_a_follower_hears_of_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with sqlite_log(path) as log:
        processes = [appender(path, f"p{number}", "many", 10) for number in range(2)]
        talk = asyncio.create_task(spoken(processes))
        total = 2 * CALLERS * 10 * len(names_of("p0-0-0"))
        follower = log.follow()
        followed = [await anext(follower) for _ in range(total)]
        await talk

        assert followed == await everything(log)
