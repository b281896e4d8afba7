"""Is a query one SQL statement, planned once?"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from events.sqlite_library import sqlite3
from projections.reading.plan import Plan
from projections.reading.sqlite_reader import POSITION, SqliteReader
from tests.commands import SLUG
from tests.served import Api, served_article

RUN: list[str] = []
"""Statements that the readers' connections ran."""
PLANS: list[Plan] = []
"""What the readers were told to run."""


def noted(statement: str) -> None:
    """Note a statement that reads."""
    if statement not in {"BEGIN", "ROLLBACK", POSITION}:
        RUN.append(statement)


class Watched(SqliteReader):
    """A reader whose connection tells what it runs."""

    def __init__(self, connection: sqlite3.Connection, *more: Any) -> None:
        super().__init__(connection, *more)
        connection.set_trace_callback(noted)

    async def run(self, plan: Plan, given: Any) -> tuple[int, str]:
        PLANS.append(plan)
        return await super().run(plan, given)


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr("api.engines.SqliteReader", Watched)
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
    assert len(set(map(id, PLANS))) == 1
    await watched.ask(asked, s="siala")
    assert len(set(map(id, PLANS))) == 2
