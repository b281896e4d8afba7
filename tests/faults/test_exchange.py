"""What is left when an import is killed or cancelled, or an export finds no room?"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.exchange import header_of, import_lines, lines
from events.log import EventLog
from events.refusals import LogUnavailable
from tests.commands import COMMAND, invoke, surroundings
from tests.faults.processes import HOUSE, SOAK, everything
from tests.logs import append, sqlite_log

pytestmark = pytest.mark.fault

RECORDS = 3000


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of more records than SQLite holds back in memory, as a file, beside its database."""
    path = tmp_path_factory.mktemp("exported") / "log.jsonl"
    asyncio.run(make(path))
    return path


async def make(path: Path) -> None:
    long = "long " * 1500
    async with sqlite_log(path.with_name("log.db")) as log:
        for start in range(0, RECORDS, 100):
            names = [f"{number} {long}" for number in range(start, start + 100)]
            await append(log, f"actor/a{start % 7}", *names, key=f"k{start}")
        await write_lines(log, path)


async def write_lines(log: EventLog, path: Path) -> None:
    with path.open("wb") as file:
        async for some in lines(log, await header_of(log)):
            file.write(some)


async def check_empty_and_usable(path: Path, exported: Path) -> None:
    """Nothing of the file may be there, and the whole of it can come."""
    async with sqlite_log(path) as log:
        assert await everything(log) == []
        assert await log.find("k0") is None
        with exported.open("rb") as file:
            await import_lines(log, file)
        await write_lines(log, path.with_suffix(".again"))
    assert path.with_suffix(".again").read_bytes() == exported.read_bytes()


def importer(path: Path, exported: Path, stop: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.importer", str(path), str(exported), str(stop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


@pytest.mark.timeout(3600)
async def test_killed_in_the_middle(exported: Path, tmp_path: Path) -> None:
    for round_ in range(30 if SOAK else 2):
        path = tmp_path / f"{round_}.db"
        stop = RECORDS if round_ == 0 else random.randint(1, RECORDS + 1)
        process = importer(path, exported, stop)
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        if round_ == 0:  # so much was written that it is in the file, though not committed
            assert path.with_name(f"{path.name}-wal").stat().st_size > 1_000_000
        process.kill()
        process.communicate()
        await check_empty_and_usable(path, exported)


async def test_cancelled_in_the_middle(exported: Path, tmp_path: Path) -> None:
    path, begun = tmp_path / "log.db", asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly() -> Iterator[bytes]:
        with exported.open("rb") as file:
            for number, line in enumerate(file):
                if number == 100:
                    loop.call_soon_threadsafe(begun.set)
                yield line

    async with sqlite_log(path) as log:
        importing = asyncio.create_task(import_lines(log, slowly()))
        await begun.wait()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
    await check_empty_and_usable(path, exported)


async def test_no_room_for_an_import(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with sqlite_log(path) as log:
        await log._file.write(lambda c: c.execute("PRAGMA max_page_count=60"))
        with pytest.raises(LogUnavailable, match="full"), exported.open("rb") as file:
            await import_lines(log, file)
    await check_empty_and_usable(path, exported)


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


def test_no_room_for_an_export(exported: Path, small_disk: Path) -> None:
    database, file = exported.with_name("log.db"), small_disk / "log.jsonl"
    result = invoke(database, "log", "export", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"communique: {file} cannot be written (No space left on device)\n"
    assert list(small_disk.iterdir()) == []

    file.write_bytes(b"what was there before")
    assert invoke(database, "log", "export", file).exit_code == 2
    assert [each.read_bytes() for each in small_disk.iterdir()] == [b"what was there before"]


def test_no_room_on_standard_output(exported: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [COMMAND, "log", "export", "-"],
            env=surroundings(exported.with_name("log.db")),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr == b"communique: - cannot be written (No space left on device)\n"


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_an_export_does_not_take_the_place_of_the_database(
    exported: Path, tmp_path: Path, end: str
) -> None:
    database = tmp_path / "log.db"
    database.write_bytes(exported.with_name("log.db").read_bytes())
    (tmp_path / "link").symlink_to(f"{database}{end}")
    for name in (f"{database}{end}", tmp_path / "link"):
        result = invoke(database, "log", "export", name)
        assert result.exit_code == 2
        assert "is the database itself" in result.stderr
    assert invoke(database, "log", "--limit", 1).exit_code == 0


def test_an_export_does_not_take_the_place_of_a_device(exported: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path, tmp_path / "pipe"):
        result = invoke(exported.with_name("log.db"), "log", "export", special)
        assert result.exit_code == 2
        assert "is no regular file" in result.stderr


def test_what_is_not_there_is_told(exported: Path, tmp_path: Path) -> None:
    result = invoke(exported.with_name("log.db"), "log", "export", tmp_path / "none" / "log.jsonl")
    assert result.exit_code == 2
    assert "cannot be written (No such file or directory)" in result.stderr
    result = invoke(tmp_path / "copy.db", "log", "import", tmp_path)
    assert result.exit_code == 2
    assert "cannot be read (Is a directory)" in result.stderr


def test_interrupted_export_leaves_nothing(exported: Path, tmp_path: Path) -> None:
    """Ctrl-C, at whatever moment."""
    for after in (0.6, 0.7, 0.8, 0.9):
        file = tmp_path / "log.jsonl"
        process = subprocess.Popen(
            [COMMAND, "log", "export", str(file)],
            env=surroundings(exported.with_name("log.db")),
            stdout=subprocess.DEVNULL,
        )
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        if process.returncode == 0:
            assert file.exists()
        if file.exists():
            assert file.read_bytes() == exported.read_bytes()
            file.unlink()
        assert list(tmp_path.iterdir()) == []
