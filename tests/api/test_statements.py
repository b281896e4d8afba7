"""Is a query one SQL statement, and does that find its rows by indexes?"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events.sqlite_library import sqlite3
from projections.reading.plan import Plan
from projections.reading.reader import Reader
from tests.commands import SLUG
from tests.served import Api, served_article

RUN: list[str] = []
"""Statements that the readers' connections ran."""
PLANS: list[tuple[sqlite3.Connection, Plan, Any]] = []
"""What the readers were told to run."""


class Watched(Reader):
    """A reader whose connection tells what it runs."""

    def __init__(self, connection: sqlite3.Connection, *more: Any) -> None:
        super().__init__(connection, *more)
        connection.set_trace_callback(RUN.append)

    def run(self, plan: Plan, given: Any) -> tuple[int, str]:
        PLANS.append((self._connection, plan, given))
        return super().run(plan, given)


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr("api.app.Reader", Watched)
    async with served_article(tmp_path / "communique.db") as api:
        RUN.clear()
        PLANS.clear()
        yield api


WHY = "because { effect rule event { kind } entry { position } evidence { exact start end article { slug } } }"
ONE_STATEMENT = {
    "several root fields": "{ status { head } actors { totalCount } timeline { totalCount } log { totalCount } }",
    "connections in connections": (
        "{ actors(first: 5) { totalCount edges { cursor node { relations(first: 3) { totalCount pageInfo { hasNextPage endCursor }"
        " nodes { subject { timeline(last: 2) { pageInfo { hasPreviousPage } nodes { ref } } } } } } } } }"
    ),
    "because": f"{{ actors {{ nodes {{ {WHY} }} }} relations {{ nodes {{ {WHY} }} }} commissions {{ nodes {{ {WHY} }} }} }}",
    "as of several moments": (
        '{ a: actor(slug: "siala", asOf: {position: 50}) { name } b: relations(asOf: {recordedAt: "2099-01-01T00:00:00Z"})'
        " { nodes { holds } } c: timeline { totalCount } }"
    ),
    "a search": '{ search(text: "ceasefire") { totalCount nodes { __typename id ... on Report { ref } } } }',
    "nodes": f'{{ node(id: "Actor:siala") {{ id }} nodes(ids: ["LogEntry:1", "Article:{SLUG}", "x"]) {{ id }} }}',
    "every kind of report": "{ timeline { nodes { ... on StatementMade { speaker { name } } ... on MeetingHeld { place } } } }",
    "histories in histories": (
        "{ timeline { nodes { history { cause { kind } report { mentions { history { until actor { name } } } } } } }"
        " relations { nodes { history { recordedAt relation { history { position } because { rule } } } } } }"
    ),
    "a diff": (
        "{ a: diff(from: 100) { totalCount pageInfo { hasNextPage } nodes { change before { id } after { id } causes { kind } } }"
        " b: diff(from: 0, to: 50, filter: {types: [ACTOR]}) { edges { cursor } } }"
    ),
    "nothing of a view": "{ __typename }",
}


@pytest.mark.parametrize("name", ONE_STATEMENT)
async def test_query_is_one_statement(name: str, watched: Api):
    await watched.ask(ONE_STATEMENT[name])
    ours = [statement for statement in RUN if not re.match(r"--|.*'main'\.'words_", statement)]
    # What is left out is how the full-text index reads itself.
    assert len(ours) == len(PLANS) == 1
    assert ours[0].startswith(("SELECT", "WITH"))


async def test_query_is_planned_once(watched: Api):
    asked = (
        "query ($s: String!, $n: Int) { actor(slug: $s) { timeline(first: $n) { nodes { ref } } } }"
    )
    for slug, size in (("siala", 1), ("lavrov", 5), ("nobody", 0)):
        await watched.ask(asked, s=slug, n=size)
    assert len({id(plan) for _, plan, _ in PLANS}) == 1
    await watched.ask(asked, s="siala")
    assert len({id(plan) for _, plan, _ in PLANS}) == 2


VIEWS = {"actors", "relations", "reports", "mentions", "log", "aliases"}
GROUNDS = {"relation_grounds", "report_grounds", "namings", "commission_grounds"}

SEARCHED = {
    "actor page": (
        f'{{ actor(slug: "russia") {{ name aliases {{ name }} {WHY} relations {{ nodes {{ count {WHY} }} }}'
        " statements { nodes { ref } } timeline { edges { cursor node { ref } } } } }"
    ),
    "relations by subject": f'{{ relations(filter: {{subject: "russia"}}) {{ nodes {{ key {WHY} }} }} }}',
    "relations of either": '{ relations(filter: {actor: "russia"}) { nodes { key } } }',
    "relations by predicate": "{ relations(filter: {predicate: SUPPORTS}) { nodes { key } } }",
    "actor timeline": '{ actor(slug: "russia") { timeline { nodes { ref } } } }',
    "statements by speaker": '{ statements(filter: {speaker: "siala"}) { nodes { ref } } }',
    "statements of an actor": '{ actor(slug: "siala") { statements { nodes { ref } } } }',
    "statements": "{ statements { nodes { ref } } }",
    "meetings": "{ meetings { nodes { ref } } }",
    "timeline of an actor": '{ timeline(filter: {actor: "siala"}) { nodes { ref } } }',
    "reports of an article": f'{{ article(slug: "{SLUG}") {{ version reports {{ nodes {{ ref }} }} }} }}',
    "log of a stream": f'{{ log(filter: {{stream: "article/{SLUG}"}}) {{ nodes {{ record }} }} }}',
    "node": '{ node(id: "LogEntry:5") { id ... on LogEntry { record report { ref } } } }',
    "nodes": '{ nodes(ids: ["Actor:siala", "Relation:x", "Report:x", "Commission:x"]) { id } }',
    "history": '{ relations(filter: {subject: "russia"}) { nodes { history { recordedAt cause { kind } relation { key } } } } }',
    "actor as of then": '{ actor(slug: "siala", asOf: {position: 50}) { name relations { nodes { key } } } }',
}
OF_NODES = ("actors", "aliases", "articles", "commissions", "seats", "relations", "reports")
"""The tables whose rows a diff compares."""
IN_ORDER = {
    "actors": "{ actors { edges { cursor node { slug } } pageInfo { hasNextPage } } }",
    "newest actors": "{ actors(orderBy: NEWEST) { nodes { slug } } }",
    "relations": "{ relations { nodes { key } } }",
    "newest relations": "{ relations(orderBy: NEWEST) { nodes { key } } }",
    "timeline": "{ timeline { edges { cursor node { ref } } pageInfo { endCursor } } }",
    "newest timeline": "{ timeline(orderBy: NEWEST) { nodes { ref } } }",
    "timeline as of then": "{ timeline(asOf: {position: 50}) { nodes { ref } } }",
    "log": "{ log { edges { cursor node { record leafHash } } } }",
    "newest log": "{ log(orderBy: NEWEST) { nodes { position } } }",
}
"""Lists that are walked from one end, in the order in which the index has them."""


def steps() -> list[str]:
    """What SQLite does with the tables of the views: `SCAN reports USING INDEX reports_day`."""
    connection, plan, given = PLANS[-1]
    names = {alias: table for table, alias in re.findall(r"(\w+) AS (t\d+)", plan.sql)}
    rows = connection.execute(f"EXPLAIN QUERY PLAN {plan.sql}", plan.values(given)).fetchall()
    return [re.sub(r"\bt\d+\b", lambda m: names.get(m[0], m[0]), row[3]) for row in rows]


@pytest.mark.parametrize("name", SEARCHED)
async def test_rows_are_searched_by_index(name: str, watched: Api):
    await watched.ask(SEARCHED[name])
    scans = [step for step in steps() if step.startswith("SCAN")]
    assert [step for step in scans if step.split()[1] in VIEWS | GROUNDS] == []


@pytest.mark.parametrize("name", IN_ORDER)
async def test_list_is_walked_in_the_order_of_an_index(name: str, watched: Api):
    await watched.ask(IN_ORDER[name])
    (scan,) = [step for step in steps() if step.split()[1] in VIEWS]
    assert re.match(r"SCAN (\w+) USING INDEX \1_|SEARCH log USING INTEGER PRIMARY KEY", scan)
    assert [step for step in steps() if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("to", ["", ", to: 110"])
async def test_diff_finds_versions_by_where_they_begin_and_end(to: str, watched: Api):
    asked = "totalCount pageInfo { endCursor } nodes { change before { id } after { id } causes { kind } }"
    await watched.ask(f"{{ diff(from: 100{to}) {{ {asked} }} }}")
    found = steps()
    for table in OF_NODES:
        assert any(step.startswith(f"SEARCH {table} USING INDEX {table}_begun") for step in found)
        assert any(step.startswith(f"SEARCH {table} USING INDEX {table}_ended") for step in found)
    assert [step for step in found if step.startswith("SCAN") and step.split()[1] in OF_NODES] == []
