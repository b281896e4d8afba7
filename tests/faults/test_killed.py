"""What is left when a process is killed in the middle of its appends?"""

import asyncio
import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.appender import names_of, stream_of
from tests.faults.processes import (
    SOAK,
    Acknowledged,
    acknowledged,
    appender,
    check_acknowledged,
    check_whole,
    everything,
)
from tests.logs import append, log_at, sqlite_log

pytestmark = pytest.mark.fault


def killed(process: subprocess.Popen[str], after: float) -> Acknowledged:
    """Kill a process, some seconds after it first said something; give all that it said."""
    assert process.stdout is not None
    said = [process.stdout.readline()]
    time.sleep(after)
    process.kill()
    said += process.stdout.readlines()
    process.stdout.close()
    assert process.wait() == -9
    return acknowledged(said)


@pytest.mark.timeout(3600)
async def test_everything_acknowledged_is_there(place: str) -> None:
    said: Acknowledged = {}
    for round_ in range(200 if SOAK else 4):
        said |= killed(appender(place, f"r{round_}", "many", 10**9), random.uniform(0, 0.4))

        async with log_at(place) as log:
            records = await everything(log)
            check_acknowledged(records, said)
            check_whole(records)
            for key in random.sample(sorted(said), 5):
                again = await append(log, stream_of(key), *names_of(key), key=key)
                assert again.repeated
                assert (again.first, again.last) == said[key]
            assert await log.head() == len(records)
    assert len(said) > 100


@pytest.mark.timeout(3600)
async def test_killed_while_it_starts(tmp_path: Path) -> None:
    """At whatever moment a first start is cut off, the next one makes up for it."""
    for round_ in range(100 if SOAK else 4):
        path = tmp_path / f"{round_}.db"
        process = appender(str(path), "r0", "many", 10**9)
        await asyncio.sleep(random.uniform(0.1, 1.2))
        process.kill()
        lines = process.communicate()[0].splitlines(keepends=True)

        async with sqlite_log(path) as log:
            records = await everything(log)
            check_acknowledged(records, acknowledged(lines))
            assert (await append(log, "actor/a", "on")).first == len(records) + 1
