"""Does the command do with PostgreSQL what it does with SQLite?"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import DOSSIER, EVENTS, invoke, serving
from tests.postgres import database

TOLD = "{ statements(first: 3) { totalCount nodes { content } } }"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with database() as url:
        yield url


def said(place: Path | str, *arguments: object, **more: str) -> str:
    """What a command prints that does what it should."""
    result = invoke(place, *arguments, **more)
    assert result.exit_code == 0, result.output
    return result.stdout


def status(place: Path | str) -> Any:
    return json.loads(said(place, "status", "--digests", "--json"))


def test_a_log_moves_to_postgres_and_says_the_same(url: str, tmp_path: Path) -> None:
    """The bytes of the log, the digests of the views, and what is answered."""
    file, export = tmp_path / "communique.db", tmp_path / "export.jsonl"
    said(file, "ingest", DOSSIER)
    said(file, "log", "export", export)
    said(url, "log", "import", export)

    assert said(url, "log", "--json") == said(file, "log", "--json")
    there = status(url)
    assert there["head"] == EVENTS
    assert there["database"].startswith("PostgreSQL at ")
    assert there["digests"] == status(file)["digests"]
    with serving(file, "serve") as one, serving(url, "serve") as other:
        answers = [
            each.client.post("/graphql", json={"query": TOLD}).raise_for_status()
            for each in (one, other)
        ]
        assert answers[0].content == answers[1].content
        assert answers[0].json()["data"]["statements"]["totalCount"] > 3
        assert "PostgreSQL at " in other.welcome


def test_ingest_rebuild_and_serve_twice(url: str) -> None:
    said(url, "ingest", DOSSIER)
    said(url, "rebuild")
    with serving(url, "serve") as one, serving(url, "serve") as other:
        assert (one.position, other.position) == (EVENTS, EVENTS)


def test_tables_change_when_they_are_told_to(url: str) -> None:
    later = {"COMMUNIQUE_MIGRATE_AT_START": "false"}
    refused = invoke(url, "log", **later)
    assert refused.exit_code == 2
    assert "`communique migrate` makes them" in refused.output

    assert "the log's tables are at revision" in said(url, "migrate", **later)
    assert said(url, "log", "--json", **later) == ""


def test_no_message_tells_the_password() -> None:
    refused = invoke("postgresql://me:secret@127.0.0.1:1/news?sslmode=none", "log")
    assert refused.exit_code == 2
    told = "communique: PostgreSQL at 127.0.0.1:1/news cannot be connected to: "
    assert refused.output.startswith(told)
    assert "secret" not in refused.output


def test_live_views_are_verified(url: str) -> None:
    said(url, "ingest", DOSSIER)
    *views, certificate = map(json.loads, said(url, "replay", "--verify", "--json").splitlines())
    assert {view["view"]: view["live"] for view in views if view["agrees"]} == (
        certificate["digests"]
    )
