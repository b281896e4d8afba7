"""What happens where nothing may be written?"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events.migrating import migrate
from events.refusals import LogUnavailable
from events.sqlite import SqliteFile
from tests.logs import append, names, sqlite_log

pytestmark = pytest.mark.fault

NOBODY = 65534


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that everybody can get at, as those of pytest are for one user."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def allowed(directory: Path, mode: int, file_mode: int) -> Iterator[None]:
    """Give the directory and its files these modes, and obey them, which root need not."""
    for each in directory.iterdir():
        each.chmod(file_mode)
    directory.chmod(mode)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield
    directory.chmod(0o755)


async def test_a_file_that_may_only_be_read(directory: Path) -> None:
    path = directory / "log.db"
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one")

    with allowed(directory, 0o777, 0o444):
        async with sqlite_log(path) as log:
            assert names(await log.read()) == ["one"]
            for _ in range(2):
                with pytest.raises(LogUnavailable, match="read-only"):
                    await append(log, "actor/a", "two")
            assert names(await log.read()) == ["one"]


async def test_a_directory_that_may_only_be_read(directory: Path) -> None:
    path = directory / "log.db"
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one")

    with allowed(directory, 0o555, 0o666), pytest.raises(LogUnavailable):
        async with sqlite_log(path) as log:
            await append(log, "actor/a", "two")

    async with sqlite_log(path) as log:
        assert names(await log.read()) == ["one"]


def test_no_file_may_be_made(directory: Path) -> None:
    with allowed(directory, 0o555, 0o666), pytest.raises(LogUnavailable, match="cannot be opened"):
        migrate(directory / "log.db")


async def test_a_file_that_may_not_even_be_read(directory: Path) -> None:
    path = directory / "log.db"
    async with sqlite_log(path):
        pass

    with allowed(directory, 0o555, 0o000), pytest.raises(LogUnavailable, match="cannot be opened"):
        SqliteFile(path)
