"""Does PostgreSQL find its rows by indexes, too, and walk lists in their order?  By the plans that it keeps for prepared statements.

With sequential scans forbidden, since it rightly prefers them for tables as short as these: what is asked is whether it needs them.
"""

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from api.reading import Reading
from api.schema import schema
from benchmarks.history import Story, grow
from events.postgres_connections import Connection
from projections.folding import MODELS
from projections.postgres_store import _writing
from projections.postgres_views import _BY_INDEX
from projections.reading.plan import Plan
from projections.reading.postgres_reader import PostgresReader
from projections.versioned import OPEN, Versioned, table_of
from tests.operations import OPERATIONS
from tests.views import END, OpenedDatabase, opened, views_in_postgres

EVENTS: Final = 1_500

SEARCHED: Final = {
    "article": 'article(slug: "article-7" THEN) { title reports(first: 5) { nodes { ref } } }',
    "actor": 'actor(slug: "actor-7" THEN) { name aliases { name } relations(first: 5) { nodes { count because { rule entry { position } } } } }',
    "timeline of an actor's page": 'actor(slug: "actor-7" THEN) { timeline(first: 5) { nodes { ref } } }',
    "relations of either": 'relations(filter: {actor: "actor-7"} THEN) { nodes { key } }',
    "statements by speaker": 'statements(filter: {speaker: "actor-7"} THEN) { nodes { ref } }',
    "search": 'search(text: "ceasefire observers" THEN) { nodes { id } }',
    "nodes": 'nodes(ids: ["Actor:actor-7", "Relation:x", "Article:article-7", "LogEntry:5"]) { id }',
}
"""Root fields that look rows up.  THEN stands for the moment."""

IN_ORDER: Final = {
    "articles": "articles(first: 5 THEN) { nodes { slug } }",
    "actors": "actors(first: 5 THEN) { nodes { slug } pageInfo { hasNextPage } }",
    "relations": "relations(first: 5 THEN) { edges { cursor node { key } } }",
    "timeline": "timeline(first: 5 THEN) { nodes { ref } }",
    "timeline of kinds": "timeline(first: 5, filter: {kinds: [MeetingHeld, VoteScheduled]} THEN) { nodes { ref } }",
    "timeline of certainty": "timeline(first: 5, filter: {certainty: CERTAIN, modality: ASSERTED} THEN) { nodes { ref } }",
    "newest timeline": "timeline(orderBy: NEWEST THEN) { nodes { ref } }",
    "log": "log(first: 5) { nodes { position } }",
}
"""Lists that are walked in the order of an index, and no further than the page goes."""

OF_EITHER: Final = {
    "relations of an actor": 'relations(filter: {actor: "actor-7"}, first: 5 THEN) { nodes { key } }',
    "relations of an actor's page": 'actor(slug: "actor-7" THEN) { relations(first: 5) { nodes { key } } }',
}
"""Lists that are merged from two walks, in the order of an index each."""
SIDES: Final = ("subject", "object")

TRIED: Final = 5
"""How often PostgreSQL plans a statement before it may keep a plan for any values."""
RUNS: Final = TRIED + 2

PAST: Final = f", asOf: {{position: {EVENTS // 2}}}"


class Explained(PostgresReader):
    """A reader that tells how PostgreSQL goes about it."""

    async def explained(self, plan: Plan, given: Any) -> list[str]:
        values = plan.values(given)

        async def job(connection: Connection) -> list[str]:
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.execute("SET LOCAL enable_seqscan = off")
            numbered = [values[name] for name in plan.order]
            return [line for (line,) in await connection.fetch(f"EXPLAIN {plan.sql}", *numbered)]

        return await self._database.read(job)

    async def planned(self, plan: Plan, given: Any) -> int:
        """How often a statement is planned for its values, when it is run again and again."""
        values = plan.values(given)

        async def job(connection: Connection) -> int:
            statement = await connection.prepare(plan.sql)
            for _ in range(RUNS):
                await statement.fetch(*(values[name] for name in plan.order))
            counted = "SELECT custom_plans FROM pg_prepared_statements WHERE name = $1"
            return int(await connection.fetchval(counted, statement.get_name()))

        return await self._database.read(job)

    async def run(self, plan: Plan, given: Any) -> tuple[int, str]:
        self.steps = await self.explained(plan, given)
        self.plans = await self.planned(plan, given)
        return await super().run(plan, given)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[OpenedDatabase]:
    await grow(tmp_path / "log.db", Story(), EVENTS)
    async with (
        opened(tmp_path / "log.db") as source,
        views_in_postgres() as open_views,
        open_views() as it,
    ):
        assert isinstance(it, OpenedDatabase)
        await it.log.restore(await source.log.read(limit=END))
        await it.views.catch_up()
        await it.change("ANALYZE")
        yield it


async def steps(reader: Explained, field: str, moment: str) -> list[str]:
    """What PostgreSQL does for a root field."""
    given = field.replace(" THEN", moment) if "(" in field else field
    query = f"{{ {given} }}"
    reading = Reading(schema()._schema, reader)
    assert reading.document(query).errors == [], query
    assert isinstance(await reading.answer(query, None, {}), tuple)
    return reader.steps


async def test_rows_are_found_by_indexes(it: OpenedDatabase) -> None:
    """One test for all: to make the tables takes longer than to look at every plan."""
    reader = Explained(it.database)
    for moment in ("", PAST):
        for name, field in SEARCHED.items():
            plan = await steps(reader, field, moment)
            scanned = [step for step in plan if "Seq Scan" in step and "checkpoints" not in step]
            assert scanned == [], (name, moment)
        for name, field in IN_ORDER.items():
            plan = await steps(reader, field, moment)
            assert not [step for step in plan if re.search(r"\b(Sort|Hash)\b", step)], (name, plan)
        for name, field in OPERATIONS.items():
            plan = await steps(reader, field, moment)
            scanned = [step for step in plan if "Seq Scan" in step and "checkpoints" not in step]
            assert (scanned, reader.plans <= TRIED) == ([], True), (name, moment)
        for field in OF_EITHER.values():
            plan = await steps(reader, field, moment)
            walked = set(re.findall(r"using (relations_\w+)", "\n".join(plan)))
            assert walked >= {f"relations_{side}{'_past' * bool(moment)}" for side in SIDES}, plan
            assert not [step for step in plan if re.search(r"relations_list|\b(Sort|Hash)  ", step)]
    found = await it.database.fetch(
        "SELECT relname FROM pg_class WHERE reltuples > 50 AND relnamespace = current_schema()::regnamespace"
    )
    long = {name for (name,) in found}  # in a short one, any index will do
    models = [model for model in MODELS if table_of(model).name in long]
    assert len(models) > 6
    for model in models:
        for column in ("key", *model.looked_up_by):
            plan = await it.database.write(partial(looked_up, table_of(model).name, column))
            assert any(f"{column} = ANY" in line for line in plan if "Index Cond" in line), plan


async def looked_up(table: str, column: str, connection: Connection) -> list[str]:
    """How folds look rows up by a column."""
    await connection.execute("SET LOCAL enable_seqscan = off")
    select = f"SELECT * FROM {table} WHERE {column} = ANY ('{{x,y}}') AND to_position = {OPEN}"
    return [line for (line,) in await connection.fetch(f"EXPLAIN {select}")]


async def test_anchors_are_found_by_keys_in_tables_without_statistics() -> None:
    """As those of a first fold and of a rebuild are, whose plans are kept while they grow."""
    async with views_in_postgres() as open_views, open_views() as it:
        assert isinstance(it, OpenedDatabase)
        for model in MODELS:
            plan = await it.database.write(partial(anchored, model), _BY_INDEX)
            assert any(f" {table_of(model).name}_key " in line for line in plan), plan


async def anchored(model: type[Versioned], connection: Connection) -> list[str]:
    """How versions find their anchors when they are written."""
    writing = _writing(model, "")
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    lists: list[list[Any]] = [[] for _ in writing.columns]
    return [line for (line,) in await connection.fetch(f"EXPLAIN {writing.insert}", 0, *lists)]
