"""How do the views of a PostgreSQL database go about it, beside what they promise?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random
from typing import Any, cast

import asyncpg
import pytest

from api.reading import Reading
from api.schema import schema
from events.actor import AddAliases, CorrectActor
from events.actors import AliasAdded, AliasKind
from events.attestations import RoleAttested
from events.occurrences import MeetingHeld
from events.refusals import LogDamaged, Refusal
from projections.folding import MODELS
from projections.reading.plan import Plan
from projections.reading.reader import TooSlow
from projections.reading.statement import TooComplex
from projections.versioned import table_of
from tests.histories import History, report
from tests.told import LATER, TOLD
from tests.views import OpenedDatabase, OpenViews, views_in_postgres


@pytest.fixture
async def open_views() -> AsyncIterator[OpenViews]:
    async with views_in_postgres() as open_views:
        yield open_views


@pytest.fixture
async def it(open_views: OpenViews) -> AsyncIterator[OpenedDatabase]:
    """A database whose views have folded what was told first."""
    async with open_views() as it:
        await it.append(TOLD)
        await it.views.catch_up()
        yield cast("OpenedDatabase", it)


# Following together


async def test_one_process_folds_for_all(open_views: OpenViews) -> None:
    folded: list[int] = []
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(open_views()) for _ in range(3)]
        for number, each in enumerate(processes):
            note_folding(each, number, folded)
        following = [asyncio.create_task(each.views.follow()) for each in processes]
        for position, record in enumerate([*TOLD, *LATER], 1):
            await processes[position % 3].append([record])
            async with asyncio.timeout(5):
                await asyncio.gather(*(each.views.reached(position) for each in processes))
        assert len(set(folded)) == 1
        assert await processes[0].digests() == await processes[0].anew()
        await stop(*following)


async def test_another_process_takes_over(open_views: OpenViews) -> None:
    folded: list[int] = []
    async with open_views() as one, open_views() as other:
        leading = asyncio.create_task(one.views.follow())
        await one.append(TOLD)
        await one.views.reached(len(TOLD))
        note_folding(other, 2, folded)
        following = asyncio.create_task(other.views.follow())
        await asyncio.sleep(0.2)
        await cut_off(cast("OpenedDatabase", other))  # as the server does when a process dies
        leading.cancel()
        await other.append(LATER)
        async with asyncio.timeout(10):
            await other.views.reached(len(TOLD) + len(LATER))
        assert folded == [2]
        assert await other.digests() == await other.anew()
        await stop(following)


async def test_who_lost_the_connection_leads_again(open_views: OpenViews) -> None:
    async with open_views() as it:
        following = asyncio.create_task(it.views.follow())
        await it.append(TOLD)
        await it.views.reached(len(TOLD))
        await cut_off(cast("OpenedDatabase", it))
        await asyncio.sleep(1.1)
        await it.append(LATER)
        async with asyncio.timeout(10):
            await it.views.reached(len(TOLD) + len(LATER))
        await stop(following)


async def test_rebuild_waits_for_no_reader_that_takes_its_time(it: OpenedDatabase) -> None:
    async def read_slowly(connection: Any) -> None:
        for table in ("relations", "actors"):
            await connection.fetch(f"SELECT count(*) FROM {table}")
            await asyncio.sleep(0.5)

    reading = asyncio.create_task(it.database.read(read_slowly))
    await asyncio.sleep(0.1)
    rebuilding = asyncio.create_task(it.views.rebuild())
    while not rebuilding.done():
        async with asyncio.timeout(0.9):
            assert len(await it.digests()) == 8
    assert all(each.agrees for each in await rebuilding)
    await reading


# Tables


async def test_texts_are_ordered_by_their_bytes(it: OpenedDatabase) -> None:
    columns = await it.database.fetch(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns"
        " WHERE data_type = 'text' AND table_name = ANY ($1) AND table_schema = current_schema()",
        [table_of(model).name for model in MODELS],
    )
    assert len(columns) > 50
    assert {column["collation_name"] for column in columns} == {"C"}


async def test_json_that_an_older_program_kept_as_text_is_parsed_at_the_start(
    open_views: OpenViews, it: OpenedDatabase
) -> None:
    await it.change("ALTER TABLE reports ALTER payload TYPE text")
    await it.change("UPDATE checkpoints SET version = 2 WHERE name = 'timeline'")
    async with open_views() as later:
        assert await later.digests() == await later.anew()
        kinds = await it.database.fetch("SELECT DISTINCT pg_typeof(payload)::text FROM reports")
    assert [kind for (kind,) in kinds] == ["jsonb"]


async def test_long_report_is_kept_so_that_its_members_can_be_read(it: OpenedDatabase) -> None:
    both = [{"actor": "ann"}, {"actor": "bob"}]
    noted = report(MeetingHeld, "noted", participants=both, note="as told " * 900)
    await it.append(History().article().actors("ann", "bob").reports(noted).records[-1:])
    await it.views.catch_up()
    ((size, compression),) = await it.database.fetch(
        "SELECT pg_column_size(payload), pg_column_compression(payload) FROM reports WHERE ref = 'noted'"
    )
    assert size > 7200
    assert compression is None


async def test_longest_names_fit_into_the_indexes(it: OpenedDatabase) -> None:
    random = Random(17)
    longest = "".join(chr(random.randint(0x10000, 0x1FFFF)) for _ in range(300))
    folded = "".join(
        random.choice("ΐΰẖẗẘẙẚῖῗῢΐῤῦῧﬃﬄ") for _ in range(300)
    )  # casefolding makes them longer
    slugs = [letter * 100 for letter in "abc"]
    history = History().article().actors(*slugs)
    history.do(
        CorrectActor(slugs[0], {"name": longest}, "it is long"),
        AddAliases(slugs[1], (AliasAdded(alias=longest, alias_kind=AliasKind.DESCRIPTION),)),
    )
    roles = [
        report(RoleAttested, f"r{n}", holder=slugs[n], role="office", of=slugs[2], title=title)
        for n, title in enumerate((longest, folded))
    ]
    history.reports(*roles)
    before = await it.log.head()
    await it.append(history.records)
    await it.views.catch_up()
    assert it.views.position == before + len(history.records)
    assert await it.digests() == await it.anew()


# Reading


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("SELECT 1, pg_sleep(60)::text", TooSlow),
        (f"SELECT {'+'.join('1' * 50_000)}, ''", TooComplex),
        (f"SELECT {','.join('1' * 5000)}", TooComplex),
        ("SELECT 1, '{'::json ->> 'a'", LogDamaged),
    ],
    ids=["endless", "deep", "wide", "no JSON"],
)
async def test_statement_that_cannot_run(
    sql: str, refusal: type[Refusal], it: OpenedDatabase
) -> None:
    reader = it.reader(patience=0.3)
    with pytest.raises(refusal):
        await reader.run(Plan(sql, (), {}), ())
    assert await reader.run(Plan("SELECT 1, '{}'", (), {}), ()) == (1, "{}")


async def test_mistake_in_a_statement_is_a_bug(it: OpenedDatabase) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await it.reader().run(Plan("SELECT * FROM missing", (), {}), ())


@pytest.mark.parametrize(
    "query",
    [
        '{ actor(slug: "a\\u0000b") { name } }',
        '{ nodes(ids: ["Actor:a\\u0000b", "LogEntry:x", "LogEntry:99999999999999999999"]) { id } }',
        '{ actors(filter: {slugs: ["ann", "a\\u0000b"]}) { nodes { slug } } }',
        '{ search(text: "ann\\u0000bob") { nodes { id } } }',
    ],
)
async def test_what_postgres_cannot_hold_is_found_nowhere(query: str, it: OpenedDatabase) -> None:
    reading = Reading(schema()._schema, it.reader())
    assert reading.document(query).errors == []
    answer = await reading.answer(query, None, {})
    assert isinstance(answer, tuple)
    assert b"a\\u0000b" not in answer[1]


async def stop(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def cut_off(it: OpenedDatabase) -> None:
    """End all other connections to the database."""
    await it.database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def note_folding(it: Any, number: int, folded: list[int]) -> None:
    """Note who folds, whenever somebody does."""
    advance = it.store.advance

    async def noting(records: Any, after: int) -> None:
        folded.append(number)
        await advance(records, after)

    it.store.advance = noting
