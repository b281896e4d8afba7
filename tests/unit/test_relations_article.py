"""Do exactly the relations of the first article come out, for the reasons that it gives?

`data/expected_relations.json` lists them, read from the article independently of the rules, and
`data/said_by.json` by which reports each of their facts is said.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.actor import ActorState
from events.article_state import ArticleState
from events.dates import parse
from events.handling import World
from projections.relations.fold import Relation, RelationGround
from projections.rows import Rows
from projections.versioned import Row
from seeds import ARTICLES
from seeds.dossier import load
from seeds.earlier import Earlier
from seeds.reconcile import reconcile
from tests.histories import History, current, folded

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "expected_relations.json").read_text())
SAID_BY = json.loads((DATA / "said_by.json").read_text())["said_by"]
DETAILS = {"title", "seats", "amount_min", "amount_max", "currency", "via", "on_behalf_of"}

DOSSIER = load(next(ARTICLES.glob("*.yaml")))


@cache
def rows() -> Rows:
    """The views of a log that holds this article alone."""
    actors = {slug: ActorState(slug) for slug in DOSSIER.actors}
    world = World({DOSSIER.slug: ArticleState(DOSSIER.slug)}, actors)
    return folded(History().do(*reconcile(DOSSIER, world, Earlier())).records)


def triple(relation: Row) -> tuple[str, str, str]:
    return relation["subject"], relation["predicate"], relation["object"]


def shown(expected: dict[str, Any]) -> Row:
    (found,) = (r for r in current(rows(), Relation).values() if triple(r) == triple(expected))
    return found


def grounds(relation: Row) -> list[Row]:
    """Why it is shown, in the order of the reports."""
    held = current(rows(), RelationGround).values()
    of_it = (ground for ground in held if ground["target"] == relation["key"])
    return sorted(of_it, key=lambda ground: ground["position"])


def reports(facts: list[str]) -> set[str]:
    """The reports that say some facts."""
    return {f"{DOSSIER.slug}/{ref}" for fact in facts for ref in SAID_BY[fact]}


each = pytest.mark.parametrize("expected", EXPECTED, ids=lambda each: ".".join(triple(each)))


def test_nothing_else_comes_out() -> None:
    found = sorted(map(triple, current(rows(), Relation).values()))
    assert found == sorted(map(triple, EXPECTED))
    assert len(found) == 24


@each
def test_relation_has_its_details(expected: dict[str, Any]) -> None:
    row = shown(expected)
    assert {name: row[name] for name in DETAILS} == {name: expected.get(name) for name in DETAILS}
    for name in ("means", "sectors"):
        assert orjson.loads(row[name]) == expected.get(name, [])
    assert row["certainty"] == expected.get("certainty", row["certainty"])


@each
def test_relation_is_claimed_only_where_nothing_else_speaks_for_it(
    expected: dict[str, Any],
) -> None:
    assert shown(expected)["claimed_by"] == expected.get("claimed_by")


@each
def test_relation_rests_on_the_reports_of_its_facts(expected: dict[str, Any]) -> None:
    speaking = {ground["report"] for ground in grounds(shown(expected))}
    assert speaking <= reports(expected["facts"])
    for fact in expected["facts"]:
        assert speaking & reports([fact]), f"{fact} has no say"


@each
def test_relation_is_dated_as_far_as_the_words_go(expected: dict[str, Any]) -> None:
    row = shown(expected)
    status, since, until = row["status"], row["since"], row["until"]
    match expected["validity"].split(" ", 1):
        case ["from", date]:
            assert (status, orjson.loads(since)["edtf"], until) == ("holds", date, None)
        case ["instant", date]:
            span = parse(date)
            days = {(ground["earliest"], ground["latest"]) for ground in grounds(row)}
            assert status == "happened"
            assert days == {tuple(day and day.isoformat() for day in (span.earliest, span.latest))}
        case ["past,", _]:
            assert (status, since) == ("ended", None)
        case _:
            assert (status, since, until) == ("holds", None, None)


@pytest.mark.parametrize("expected", [r for r in EXPECTED if "not_closed_by" in r], ids=triple)
def test_relation_is_not_ended_by(expected: dict[str, Any]) -> None:
    row = shown(expected)
    assert row["status"] == "holds"
    assert not {ground["report"] for ground in grounds(row)} & reports(expected["not_closed_by"])


def test_two_relations_name_what_does_not_end_them() -> None:
    named = {triple(r)[1]: r["not_closed_by"] for r in EXPECTED if "not_closed_by" in r}
    assert named == {"supports": ["F099"], "at_war_with": ["F067"]}


def test_why_does_it_say_that_russia_supports_haftar() -> None:
    row = shown({"subject": "russia", "predicate": "supports", "object": "haftar"})
    told = [
        (
            ground["report"].partition("/")[2],
            ground["effect"],
            ground["rule"],
            [quote["exact"] for quote in orjson.loads(ground["evidence"])],
        )
        for ground in grounds(row)
    ]
    assert told == [
        (
            "russia-supports-haftar",
            "opened",
            "a relation is attested",
            ["Russia has been a long-term supporter of the GNA's rival, Khalifa Haftar"],
        ),
        (
            "arms-to-haftar",
            "confirmed",
            "support is extended",
            ["Moscow has supplied the renegade general with arms"],
        ),
        (
            "military-support-to-haftar",
            "confirmed",
            "support is extended",
            [
                "Moscow has supplied the renegade general with",
                "military support from the shadowy Russian Wagner Group mercenary force",
            ],
        ),
    ]


@each
def test_every_ground_quotes_the_text(expected: dict[str, Any]) -> None:
    for ground in grounds(shown(expected)):
        for quote in orjson.loads(ground["evidence"]):
            assert DOSSIER.article.text[quote["start"] : quote["end"]] == quote["exact"]
