"""Which reports speak for which relation, and which do not?"""

from typing import Any

import pytest

from events.attestations import (
    DescriptionAttested,
    Predicate,
    RelationAttested,
    RelationEnded,
    RoleAttested,
    RoleEnded,
    SituationAttested,
)
from events.occurrences import (
    AgreementEnded,
    AgreementReached,
    ClashReported,
    CommissionFormed,
    DealSought,
    LossesSuffered,
    MeetingHeld,
    MessageSent,
    OffensiveLaunched,
    SessionOpened,
    StatementMade,
    SupportExtended,
    SupportWithdrawn,
    VoteScheduled,
)
from events.values import Certainty, Modality
from events.vocabulary import REPORT_KINDS, AnyReport
from projections.relations.rules import contributions
from tests.histories import attested, report, said_by

SAID = {"speaker": "ann", "direct": False, "content": "x"}
PAIR = {"subject": "ann", "object": "bob"}

RULES: list[tuple[AnyReport, list[str]]] = [
    (
        report(MeetingHeld, participants=[{"actor": each} for each in ("ann", "bob", "cy")]),
        ["ann met_with bob happens", "ann met_with cy happens", "bob met_with cy happens"],
    ),
    (
        report(StatementMade, act="directive", addressees=["bob", "cy"], **SAID),
        ["ann called_on bob happens", "ann called_on cy happens"],
    ),
    (report(StatementMade, act="directive", about=["bob"], **SAID), []),
    (
        report(StatementMade, act="commissive", commits_to="peace", **SAID),
        ["ann committed_to peace holds"],
    ),
    (report(StatementMade, act="commissive", addressees=["bob"], **SAID), []),
    (
        report(
            CommissionFormed,
            body="jmc",
            seats=[{"selector": "gna", "number": 5}, {"selector": "cy", "number": 2}],
            formed_by=["ann"],
        ),
        ["gna appoints_to jmc begins", "cy appoints_to jmc begins"],
    ),
    (
        report(SessionOpened, body="ldf", participants="members", attendance=75),
        ["members participates_in ldf holds"],
    ),
    (report(SessionOpened, body="ldf"), []),
    (report(MessageSent, sender="ann", recipients=["bob"]), []),
    (
        report(SupportExtended, supporter="ann", beneficiary="bob", means="arms"),
        ["ann supports bob holds"],
    ),
    (
        report(SupportWithdrawn, supporter="ann", beneficiary="bob"),
        ["ann supports bob ends"],
    ),
    (report(OffensiveLaunched, attacker="ann", target="bob"), ["ann at_war_with bob holds"]),
    (report(OffensiveLaunched, attacker="ann", place="Oslo"), []),
    (report(LossesSuffered, sufferer="ann", inflicted_by="bob"), []),
    (report(ClashReported, sides=["ann", "bob"]), ["ann at_war_with bob holds"]),
    (report(ClashReported, sides=["ann", "bob"], violence="one_sided"), []),
    (
        report(AgreementReached, agreement="peace", parties=["ann", "bob"], ends_hostilities=True),
        ["ann at_war_with bob ends_if_open", "ann rival_of bob ends_if_open"],
    ),
    (report(AgreementReached, agreement="trade", parties=["ann", "bob"]), []),
    (report(AgreementReached, agreement="ceasefire", ends_hostilities=True), []),
    (report(AgreementEnded, agreement="ceasefire", parties=["ann", "bob"]), []),
    (report(VoteScheduled, vote="elections", of="ann", on="2021"), []),
    (report(DealSought, seeker="ann", counterpart="bob"), ["ann seeks_deal_with bob holds"]),
    (
        report(RoleAttested, holder="ann", role="office", of="gna"),
        ["ann holds_office gna holds"],
    ),
    (
        report(RoleAttested, holder="ann", role="leadership", of="gna", since="2020"),
        ["ann leads gna begins"],
    ),
    (report(RoleAttested, holder="ann", role="membership", of="gna"), ["ann member_of gna holds"]),
    (report(RoleAttested, holder="ann", role="office", title="general"), []),
    (report(RoleEnded, holder="ann", role="membership", of="gna"), ["ann member_of gna ends"]),
    (
        report(RelationAttested, predicate="backs", **PAIR),
        ["ann backs bob holds"],
    ),
    (
        report(RelationAttested, predicate="rival_of", since="2019", **PAIR),
        ["ann rival_of bob begins"],
    ),
    (report(RelationAttested, predicate="met_with", **PAIR), ["ann met_with bob happens"]),
    (report(RelationEnded, predicate="supports", **PAIR), ["ann supports bob ends"]),
    (report(RelationEnded, predicate="met_with", **PAIR), []),
    (report(SituationAttested, situation="a ceasefire", actors=["ann", "bob"]), []),
    (report(DescriptionAttested, subject="ann", description="shadowy", regarding="bob"), []),
]


def told(report: AnyReport) -> list[str]:
    return [f"{c.subject} {c.predicate} {c.object} {c.does}" for c in contributions(report)]


@pytest.mark.parametrize(("said", "expected"), RULES, ids=lambda each: getattr(each, "kind", ""))
def test_report_speaks_for(said: AnyReport, expected: list[str]) -> None:
    assert told(said) == expected


def test_every_kind_of_report_has_its_rule_here() -> None:
    assert {said.kind for said, _ in RULES} == REPORT_KINDS.keys()


@pytest.mark.parametrize("predicate", Predicate)
def test_every_relation_can_be_attested(predicate: Predicate) -> None:
    (said,) = contributions(report(RelationAttested, predicate=predicate, **PAIR))
    assert (said.predicate, said.subject, said.object) == (predicate, "ann", "bob")


@pytest.mark.parametrize("modality", Modality)
@pytest.mark.parametrize(
    "kind",
    [
        (RelationAttested, {"predicate": "supports", **PAIR}),
        (RelationEnded, {"predicate": "supports", **PAIR}),
        (SupportExtended, {"supporter": "ann", "beneficiary": "bob", "means": "arms"}),
        (MeetingHeld, {"participants": [{"actor": "ann"}, {"actor": "bob"}]}),
    ],
    ids=lambda kind: kind[0].__name__,
)
def test_only_what_is_asserted_makes_a_relation(kind: Any, modality: Modality) -> None:
    said = report(kind[0], modality=modality, **kind[1])
    assert bool(told(said)) is (modality is Modality.ASSERTED)


@pytest.mark.parametrize("modality", Modality)
def test_saying_is_a_fact_whatever_is_said(modality: Modality) -> None:
    call = report(StatementMade, act="directive", addressees=["bob"], modality=modality, **SAID)
    unsaid = {Modality.NEGATED, Modality.COUNTERFACTUAL}
    assert bool(told(call)) is (modality not in unsaid)


@pytest.mark.parametrize("modality", Modality)
def test_deal_that_somebody_is_after_is_sought(modality: Modality) -> None:
    deal = report(DealSought, seeker="ann", counterpart="bob", modality=modality)
    sought = {Modality.ASSERTED, Modality.REQUESTED, Modality.INTENDED, Modality.HOPED}
    assert bool(told(deal)) is (modality in sought)


@pytest.mark.parametrize("act", ["assertive", "expressive", "declarative"])
def test_other_statements_make_no_relation(act: str) -> None:
    said = report(StatementMade, act=act, addressees=["bob"], commits_to="peace", **SAID)
    assert told(said) == []


def test_pledge_of_peace_speaks_neither_for_nor_against_support() -> None:
    pledge = report(StatementMade, act="commissive", commits_to="peace", about=["bob"], **SAID)
    assert {c.predicate for c in contributions(pledge)} == {Predicate.COMMITTED_TO}


@pytest.mark.parametrize(
    "said",
    [
        report(ClashReported, sides=["ann", "ann"]),
        report(MeetingHeld, participants=[{"actor": "ann"}, {"actor": "ann"}]),
        report(StatementMade, act="directive", addressees=["ann"], **SAID),
        report(RelationAttested, subject="ann", predicate="leads", object="ann"),
        report(AgreementReached, agreement="x", parties=["ann", "ann"], ends_hostilities=True),
    ],
    ids=lambda said: said.kind,
)
def test_nobody_stands_in_a_relation_to_themselves(said: AnyReport) -> None:
    assert told(said) == []


def test_contribution_carries_whose_words_how_sure_and_when() -> None:
    context = {"attribution": said_by("cy"), "certainty": "possible", "when": attested("2020")}
    (said,) = contributions(report(RelationAttested, predicate="backs", **PAIR, **context))
    assert (said.claimed_by, said.certainty) == ("cy", Certainty.POSSIBLE)
    assert said.when is not None
    assert said.when.edtf == "2020"


def test_own_statement_is_no_claim() -> None:
    own = {"act": "directive", "addressees": ["bob"], **SAID}
    (said,) = contributions(report(StatementMade, attribution=said_by("ann"), **own))
    (retold,) = contributions(report(StatementMade, attribution=said_by("cy"), **own))
    assert (said.claimed_by, retold.claimed_by) == (None, "cy")


def test_seats_of_one_actor_are_counted_together() -> None:
    seats = [
        {"selector": "gna", "number": 5, "rank": "officers"},
        {"selector": "gna", "number": 2, "rank": "judges"},
    ]
    (said,) = contributions(report(CommissionFormed, body="jmc", seats=seats))
    assert (said.subject, said.seats) == ("gna", 7)


def test_deal_carries_its_worth() -> None:
    worth = {"sectors": ["energy"], "amount_min": 1, "amount_max": 5, "currency": "USD"}
    (said,) = contributions(report(DealSought, seeker="ann", counterpart="bob", **worth))
    assert said.sectors == ("energy",)
    assert (said.amount_min, said.amount_max, said.currency) == (1, 5, "USD")


def test_support_carries_its_means_and_ways() -> None:
    ways = {"means": "arms", "via": "cy", "on_behalf_of": "dee"}
    (said,) = contributions(report(SupportExtended, supporter="ann", beneficiary="bob", **ways))
    assert (said.means, said.via, said.on_behalf_of) == ("arms", "cy", "dee")
