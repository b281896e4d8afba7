"""Does every question find its rows by indexes, now and in the past, so that it stays as quick as it is while the log grows?

The log is long enough, and corrected often enough, that SQLite chooses as it will in reality: with and without the statistics of ANALYZE.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from api.reading import Reading
from api.schema import schema
from benchmarks.harness import at_once
from benchmarks.history import grow
from benchmarks.revisions import TOLD, Revisions
from events import sqlite_statements as statements
from events.sqlite_connection import connect
from projections.folding import MODELS
from projections.reading.plan import Plan
from projections.reading.sqlite_reader import SqliteReader
from projections.versioned import table_of
from tests.operations import OPERATIONS
from tests.views import opened

EVENTS: Final = TOLD + 500
GROWING: Final = {table_of(model).name for model in MODELS} | {"log", "log_keys"}
WHY = "because { effect rule event { ref } entry { position } evidence { exact article { slug } } }"

SEARCHED: Final = {
    "article": 'article(slug: "article-7" THEN) { title version reports(first: 5) { totalCount nodes { ref } } }',
    "actor": f'actor(slug: "actor-7" THEN) {{ name aliases {{ name }} {WHY} relations(first: 5) {{ totalCount nodes {{ count {WHY} }} }} }}',
    "timeline of an actor's page": 'actor(slug: "actor-7" THEN) { timeline(first: 5) { nodes { ref } } }',
    "statements of an actor's page": 'actor(slug: "actor-7" THEN) { statements(last: 5) { totalCount nodes { ref } } }',
    "actors by slug": 'actors(filter: {slugs: ["actor-7", "actor-8"]} THEN) { nodes { name } }',
    "actors by kind": "actors(filter: {kind: STATE} THEN) { nodes { name } }",
    "relations by subject": 'relations(filter: {subject: "actor-7"} THEN) { nodes { key } }',
    "relations by object": 'relations(filter: {object: "actor-7"} THEN) { nodes { key } }',
    "relations of either": f'relations(filter: {{actor: "actor-7"}} THEN) {{ totalCount nodes {{ key {WHY} }} }}',
    "relations by predicate": "relations(filter: {predicate: BACKS} THEN) { nodes { key } }",
    "relations by claimant": 'relations(filter: {claimedBy: "actor-7"} THEN) { nodes { key } }',
    "statements": "statements(first: 5 THEN) { nodes { ref } }",
    "meetings": "meetings(first: 5 THEN) { nodes { ref } }",
    "timeline of an article": 'timeline(filter: {article: "article-7"} THEN) { nodes { ref } }',
    "commission by body": 'commissions(filter: {body: "actor-7"} THEN) { nodes { size seats { number } sessions { ref } } }',
    "search": 'search(text: "ceasefire observers" THEN) { nodes { id } }',
}
"""Root fields that look rows up, or walk those that belong to something.  THEN stands for the moment."""

IN_ORDER: Final = {
    "articles": "articles(first: 5 THEN) { edges { cursor node { slug } } }",
    "actors": "actors(first: 50 THEN) { edges { cursor node { slug } } pageInfo { hasNextPage } }",
    "newest actors": "actors(orderBy: NEWEST THEN) { nodes { slug } }",
    "relations": "relations(first: 50 THEN) { nodes { key } }",
    "newest relations": "relations(orderBy: NEWEST THEN) { nodes { key } }",
    "timeline": "timeline(first: 50 THEN) { edges { cursor node { ref article { slug } } } pageInfo { endCursor } }",
    "newest timeline": "timeline(orderBy: NEWEST THEN) { nodes { ref } }",
    "end of the timeline": "timeline(last: 50 THEN) { nodes { ref } pageInfo { hasPreviousPage } }",
    "commissions": "commissions(first: 5 THEN) { nodes { slug } }",
}
"""Lists that are walked from one end, in the order of an index, and no further than the page goes."""

LED: Final = {
    "timeline of an actor": 'timeline(filter: {actor: "actor-7"}, orderBy: NEWEST THEN) { nodes { ref } }',
    "what an actor is said of": 'timeline(filter: {actor: "actor-7", modality: ASSERTED} THEN) { nodes { ref } }',
    "statements by speaker": 'statements(filter: {speaker: "actor-7"} THEN) { nodes { ref } }',
    "statements about somebody": 'statements(filter: {about: "actor-7", speaker: "actor-8"} THEN) { nodes { ref } }',
    "meetings of somebody": 'meetings(filter: {participant: "actor-7"}, last: 5 THEN) { edges { cursor } }',
}
"""Lists that are walked by the rows of another table, which are in their order."""

TURNED: Final = {"end of the timeline"}
"""A page from the end is turned round: no more rows than it has are sorted."""

COUNTED: Final = {
    "timeline": "timeline(THEN) { totalCount }",
    "relations": "relations(THEN) { totalCount }",
    "actors": "actors(THEN) { totalCount }",
}
"""Whole counts: they walk all there is, since that is what is asked for; with statistics SQLite may take the table for it."""

OF_THE_LOG: Final = {
    "status": "status { head position projections { name } }",
    "node": 'node(id: "Report:article-7/r1") { id }',
    "nodes": 'nodes(ids: ["Actor:actor-7", "Relation:x", "Article:article-7", "Commission:x", "LogEntry:5"]) { id }',
    "report of an entry": 'node(id: "LogEntry:500") { ... on LogEntry { record report { ref } } }',
    "log": "log(first: 5) { nodes { record } }",
    "newest log": "log(orderBy: NEWEST) { nodes { position } }",
    "history": 'actor(slug: "actor-7") { history { recordedAt cause { kind } actor { name } } }',
    "log of a stream": 'log(filter: {stream: "article/article-7"}) { nodes { version } }',
}
"""Root fields that know no other moment than the present."""


READ: Final = ("SCAN ", "SEARCH ")
"""How steps begin that read a table."""


class Explained(SqliteReader):
    """A reader that tells how SQLite goes about it."""

    async def run(self, plan: Plan, given: Any) -> tuple[int, str]:
        names = {alias: table for table, alias in re.findall(r"(\w+) AS (t\w+)", plan.sql)}
        told = self._connection.execute(f"EXPLAIN QUERY PLAN {plan.sql}", plan.values(given))
        self.sql = plan.sql
        self.steps = [re.sub(r"\bt\w+\b", lambda m: names.get(m[0], m[0]), row[3]) for row in told]
        return await super().run(plan, given)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of articles and of corrections, and its views."""
    path = tmp_path_factory.mktemp("plans") / "log.db"

    async def make() -> None:
        await grow(path, Revisions(), EVENTS)
        async with opened(path) as it:
            assert await it.views.catch_up() == EVENTS

    asyncio.run(make())
    return path


@pytest.fixture(scope="module", params=["without statistics", "with statistics"])
def explained(request: pytest.FixtureRequest, database: Path) -> Iterator[Explained]:
    path = database
    if request.param == "with statistics":
        path = database.with_name("analysed.db")
        with closing(connect(database, "ro")) as source, closing(connect(path, "rwc")) as copy:
            source.backup(copy)
            copy.execute("ANALYZE")
    with closing(Explained(connect(path, "ro"))) as reader:
        yield reader


def steps(explained: Explained, field: str, moment: str = "") -> list[str]:
    """What SQLite does for a root field: `SEARCH actors USING INDEX actors_key (key=?)`, `USE TEMP B-TREE FOR ORDER BY`."""
    given = re.sub(r"\(THEN\)", f"({moment})" if moment else "", field)
    given = given.replace("THEN", f", {moment}" if moment else "")
    reading = Reading(schema()._schema, explained)
    query = f"{{ {given} }}"
    assert reading.document(query).errors == []
    assert isinstance(at_once(reading.answer(query, None, {})), tuple)
    return explained.steps


def scanned(plan: list[str]) -> list[str]:
    """The steps that walk a table or an index from one end."""
    return [step for step in plan if step.startswith("SCAN ") and step.split()[1] in GROWING]


MOMENTS = pytest.mark.parametrize(
    "moment",
    ["", f"asOf: {{position: {EVENTS // 2}}}", 'asOf: {recordedAt: "2021-01-01T00:00:01Z"}'],
    ids=["now", "then", "at an instant"],
)


@MOMENTS
@pytest.mark.parametrize("name", SEARCHED)
def test_rows_are_searched_by_an_index(name: str, moment: str, explained: Explained) -> None:
    assert scanned(steps(explained, SEARCHED[name], moment)) == []


@MOMENTS
@pytest.mark.parametrize("name", IN_ORDER)
def test_list_is_walked_in_the_order_of_an_index(
    name: str, moment: str, explained: Explained
) -> None:
    plan = steps(explained, IN_ORDER[name], moment)
    (walk,) = scanned(plan)
    assert re.match(r"SCAN (\w+) USING (COVERING )?INDEX \1_", walk), walk
    assert len([step for step in plan if "TEMP B-TREE" in step]) == (name in TURNED)


@MOMENTS
@pytest.mark.parametrize("name", LED)
def test_list_is_walked_by_what_leads_to_it(name: str, moment: str, explained: Explained) -> None:
    plan = steps(explained, LED[name], moment)
    assert scanned(plan) == []
    turned = "last:" in LED[name]
    assert len([step for step in plan if "TEMP B-TREE" in step]) == turned


@MOMENTS
@pytest.mark.parametrize("name", COUNTED)
def test_count_walks_once(name: str, moment: str, explained: Explained) -> None:
    assert len(scanned(steps(explained, COUNTED[name], moment))) == 1


@pytest.mark.parametrize("name", OF_THE_LOG)
def test_log_is_searched_by_an_index(name: str, explained: Explained) -> None:
    assert scanned(steps(explained, OF_THE_LOG[name])) == []


@pytest.mark.parametrize("name", [*SEARCHED, *IN_ORDER, *LED])
def test_past_meets_no_version_that_does_not_count(name: str, explained: Explained) -> None:
    """A row is found by its key and the end of the version, a list by the anchors."""
    plan = steps(
        explained, {**SEARCHED, **IN_ORDER, **LED}[name], f"asOf: {{position: {EVENTS // 2}}}"
    )
    views = [
        step for step in plan if step.startswith(READ) and step.split()[1] in GROWING - {"log"}
    ]
    assert views
    for step in views:
        assert re.search(r"_past\b|rowid=\?|_key \(key=\? AND to_position>\?\)", step), step


SORTED: Final = {
    "actor page": ["USE TEMP B-TREE FOR LAST TERM OF ORDER BY"],  # aliases of one position
    "50 actors": ["USE TEMP B-TREE FOR ORDER BY"],  # the last statements, to turn them round
    "timeline of 100": [],
}
"""What is sorted for the operations that are asked most: a few rows, and none of a walk."""


@MOMENTS
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_walks_its_list_and_sorts_none(
    name: str, moment: str, explained: Explained
) -> None:
    plan = steps(explained, OPERATIONS[name], moment)
    assert len(scanned(plan)) == (name != "actor page")
    assert [step for step in plan if "TEMP B-TREE" in step] == SORTED[name]
    assert ("MERGE (UNION ALL)" in plan) == (name != "timeline of 100")


@pytest.mark.parametrize("name", OPERATIONS)
def test_size_of_a_page_leaves_the_statement_prepared(name: str, explained: Explained) -> None:
    """A parameter that is a LIMIT by itself is looked at when SQLite prepares a statement, and again whenever it is bound."""
    steps(explained, OPERATIONS[name])
    assert re.search(r"LIMIT :\w+ \+", explained.sql)
    assert not re.search(r"LIMIT :\w+\s+(OFFSET|\))", explained.sql)


def test_relations_of_an_actor_are_counted_in_indexes(explained: Explained) -> None:
    plan = steps(explained, 'actor(slug: "actor-7") { relations { totalCount } }')
    for side in ("subject", "object"):
        assert f"SEARCH relations USING COVERING INDEX relations_{side} ({side}=?)" in plan


COMPARED = (
    *("actors", "aliases", "articles", "commissions", "seats"),
    *("relations", "reports", "disputes"),
)
"""Tables whose versions a diff compares."""


@pytest.mark.parametrize("to", ["", f", to: {EVENTS - 5}"])
def test_diff_finds_versions_by_where_they_begin_and_end(to: str, explained: Explained) -> None:
    nodes = "totalCount nodes { change before { id } after { id } causes { kind } }"
    plan = steps(explained, f"diff(from: {EVENTS - 20}{to}) {{ {nodes} }}")
    assert scanned(plan) == []
    for table in COMPARED:
        for end in ("begun", "ended"):
            assert any(f"SEARCH {table} USING INDEX {table}_{end}" in step for step in plan)


LOG = {
    "READ": (statements.READ, (0, 10), ["rowid>?"]),
    "READ_STREAMS": (statements.READ_STREAMS, ("[]", 0, 9), ["rowid=?", "log_by_stream (stream=?"]),
    "VERSIONS": (statements.VERSIONS, ("[]",), ["rowid=?", "log_by_stream (stream=?"]),
    "FIND_KEY": (statements.FIND_KEY, ("k",), ["log_keys USING PRIMARY KEY (key=?)"]),
}
"""Statements of the log itself, with values, and the searches that they are."""


@pytest.mark.parametrize("name", LOG)
def test_statements_of_the_log_search(name: str, explained: Explained) -> None:
    statement, values, wanted = LOG[name]
    told = explained._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    plan = [row[3] for row in told]
    assert scanned(plan) == []
    for search in wanted:
        assert any("SEARCH" in step and search in step for step in plan), plan


def test_what_is_counted_of_the_past_is_not_read(explained: Explained) -> None:
    """But for what is asked of it that its place does not say."""

    def reads(more: str) -> bool:
        asked = f'relations(filter: {{actor: "actor-7" {more}}} THEN) {{ totalCount }}'
        plan = steps(explained, asked, f"asOf: {{position: {EVENTS // 2}}}")
        return any(step.startswith("SEARCH relations USING INTEGER PRIMARY KEY") for step in plan)

    assert not reads("")
    assert reads("certainty: CERTAIN")
