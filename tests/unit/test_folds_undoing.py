"""What do the views say once something was undone, or disputed?"""

import re
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from events.actor import AddAliases, MergeActors, UndoMerge
from events.actors import AliasAdded
from events.article_commands import (
    CorrectReport,
    RecordDispute,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.handling import Command
from events.occurrences import MessageSent
from events.refusals import Refusal
from projections.actors import Actor, Alias, Naming
from projections.because import Ground
from projections.disputes import Dispute
from projections.folding import MODELS
from projections.mentions import Mention
from projections.reports import Report, ReportGround
from projections.search import Document
from projections.versioned import Row, Versioned
from tests.histories import SLUG, History, current, folded, report
from tests.strategies import correct_report, histories, merge, retract_report

KEY = "oslo/it"
SENT = report(MessageSent, sender="ann", recipients=["bob"])
LEFT = report(MessageSent, "left", sender="ann")
NOT_RESTORED = {"recorded_at", "corrections"}
"""Columns in which what was undone stays to be seen."""


def told() -> History:
    return History().article().actors("ann", "bob", "cy").reports(SENT, LEFT)


def row(history: History, model: type[Versioned], key: str) -> Row:
    return current(folded(history.records), model)[key]


def grounds(history: History, key: str = KEY) -> list[str]:
    held = current(folded(history.records), ReportGround).values()
    of_it = sorted((each for each in held if each["target"] == key), key=lambda r: r["position"])
    return [f"{each['effect']}: {each['rule']}" for each in of_it]


def shown(history: History) -> dict[type[Versioned], dict[str, Row]]:
    """What all views show, without why, and without what tells of decisions."""
    rows = folded(history.records)
    return {
        model: {
            key: {name: value for name, value in each.items() if name not in NOT_RESTORED}
            for key, each in current(rows, model).items()
        }
        for model in MODELS
        if not issubclass(model, Ground)
    }


# Reports


def test_undone_correction_stays_to_be_seen() -> None:
    history = told().do(
        CorrectReport(SLUG, "it", {"recipients": ["cy"]}, "misread", "editor"),
        UndoCorrection(SLUG, "it", 1, "it was right", "chief"),
    )
    held = row(history, Report, KEY)
    assert orjson.loads(held["payload"])["recipients"] == ["bob"]
    (correction,) = orjson.loads(held["corrections"])
    assert (correction["number"], correction["position"], correction["by"]) == (1, 7, "editor")
    assert correction["undone"] == {
        "position": 8,
        "recorded_at": "2021-01-01T00:00:08.000000Z",
        "reason": "it was right",
        "by": "chief",
    }
    assert grounds(history) == [
        "opened: the article reports it",
        "changed: the report is corrected: misread",
        "changed: correction 1 is undone: it was right",
    ]


def test_report_stands_again_once_its_retraction_is_undone() -> None:
    history = told().do(
        RetractReport(SLUG, "it", "misread"), UndoRetraction(SLUG, "it", "it was right")
    )
    held = row(history, Report, KEY)
    assert (held["retracted"], held["retraction"]) == (False, None)
    assert grounds(history)[1:] == [
        "closed: the report is retracted: misread",
        "opened: the retraction is undone: it was right",
    ]
    assert f"Report:{KEY}" in current(folded(history.records), Document)


def test_retracted_report_stands_again_as_it_reads_by_now() -> None:
    history = told().do(
        RetractReport(SLUG, "it", "misread"),
        MergeActors("bob", "cy", "the same"),
        UndoRetraction(SLUG, "it", "it was right"),
    )
    assert orjson.loads(row(history, Report, KEY)["payload"])["recipients"] == ["cy"]


# Actors


def merged(*pairs: tuple[str, str]) -> History:
    alias = AliasAdded.model_validate({"alias": "A.", "alias_kind": "short"})
    history = told().do(AddAliases("ann", (alias,)))
    return history.do(*(MergeActors(slug, into, "the same") for slug, into in pairs))


def names(history: History) -> dict[str, set[str]]:
    """The aliases of each actor that has any."""
    found: dict[str, set[str]] = {}
    for each in current(folded(history.records), Alias).values():
        found.setdefault(each["actor"], set()).add(each["alias"])
    return found


def test_actor_stands_for_itself_again() -> None:
    history = merged(("ann", "bob")).do(UndoMerge("ann", "two after all"))
    assert row(history, Actor, "ann")["merged_into"] is None
    assert names(history) == {"ann": {"A."}}
    assert orjson.loads(row(history, Report, KEY)["payload"])["sender"] == "ann"


def test_actor_takes_those_along_that_were_merged_into_it() -> None:
    history = merged(("ann", "bob"), ("bob", "cy")).do(UndoMerge("bob", "two after all"))
    held = {
        key: each["merged_into"] for key, each in current(folded(history.records), Actor).items()
    }
    assert held == {"ann": "bob", "bob": None, "cy": None}
    assert names(history) == {"bob": {"A.", "Ann"}}


def test_actor_leaves_the_one_between_behind() -> None:
    history = merged(("ann", "bob"), ("bob", "cy")).do(UndoMerge("ann", "two after all"))
    held = {
        key: each["merged_into"] for key, each in current(folded(history.records), Actor).items()
    }
    assert held == {"ann": None, "bob": "cy", "cy": None}
    assert names(history) == {"ann": {"A."}, "cy": {"Bob"}}


def test_both_say_why_they_are_two() -> None:
    history = merged(("ann", "bob")).do(UndoMerge("ann", "two after all"))
    held = current(folded(history.records), Naming).values()
    told = {(each["target"], each["rule"]) for each in held if each["position"] == 9}
    assert told == {
        ("ann", "it is not bob, as it was merged: two after all"),
        ("bob", "actor ann is not it, as it was merged: two after all"),
    }


# Disputes


DISPUTE = RecordDispute(SLUG, "it", "oslo/left", "both cannot be", "editor")


def test_both_reports_show_their_dispute() -> None:
    rows = current(folded(told().do(DISPUTE).records), Dispute).values()
    assert [(each["report"], each["against"]) for each in rows] == [
        (KEY, "oslo/left"),
        ("oslo/left", KEY),
    ]
    assert {(each["reason"], each["by"], each["settlement"]) for each in rows} == {
        ("both cannot be", "editor", None)
    }


def test_settled_dispute_is_shown_settled_until_it_breaks_out_again() -> None:
    history = told().do(DISPUTE, SettleDispute(SLUG, "left", KEY, "cleared up", "chief"))
    rows = current(folded(history.records), Dispute).values()
    assert [orjson.loads(each["settlement"])["by"] for each in rows] == ["chief", "chief"]
    rows = current(folded(history.do(DISPUTE).records), Dispute).values()
    assert [each["settlement"] for each in rows] == [None, None]


# For random histories


@pytest.mark.property
@given(histories(), st.integers(0, 2**32))
def test_undoing_a_correction_restores_what_the_views_showed(history: History, seed: int) -> None:
    command: Any = correct_report(Random(seed), history)
    before = shown(history)
    assume(_is_done(history, command))
    number = len(history.world.articles[command.slug].reports[command.target].corrections)
    history.do(UndoCorrection(command.slug, command.target, number, "it was right"))
    assert shown(history) == before


@pytest.mark.property
@given(histories(), st.integers(0, 2**32))
def test_undoing_a_retraction_restores_what_the_views_showed(history: History, seed: int) -> None:
    command: Any = retract_report(Random(seed), history)
    before = shown(history)
    assume(_is_done(history, command))
    history.do(UndoRetraction(command.slug, command.target, "it was right"))
    assert shown(history) == before


@pytest.mark.property
@given(histories(), st.integers(0, 2**32))
def test_parting_restores_what_the_views_showed(history: History, seed: int) -> None:
    command: Any = merge(Random(seed), history)
    before = shown(history)
    assume(_is_done(history, command))
    assert shown(history.do(UndoMerge(command.slug, "two after all"))) == before


@pytest.mark.property
@given(histories())
def test_identities_follow_from_the_merges_that_stand(history: History) -> None:
    rows = folded(history.records)
    stands = {slug: slug for slug in history.world.actors}
    for slug in stands:
        while into := history.world.actors[stands[slug]].merged_into:
            stands[slug] = into
    for slug, each in current(rows, Actor).items():
        assert (each["merged_into"] or slug) == stands[slug]
    for key, each in current(rows, Alias).items():
        assert each["actor"] == stands[re.split("[/=]", key)[0]]
    for each in current(rows, Naming).values():
        assert each["target"] == stands[each["told_of"]]
    for each in current(rows, Mention).values():
        assert each["actor"] == stands[each["actor"]]


@pytest.mark.property
@given(histories())
def test_disputes_are_those_that_are_open(history: History) -> None:
    state = history.world.articles
    pairs = {pair for held in state.values() for pair in held.disputes}
    open_ = {pair for pair in pairs if sum(held.disputes[pair] for held in state.values())}
    rows = current(folded(history.records), Dispute).values()
    held = [frozenset({each["report"], each["against"]}) for each in rows if not each["settlement"]]
    assert set(held) == open_
    assert len(held) == 2 * len(open_)


def _is_done(history: History, command: Command) -> bool:
    length = len(history.records)
    try:
        history.do(command)
    except Refusal:
        return False
    return len(history.records) > length
