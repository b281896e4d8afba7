"""What happens when the disk is full?"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from events.log import Appended, Write
from events.refusals import LogUnavailable
from events.sqlite_log import SqliteLog
from tests.faults.processes import everything
from tests.logs import PROVENANCE, append, named, names, sqlite_log

pytestmark = pytest.mark.fault

LONG = "long " * 1900


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    async with sqlite_log(tmp_path / "log.db") as log:
        yield log


async def limit(log: SqliteLog, pages: int) -> None:
    """Let the file grow to that many pages and no further, as if the disk were so small."""
    await log._file.write(lambda connection: connection.execute(f"PRAGMA max_page_count={pages}"))


async def fill(log: SqliteLog) -> int:
    """Append until it is refused; give how many were accepted."""
    for number in range(10_000):
        try:
            await append(log, "actor/a", f"{number} {LONG}", key=str(number))
        except LogUnavailable as refusal:
            if "full" in refusal.message:
                return number
            raise
    raise AssertionError("never full")


async def check(log: SqliteLog, accepted: int) -> None:
    """Every accepted append must be there, and nothing else."""
    records = await everything(log)
    assert names(records) == [f"{number} {LONG}" for number in range(accepted)]
    assert await log.find(str(accepted)) is None


async def test_a_file_that_may_not_grow(log: SqliteLog) -> None:
    await limit(log, 60)
    accepted = await fill(log)
    await check(log, accepted)

    await limit(log, 10_000)
    await append(log, "actor/a", f"{accepted} {LONG}", key=str(accepted))
    await check(log, accepted + 1)


async def test_too_much_at_once(log: SqliteLog) -> None:
    await append(log, "actor/a", "one")
    await limit(log, 60)
    with pytest.raises(LogUnavailable, match="full"):
        await log.append([Write("actor/a", [named(LONG)] * 100, 1)], PROVENANCE, "k")

    assert names(await everything(log)) == ["one"]
    assert await log.find("k") is None
    await append(log, "actor/a", "two", expected=1, key="k")
    assert names(await everything(log)) == ["one", "two"]


async def test_many_at_once(log: SqliteLog) -> None:
    await limit(log, 60)
    appends = [append(log, f"actor/{n}", f"{n} {LONG}") for n in range(100)]
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    await limit(log, 10_000)

    kept = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    assert all(isinstance(outcome, Appended | LogUnavailable) for outcome in outcomes)
    assert len(kept) < 100
    records = await everything(log)
    assert {record.position for record in records} == {outcome.first for outcome in kept}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_small_disk(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"." * 300_000)
    async with sqlite_log(small_disk / "log.db") as log:
        accepted = await fill(log)
        assert accepted > 3
        await check(log, accepted)
        with pytest.raises(LogUnavailable):
            await append(log, "actor/a", f"{accepted} {LONG}", key=str(accepted))

        ballast.unlink()
        await append(log, "actor/a", f"{accepted} {LONG}", key=str(accepted))
        await check(log, accepted + 1)

    async with sqlite_log(small_disk / "log.db") as log:
        await check(log, accepted + 1)


async def test_no_room_to_begin_with(small_disk: Path) -> None:
    with suppress(OSError), (small_disk / "ballast").open("wb") as ballast:
        while True:
            ballast.write(b"." * 4096)
            os.fsync(ballast.fileno())
    with pytest.raises(LogUnavailable):
        async with sqlite_log(small_disk / "log.db"):
            pass

    (small_disk / "ballast").unlink()
    async with sqlite_log(small_disk / "log.db") as log:
        assert await log.head() == 0
