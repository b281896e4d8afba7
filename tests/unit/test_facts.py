"""Is every fact of the first article said by an event, in its own words?

`data/facts.json` lists the facts, read from the article independently of its dossier.
`data/said_by.json` says which part of the dossier says which fact, and where the two cannot agree,
with the reason.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from events.actors import ActorRegistered, AliasAdded
from events.occurrences import MeetingHeld, StatementMade
from events.references import mentions
from events.values import Certainty, Quote, Report
from seeds import ARTICLES
from seeds.dossier import load

DATA = Path(__file__).parent / "data"
FACTS = json.loads((DATA / "facts.json").read_text())
SAID = json.loads((DATA / "said_by.json").read_text())
EXCEPTIONS = {(fact, part, what) for fact, part, what, _ in SAID["exceptions"]}
PLACES = {"moscow": "Moscow", "cairo": "Cairo", "tripoli": "Tripoli"}
"""Facts name places by slugs too; events name them in words."""

DOSSIER = load(ARTICLES / f"{FACTS['article']}.yaml")
TEXT = DOSSIER.article.text


@dataclass(frozen=True)
class Saying:
    """A part of the dossier, as far as it is compared with facts."""

    event: Report | ActorRegistered | AliasAdded
    certainty: Certainty
    actors: frozenset[str]


def saying(part: str) -> Saying:
    match part.split("/"):
        case ["actor", slug]:
            actor = DOSSIER.actors[slug].actor
            return Saying(actor, actor.certainty, frozenset({slug}))
        case ["alias", slug, alias]:
            named = DOSSIER.actors[slug].aliases[alias]
            return Saying(named, named.certainty, frozenset({slug}))
        case [ref, "topics", number]:
            meeting = DOSSIER.reports[ref]
            assert isinstance(meeting, MeetingHeld)
            return Saying(meeting, meeting.topics[int(number)].certainty, named_in(meeting))
        case _:
            report = DOSSIER.reports[part]
            return Saying(report, report.certainty, named_in(report))


def named_in(report: Report) -> frozenset[str]:
    words = " ".join(str(value) for value in report.model_dump(exclude={"evidence"}).values())
    places = {slug for slug, name in PLACES.items() if name in words}
    return frozenset(places | {mention.actor for mention in mentions(report)})


def sayings(fact: dict[str, Any]) -> dict[str, Saying]:
    return {part: saying(part) for part in SAID["said_by"][fact["id"]]}


def covered(quotes: Iterator[Quote], start: int, end: int) -> bool:
    offsets = {offset for quote in quotes for offset in range(quote.start, quote.end)}
    return offsets.issuperset(range(start, end))


each_fact = pytest.mark.parametrize("fact", FACTS["facts"], ids=lambda fact: fact["id"])


def test_all_129_facts_are_said() -> None:
    assert [fact["id"] for fact in FACTS["facts"]] == [f"F{n:03}" for n in range(1, 130)]
    assert SAID["said_by"].keys() == {fact["id"] for fact in FACTS["facts"]}


def test_text_is_untouched() -> None:
    source = (ARTICLES / f"{FACTS['article']}.txt").read_bytes()
    assert sha256(source).hexdigest() == FACTS["sha256"] == DOSSIER.article.sha256
    assert source.decode() == TEXT


@each_fact
def test_words_are_quoted(fact: dict[str, Any]) -> None:
    evidence = [quote for each in sayings(fact).values() for quote in each.event.evidence]
    for exact, start, end in fact["spans"]:
        assert TEXT[start:end] == exact
        assert covered(iter(evidence), start, end)


@each_fact
def test_actors_are_named(fact: dict[str, Any]) -> None:
    named = frozenset[str]().union(*(each.actors for each in sayings(fact).values()))
    assert named >= set(fact["actors"])


@each_fact
def test_certainty_is_the_facts(fact: dict[str, Any]) -> None:
    for part, each in sayings(fact).items():
        assert (each.certainty == fact["certainty"]) is not excepted(fact, part, "certainty")


@each_fact
def test_report_claims_what_the_fact_claims(fact: dict[str, Any]) -> None:
    for part, each in sayings(fact).items():
        if isinstance(each.event, Report):
            said = each.event.attribution
            voice = (said.voice, said.speaker) == (fact["voice"], fact["speaker"])
            modality = each.event.modality == fact["modality"]
            assert modality is not excepted(fact, part, "modality")
            assert voice is not excepted(fact, part, "voice")
        else:
            assert (fact["voice"], fact["modality"]) == ("article", "asserted")


@each_fact
def test_date_is_the_facts(fact: dict[str, Any]) -> None:
    for part, each in sayings(fact).items():
        when = each.event.when if isinstance(each.event, Report) else None
        date = [when.edtf, when.role, when.basis] if when else None
        assert (date == fact["date"]) is not excepted(fact, part, "date")


@each_fact
def test_statement_is_the_speech_act(fact: dict[str, Any]) -> None:
    family, _, act = fact["kind"].partition(":")
    if family == "statement" and act != "negative":
        acts = [e.event.act for e in sayings(fact).values() if isinstance(e.event, StatementMade)]
        assert acts == [act]


@pytest.mark.parametrize(("fact", "link"), SAID["links"].items())
def test_facts_about_facts_are_links(fact: str, link: tuple[str, str, str]) -> None:
    linking, kind, linked = link
    report = DOSSIER.reports[linking]
    spans = next(each["spans"] for each in FACTS["facts"] if each["id"] == fact)
    assert (kind, linked) in [(each.kind, each.report) for each in report.links]
    assert all(covered(iter(report.evidence), start, end) for _, start, end in spans)


def test_boilerplate_is_evidence_of_nothing() -> None:
    namings = [
        naming
        for each in DOSSIER.actors.values()
        for naming in (each.actor, *each.aliases.values())
    ]
    quotes = [q for said in (*namings, *DOSSIER.reports.values()) for q in said.evidence]
    for exact, start, end in FACTS["boilerplate"]:
        assert TEXT[start:end] == exact
        assert not [q for q in quotes if q.start < end and start < q.end]


def excepted(fact: dict[str, Any], part: str, what: str) -> bool:
    return (fact["id"], part, what) in EXCEPTIONS
