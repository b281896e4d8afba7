"""Do the log's tables in PostgreSQL come to their newest form?"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from events.migrating import NEWEST
from events.postgres import PostgresDatabase
from events.postgres_migrating import REVISION, migrate
from events.refusals import LogDamaged, LogUnavailable
from tests.logs import append, postgres_log
from tests.postgres import connected, database, empty_log, url_of

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = ANY(current_schemas(false))"
PROGRAM = """
import asyncio, sys
from events.postgres import PostgresDatabase
from events.postgres_migrating import migrate

async def main():
    database = PostgresDatabase(sys.argv[1])
    await migrate(database)
    await database.close()
"""


@pytest.fixture
async def shared() -> AsyncIterator[PostgresDatabase]:
    async with database() as url:
        shared = PostgresDatabase(url)
        yield shared
        await shared.close()


async def tables(shared: PostgresDatabase) -> set[str]:
    return {name for (name,) in await shared.fetch(TABLES)}


async def test_a_new_database_gets_all_tables(shared: PostgresDatabase) -> None:
    await migrate(shared)

    assert await tables(shared) == {"alembic_version", "log", "log_head", "log_keys"}
    assert [tuple(row) for row in await shared.fetch(REVISION)] == [(NEWEST,)]


async def test_again_changes_nothing_and_loads_no_alembic() -> None:
    url = await empty_log()
    async with postgres_log(url) as log:
        await append(log, "actor/a", "one")
    program = "asyncio.run(main()); assert not {'alembic', 'sqlalchemy'} & sys.modules.keys()"
    assert await asyncio.to_thread(run, program, url, 1) == [0]

    async with postgres_log(url) as log:
        assert await log.head() == 1


async def test_tables_of_somebody_else_stay_as_they_are(shared: PostgresDatabase) -> None:
    await shared.write(lambda each: each.execute("CREATE TABLE log_keys (something INTEGER)"))

    with pytest.raises(LogDamaged, match="log_keys"):
        await migrate(shared)

    assert await tables(shared) == {"log_keys"}


async def test_a_database_of_a_newer_program_is_refused() -> None:
    url = await empty_log()
    async with connected(url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(LogUnavailable, match="newer program"):
        async with postgres_log(url):
            pass


async def test_several_processes_may_start_at_once(shared: PostgresDatabase) -> None:
    (name,) = (await shared.fetch("SELECT current_database()"))[0]
    program = "import events.migrations; input(); asyncio.run(main())"

    assert await asyncio.to_thread(run, program, url_of(name), 4) == [0] * 4
    assert "log" in await tables(shared)


def run(program: str, url: str, count: int) -> list[int]:
    """The exit statuses of a program that several processes run at once."""
    command = [sys.executable, "-c", PROGRAM + program, url]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(count)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    return [process.wait(60) for process in processes]
