"""Is the log append-only in PostgreSQL itself, whoever writes to it?"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.log import EventLog
from events.refusals import LogDamaged
from tests import postgres
from tests.logs import append, postgres_log

pytestmark = pytest.mark.fault

COLUMNS = "(position, stream, version, kind, recorded_at, leaf, record)"


def row(position: int, version: int, stream: str = "actor/a", recorded_at: str = "2021") -> str:
    values = f"{position}, '{stream}', {version}, 'ActorRegistered', '{recorded_at}', '', ''"
    return f"INTO log {COLUMNS} VALUES ({values})"


KEY = "INTO log_keys (key, first, last, digest) VALUES ('k', 3, 3, '')"

TRICKS = [
    "UPDATE log SET record = '' WHERE position = 2",
    "UPDATE log SET kind = 'x' WHERE false",
    "DELETE FROM log WHERE position = 3",
    "TRUNCATE log",
    "TRUNCATE log, log_head, log_keys",
    "WITH gone AS (DELETE FROM log RETURNING *) SELECT count(*) FROM gone",
    "MERGE INTO log USING log_head ON true WHEN MATCHED THEN DELETE",
    f"INSERT {row(2, 2)}",
    f"INSERT {row(3, 4)}",
    f"INSERT {row(5, 4)}",
    f"INSERT {row(0, 4)}",
    f"INSERT {row(4, 5)}",
    f"INSERT {row(4, 2)}",
    f"INSERT {row(4, 2, 'actor/b')}",
    f"INSERT {row(4, 4, recorded_at='2020-12-30T09:59:59.999999Z')}",
    f"INSERT {row(4, 4)}, (6, 'actor/a', 5, 'x', '2021', '', '')",
    f"INSERT {row(4, 4)}, (5, 'actor/a', 6, 'x', '2021', '', '')",
    f"INSERT {row(4, 4)}, (5, 'actor/b', 2, 'x', '2021', '', '')",
    f"INSERT {row(4, 4)}, (5, 'actor/a', 5, 'x', '2020-12-31', '', '')",
    f"INSERT {row(2, 2)} ON CONFLICT (position) DO UPDATE SET record = ''",
    "UPDATE log_head SET position = 2",
    "UPDATE log_head SET position = 4",
    "DELETE FROM log_head",
    "INSERT INTO log_head VALUES (3, '')",
    "TRUNCATE log_head",
    "UPDATE log_keys SET digest = ''",
    "DELETE FROM log_keys",
    "TRUNCATE log_keys",
    f"INSERT {KEY}",
    f"INSERT {KEY} ON CONFLICT (sha256(key)) DO UPDATE SET digest = ''",
]


@pytest.fixture
async def url() -> str:
    return await postgres.empty_log()


@pytest.fixture
async def log(url: str) -> AsyncIterator[EventLog]:
    async with postgres_log(url) as log:
        await append(log, "actor/a", "one", key="k")
        await append(log, "actor/a", "two", "three")
        yield log


async def test_nothing_is_changed_even_by_the_owner(url: str, log: EventLog) -> None:
    before = await log.read()
    async with postgres.connected(url) as owner:
        for role in ("origin", "replica"):  # the latter switches triggers off, but not these
            await owner.execute(f"SET session_replication_role = {role}")
            for trick in TRICKS:
                with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                    await owner.execute(trick)

    assert await log.read() == before
    assert await log.find("k") is not None
    assert (await append(log, "actor/a", "four")).first == 4


async def test_a_temporary_table_is_not_taken_for_the_head(url: str, log: EventLog) -> None:
    async with postgres.connected(url) as stranger:
        await stranger.execute(
            "CREATE TEMPORARY TABLE log_head AS SELECT 8::bigint AS position, '' AS recorded_at"
        )
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await stranger.execute(f"INSERT {row(9, 4)}")

    assert await log.head() == 3


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE log SET record = replace(record::text, 'a', 'b')::bytea",
        "UPDATE log SET leaf = '' WHERE position = 2",
        "UPDATE log SET kind = 'MeetingHeld' WHERE position = 2",
        "UPDATE log SET stream = 'actor/b', version = 1 WHERE position = 3",
        "UPDATE log SET recorded_at = '2021' WHERE position = 2",
        "DELETE FROM log WHERE position = 2",
        "DELETE FROM log WHERE position = 3",
        "DELETE FROM log",
        "DELETE FROM log_head",
        "UPDATE log_head SET position = 2",
        "UPDATE log_head SET position = 4",
        "DROP TABLE log_head",
        "ALTER TABLE log DROP COLUMN leaf",
    ],
)
async def test_who_removes_the_guard_is_found_out(url: str, log: EventLog, tampering: str) -> None:
    async with postgres.connected(url) as owner:
        for table in ("log", "log_head", "log_keys"):
            await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await owner.execute(tampering)

    with pytest.raises(LogDamaged):
        await log.read()
    with pytest.raises(LogDamaged):
        async for _ in log.follow():
            pass


async def test_a_head_that_was_tampered_with_takes_no_appends(url: str, log: EventLog) -> None:
    async with postgres.connected(url) as owner:
        await owner.execute("ALTER TABLE log_head DISABLE TRIGGER USER")
        await owner.execute("UPDATE log_head SET position = 1")

    with pytest.raises(LogDamaged):
        await append(log, "actor/a", "four")
    with pytest.raises(LogDamaged):
        await log.head()
