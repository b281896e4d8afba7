"""Do many share one SQLite file as they should?"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from events.refusals import LogUnavailable
from events.sqlite import SqliteFile
from events.sqlite_connection import connect
from events.sqlite_library import sqlite3
from tests.logs import append, sqlite_log

Job = Callable[[sqlite3.Connection], int]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a file.db"
    with closing(connect(path, "rwc")) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    return path


@pytest.fixture
async def file(path: Path) -> AsyncIterator[SqliteFile]:
    file = SqliteFile(path)
    yield file
    await file.close()


def insert(number: int) -> Job:
    def job(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO numbers VALUES (?)", (number,))
        return number

    return job


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]


def held_up(file: SqliteFile) -> threading.Event:
    """Keep the writer busy until the event is set, so that a group gathers behind it."""
    release = threading.Event()
    _ = file.submit(lambda _: release.wait(10))
    return release


async def test_a_job_gives_its_result_once_it_is_committed(file: SqliteFile) -> None:
    assert await file.write(insert(1)) == 1

    with closing(file.reader()) as reader:
        assert numbers(reader) == [1]
    assert await file.read(numbers) == [1]
    assert file.peek(numbers) == [1]


async def test_waiting_jobs_share_one_transaction(file: SqliteFile) -> None:
    release = held_up(file)
    before = file.commits
    jobs = [file.submit(insert(number)) for number in range(100)]
    release.set()

    assert await asyncio.gather(*jobs) == list(range(100))
    assert file.commits - before <= 2


async def test_appends_share_transactions(tmp_path: Path) -> None:
    async with sqlite_log(tmp_path / "log.db") as log:
        before = log._file.commits
        await asyncio.gather(*(append(log, "actor/a", str(n)) for n in range(200)))

        assert await log.head() == 200
        assert log._file.commits - before < 20


async def test_each_job_of_a_group_fails_alone(file: SqliteFile) -> None:
    def fails_late(connection: sqlite3.Connection) -> int:
        insert(1000)(connection)
        raise ValueError("a mistake")

    release = held_up(file)
    jobs = [file.submit(job) for job in (insert(1), fails_late, insert(1), insert(2))]
    release.set()
    first, mistake, taken, second = await asyncio.gather(*jobs, return_exceptions=True)

    assert (first, second) == (1, 2)
    assert isinstance(mistake, ValueError)
    assert isinstance(taken, sqlite3.IntegrityError)
    assert await file.read(numbers) == [1, 2]


@pytest.mark.parametrize("company", [0, 3])
async def test_a_job_that_ends_the_transaction_fails_with_its_group(
    file: SqliteFile, company: int
) -> None:
    release = held_up(file)
    jobs: list[asyncio.Future[object]] = [file.submit(lambda c: c.execute("ROLLBACK"))]
    jobs += [file.submit(insert(number)) for number in range(company)]
    release.set()
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)

    assert all(isinstance(outcome, sqlite3.OperationalError) for outcome in outcomes)
    assert await file.read(numbers) == []
    assert await file.write(insert(7)) == 7


async def test_a_cancelled_job_is_done_or_not(file: SqliteFile) -> None:
    release = held_up(file)
    task = asyncio.create_task(file.write(insert(1)))
    await asyncio.sleep(0)
    task.cancel()
    release.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await file.write(insert(2)) == 2
    assert await file.read(numbers) in ([1, 2], [2])


async def test_a_reader_cannot_write(file: SqliteFile) -> None:
    with pytest.raises(LogUnavailable, match="read-only"):
        await file.read(insert(1))
    with pytest.raises(LogUnavailable, match="read-only"):
        file.peek(insert(1))


async def test_a_file_that_somebody_keeps_locked(path: Path) -> None:
    file = SqliteFile(path, patience=0.05)
    with closing(connect(path, "rw")) as another:
        another.execute("BEGIN IMMEDIATE")
        jobs = [file.submit(insert(number)) for number in range(3)]
        for job in jobs:
            with pytest.raises(LogUnavailable, match="locked"):
                await job
        assert await file.read(numbers) == []

    assert await file.write(insert(1)) == 1
    await file.close()


async def test_all_that_a_job_reads_is_of_one_state(file: SqliteFile) -> None:
    loop = asyncio.get_running_loop()

    def job(connection: sqlite3.Connection) -> tuple[list[int], list[int]]:
        before = numbers(connection)
        asyncio.run_coroutine_threadsafe(file.write(insert(1)), loop).result(10)
        return before, numbers(connection)

    assert await file.read(job) == ([], [])
    assert await file.read(numbers) == [1]


async def test_closing_finishes_what_was_accepted(path: Path) -> None:
    file = SqliteFile(path)
    release = held_up(file)
    jobs = [file.submit(insert(number)) for number in range(300)]
    closing_it = asyncio.create_task(file.close())
    await asyncio.sleep(0.01)
    with pytest.raises(LogUnavailable, match="closed"):
        await file.write(insert(1000))
    release.set()
    await closing_it

    assert await asyncio.gather(*jobs) == list(range(300))
    with closing(connect(path, "ro")) as reader:
        assert numbers(reader) == list(range(300))


async def test_closing_tidies_up(path: Path) -> None:
    file = SqliteFile(path)
    await file.write(insert(1))
    await file.read(numbers)
    await file.close()
    await file.close()

    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_loop_that_went_away_does_not_stop_the_writer(path: Path) -> None:
    file = SqliteFile(path)

    async def leave() -> threading.Event:
        release = held_up(file)
        _ = file.submit(insert(1))
        return release

    release = await asyncio.to_thread(asyncio.run, leave())
    release.set()

    assert await file.write(insert(2)) == 2
    await file.close()


class TestHint:
    async def test_comes_at_once_for_this_process(self, file: SqliteFile) -> None:
        seen = file.commits
        waiting = asyncio.create_task(file.changed(since=seen))
        await asyncio.sleep(0)
        await file.write(insert(1))

        async with asyncio.timeout(1):
            await waiting

    async def test_comes_soon_for_another_process(self, file: SqliteFile, path: Path) -> None:
        seen = file.commits
        waiting = asyncio.create_task(file.changed(since=seen))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        with closing(connect(path, "rw")) as another:
            insert(1)(another)

        async with asyncio.timeout(1):
            await waiting

    async def test_tells_what_happened_while_nobody_waited(
        self, file: SqliteFile, path: Path
    ) -> None:
        seen = file.commits
        with closing(connect(path, "rw")) as another:
            insert(1)(another)
        async with asyncio.timeout(1):
            await file.changed(since=seen)

        seen = file.commits
        await file.write(insert(2))
        async with asyncio.timeout(1):
            await file.changed(since=seen)

    async def test_ends_with_the_file(self, path: Path) -> None:
        file = SqliteFile(path)
        waiting = asyncio.create_task(file.changed(since=file.commits))
        await asyncio.sleep(0)
        await file.close()

        with pytest.raises(LogUnavailable, match="closed"):
            await waiting
