"""What is left of a copy that is killed, and does it go on where it stopped?"""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from events.copying import BYTES, RECORDS, compare, fill
from events.log import Provenance
from events.refusals import LogNotEmpty, LogsDiffer
from tests.commands import command
from tests.faults.processes import HOUSE, SOAK, everything
from tests.logs import append, log_at, sqlite_log, write

pytestmark = pytest.mark.fault

APPENDS, EVENTS = 60, 51
LENGTH = APPENDS * EVENTS


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A log of several batches, by their number and by their bytes, none of whose limits is the end of an append."""
    path = tmp_path_factory.mktemp("source") / "log.db"

    async def make() -> None:
        async with sqlite_log(path) as log:
            for number in range(APPENDS):
                recorder = Provenance("recorder " * (1 if number < APPENDS / 2 else 200))
                names = [f"{number} {each}" for each in range(EVENTS)]
                await log.append([write(f"actor/a{number % 7}", *names)], recorder, f"k{number}")

    asyncio.run(make())
    return str(path)


def kill_at(stop: int, source: str, target: str) -> None:
    """Copy until the target has drawn a record, and end that as a power cut would."""
    command = [sys.executable, "-m", "tests.faults.copier", source, target, str(stop)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.communicate()


@pytest.mark.timeout(3600)
async def test_killed_twice_and_resumed(source: str, place: str) -> None:
    random.seed()
    reached = 0
    stops = sorted(random.sample(range(1, LENGTH), 20)) if SOAK else [LENGTH // 2, LENGTH - 1]
    for stop in stops:
        if stop <= reached:
            continue
        await asyncio.to_thread(kill_at, stop, source, place)
        async with log_at(source) as log, log_at(place) as copied:
            kept = await everything(copied)
            assert kept == (await everything(log))[: len(kept)]
            assert reached <= len(kept) < stop
            assert len(kept) % EVENTS == 0
            reached = len(kept)
    assert reached > 0
    urls = [each if "://" in each else f"sqlite:///{each}" for each in (source, place)]
    result = await asyncio.to_thread(command, "", "copy", *urls)
    assert (result.returncode, result.stderr) == (0, "")
    assert f": {LENGTH} records of " in result.stdout
    async with log_at(source) as log, log_at(place) as copied:
        assert await everything(copied) == await everything(log)
        for number in range(APPENDS):
            key = f"k{number}"
            assert await copied.find(key) == await log.find(key)


async def test_batches_are_bounded_and_end_with_an_append(source: str, tmp_path: Path) -> None:
    batches = []
    async with sqlite_log(Path(source)) as log, sqlite_log(tmp_path / "target.db") as copied:
        restore = copied.restore

        async def noting(records, after=0):
            batches.append(list(records))
            return await restore(records, after)

        copied.restore = noting  # type: ignore[method-assign]
        await fill(log, copied, 0, LENGTH)
        assert await compare(log, copied, LENGTH)
    assert len(batches) > 2
    for batch in batches:
        assert len(batch) < RECORDS + EVENTS
        assert sum(len(record.record) for record in batch[:-EVENTS]) < BYTES
        assert len(batch) % EVENTS == 0
    assert len(batches[0]) >= RECORDS > len(batches[-2])


async def test_writers_go_on_at_the_source(tmp_path: Path) -> None:
    """What they append behind where the copy ends comes with the next one; nothing at the target may be of others."""
    async with sqlite_log(tmp_path / "log.db") as log, sqlite_log(tmp_path / "to.db") as copied:
        await append(log, "actor/a", "one", "two")
        until = await log.head()
        await append(log, "actor/a", "three")
        await fill(log, copied, 0, until)
        assert await compare(log, copied, until)
        assert await copied.head() == 2
        await append(copied, "actor/b", "mine")
        with pytest.raises(LogNotEmpty, match="ends at position 3, not at 2"):
            await fill(log, copied, 2, await log.head())
        with pytest.raises(LogsDiffer) as caught:
            await compare(log, copied, await copied.head())
        assert caught.value.position == 3
