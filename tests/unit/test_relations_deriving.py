"""What opens, confirms and ends a relation?  Given some reports, then these relations."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from events.attestations import RelationAttested, RelationEnded, RoleAttested, RoleEnded
from events.occurrences import (
    AgreementReached,
    ClashReported,
    CommissionFormed,
    DealSought,
    MeetingHeld,
    OffensiveLaunched,
    SessionOpened,
    StatementMade,
    SupportExtended,
    SupportWithdrawn,
)
from events.vocabulary import AnyReport
from projections.relations.deriving import State, apply, unit_of
from projections.relations.rules import contributions
from projections.versioned import Row
from tests.histories import attested, occurred, relations, report, said_by

SUPPORTS = "supports.ann.bob"
HOLDS, ENDED, HAPPENED = "holds", "ended", "happened"


def attest(predicate: str, subject: str = "ann", object: str = "bob", **more: Any) -> AnyReport:
    return report(RelationAttested, subject=subject, predicate=predicate, object=object, **more)


def end(predicate: str, subject: str = "ann", object: str = "bob", **more: Any) -> AnyReport:
    return report(RelationEnded, subject=subject, predicate=predicate, object=object, **more)


def support(means: str = "arms", **more: Any) -> AnyReport:
    return report(SupportExtended, supporter="ann", beneficiary="bob", means=means, **more)


def withdraw(means: str | None = None, **more: Any) -> AnyReport:
    return report(SupportWithdrawn, supporter="ann", beneficiary="bob", means=means, **more)


def minister(holder: str, **more: Any) -> AnyReport:
    """The only foreign minister."""
    office = {"role": "office", "title": "Foreign Minister", "of": "gna", "single_seat": True}
    return report(RoleAttested, holder=holder, **office | more)


def peace(*parties: str, ends_hostilities: bool = True) -> AnyReport:
    told = {"agreement": "peace", "parties": parties, "ends_hostilities": ends_hostilities}
    return report(AgreementReached, **told)


def commit(act: str = "commissive", commits_to: str | None = "peace", **more: Any) -> AnyReport:
    said = {"speaker": "ann", "act": act, "direct": False, "content": "x"}
    return report(StatementMade, commits_to=commits_to, **said | more)


def statuses(*reports: AnyReport) -> dict[str, str]:
    return {key: row["status"] for key, row in relations(*reports).items()}


def only(*reports: AnyReport) -> Row:
    (row,) = relations(*reports).values()
    return row


def effects(*reports: AnyReport) -> list[str]:
    """What each report did, if all of them concern one unit."""
    state: State = ()
    done = []
    for position, told in enumerate(reports, 1):
        for contribution in contributions(told):
            state, outcomes = apply(state, position, contribution)
            done += [f"{outcome.effect} {outcome.relation}" for outcome in outcomes]
    return done


# Opened, confirmed, ended


@pytest.mark.parametrize("predicate", ["backs", "party_to", "present_in_economy_of", "leads"])
def test_attested_relation_holds_until_it_is_said_to_be_over(predicate: str) -> None:
    key = f"{predicate}.ann.bob"
    assert statuses(attest(predicate)) == {key: HOLDS}
    assert statuses(attest(predicate), attest(predicate)) == {key: HOLDS}
    assert statuses(attest(predicate), end(predicate)) == {key: ENDED}


def test_first_report_opens_and_the_others_confirm() -> None:
    told = [attest("supports"), support(), withdraw(), withdraw()]
    done = ["opened", "confirmed", "closed", "confirmed"]
    assert effects(*told) == [f"{effect} {SUPPORTS}" for effect in done]


def test_end_is_dated_as_it_is_told() -> None:
    row = only(attest("supports"), end("supports", when=occurred("2020-12")))
    assert orjson.loads(row["until"])["edtf"] == "2020-12"
    assert (row["until_earliest"], row["until_latest"]) == ("2020-12-01", "2020-12-31")


def test_relation_may_be_known_only_to_have_ended() -> None:
    row = only(end("present_in_economy_of", when=occurred("[..2020-12-30]")))
    assert (row["status"], row["since"], row["until_latest"]) == (ENDED, None, "2020-12-30")
    assert effects(end("supports")) == [f"closed {SUPPORTS}"]


def test_relation_that_ended_and_began_again_is_two() -> None:
    told = [attest("supports", when=occurred("2018")), end("supports", when=occurred("2019"))]
    again = attest("supports", when=occurred("2020"))
    assert statuses(*told, again) == {SUPPORTS: ENDED, f"{SUPPORTS}~2": HOLDS}
    over = end("supports", when=occurred("2021"))
    assert statuses(*told, again, over) == {SUPPORTS: ENDED, f"{SUPPORTS}~2": ENDED}


def test_what_held_before_the_end_is_the_same_episode() -> None:
    told = [end("supports", when=occurred("2020")), attest("supports", when=occurred("2019"))]
    assert statuses(*told) == {SUPPORTS: ENDED}


def test_relation_stated_to_be_over_opens_as_ended() -> None:
    row = only(attest("supports", since="2010", until="2015", when=attested("2020")))
    assert (row["status"], row["since_earliest"]) == (ENDED, "2010-01-01")
    assert row["until_latest"] == "2015-12-31"


def test_beginning_is_what_is_stated() -> None:
    assert only(attest("backs", when=attested("2020")))["since"] is None
    since = only(attest("backs", when=attested("2020")), attest("backs", since="2015"))
    assert since["since_latest"] == "2015-12-31"


def test_surest_reading_counts() -> None:
    told = [attest("backs", certainty=each) for each in ("possible", "certain", "probable")]
    assert only(told[0])["certainty"] == "possible"
    assert only(*told)["certainty"] == "certain"


# Support


def test_means_of_support_add_up() -> None:
    row = only(support("arms"), support("money", via="cy"), support("arms"))
    assert (orjson.loads(row["means"]), row["via"]) == (["arms", "money"], "cy")


def test_partial_withdrawal_leaves_the_other_means() -> None:
    told = [support("arms"), support("money"), withdraw("arms")]
    row = only(*told)
    assert (row["status"], orjson.loads(row["means"])) == (HOLDS, ["money"])
    assert effects(*told)[-1] == f"changed {SUPPORTS}"


def test_withdrawal_of_the_last_means_ends_support() -> None:
    told = [support("arms"), support("money"), withdraw("arms"), withdraw("money")]
    assert statuses(*told) == {SUPPORTS: ENDED}


def test_withdrawal_without_means_ends_all_support() -> None:
    assert statuses(support("arms"), support("money"), withdraw()) == {SUPPORTS: ENDED}


def test_pledge_of_peace_does_not_end_support() -> None:
    told = [support(), commit(about=["bob"], modality="intended")]
    assert statuses(*told) == {SUPPORTS: HOLDS, "committed_to.ann.peace": HOLDS}


def test_support_has_its_direction() -> None:
    other = attest("supports", "bob", "ann")
    assert statuses(support(), other, withdraw()) == {SUPPORTS: ENDED, "supports.bob.ann": HOLDS}


# War and peace


@pytest.mark.parametrize(
    "told",
    [
        attest("at_war_with"),
        report(OffensiveLaunched, attacker="ann", target="bob"),
        report(ClashReported, sides=["ann", "bob"]),
    ],
    ids=lambda told: told.kind,
)
def test_war_holds_until_the_named_parties_agree(told: AnyReport) -> None:
    war = "at_war_with.ann.bob"
    assert statuses(told) == {war: HOLDS}
    assert statuses(told, peace()) == {war: HOLDS}
    assert statuses(told, peace("ann", "cy")) == {war: HOLDS}
    assert statuses(told, peace("ann", "bob", ends_hostilities=False)) == {war: HOLDS}
    assert statuses(told, peace("cy", "bob", "ann")) == {war: ENDED}


def test_agreement_ends_rivalry_too() -> None:
    told = [attest("rival_of"), attest("at_war_with"), peace("bob", "ann")]
    assert set(statuses(*told).values()) == {ENDED}


def test_agreement_of_those_who_did_not_fight_is_no_relation() -> None:
    assert statuses(peace("ann", "bob")) == {}
    assert effects(peace("ann", "bob")) == []


def test_clash_after_the_peace_is_a_war_of_its_own() -> None:
    war = "at_war_with.ann.bob"
    clash = report(ClashReported, sides=["bob", "ann"], when=occurred("2021"))
    told = [attest("at_war_with"), peace("ann", "bob"), clash]
    assert statuses(*told) == {war: ENDED, "at_war_with.bob.ann~2": HOLDS}


@pytest.mark.parametrize("predicate", ["rival_of", "at_war_with"])
def test_symmetric_relation_is_one_whichever_way_round(predicate: str) -> None:
    told = [attest(predicate), attest(predicate, "bob", "ann")]
    assert statuses(*told) == {f"{predicate}.ann.bob": HOLDS}
    assert statuses(*told, end(predicate, "bob", "ann")) == {f"{predicate}.ann.bob": ENDED}


# Offices


def test_successor_ends_the_predecessor_in_a_single_seat() -> None:
    told = [minister("ann", when=attested("2019")), minister("bob", when=attested("2020-06-01"))]
    ann, bob = relations(*told).values()
    assert (ann["subject"], ann["status"], bob["status"]) == ("ann", ENDED, HOLDS)
    until = orjson.loads(ann["until"])
    assert (until["edtf"], until["basis"]) == ("[..2020-06-01]", "inferred")


def test_successor_that_is_recorded_first_still_ends_the_predecessor() -> None:
    told = [minister("bob", when=attested("2020-06-01")), minister("ann", when=attested("2019"))]
    bob, ann = relations(*told).values()
    assert (ann["subject"], ann["status"], bob["status"]) == ("ann", ENDED, HOLDS)
    assert orjson.loads(ann["until"])["edtf"] == "[..2020-06-01]"


@pytest.mark.parametrize("order", [*permutations([2018, 2019, 2020])])
def test_last_of_three_holds_the_seat_in_whatever_order_they_are_recorded(
    order: tuple[int, ...],
) -> None:
    told = [minister(f"of-{year}", when=attested(str(year))) for year in order]
    held = {row["subject"]: row["status"] for row in relations(*told).values()}
    assert held == {"of-2018": ENDED, "of-2019": ENDED, "of-2020": HOLDS}


def test_undated_successor_ends_the_predecessor() -> None:
    ann, bob = relations(minister("ann", when=attested("2019")), minister("bob")).values()
    assert (ann["status"], ann["until"], bob["status"]) == (ENDED, None, HOLDS)


def test_succession_is_told_of_both() -> None:
    told = [minister("ann"), minister("bob")]
    stem = "holds_office.{}.gna.foreign-minister"
    ann, bob = (stem.format(holder) for holder in ("ann", "bob"))
    assert effects(*told) == [f"opened {ann}", f"opened {bob}", f"closed {ann}"]


def test_former_holder_does_not_end_the_present_one() -> None:
    former = minister("bob", until="2001", when=attested("2020"))
    bob, ann = relations(former, minister("ann", when=attested("2019"))).values()
    assert (ann["status"], bob["status"]) == (HOLDS, ENDED)
    ann, bob = relations(minister("ann", when=attested("2019")), former).values()
    assert (ann["status"], bob["status"]) == (HOLDS, ENDED)


def test_office_of_many_seats_has_many_holders() -> None:
    told = [minister(holder, single_seat=False) for holder in ("ann", "bob")]
    assert set(statuses(*told).values()) == {HOLDS}


def test_one_seat_leaves_room_for_one() -> None:
    told = [minister("ann", single_seat=False), minister("bob", single_seat=False), minister("cy")]
    assert [row["status"] for row in relations(*told).values()] == [ENDED, ENDED, HOLDS]


def test_holder_is_followed_by_the_next_one() -> None:
    later = [
        minister(f"of-{year}", when=attested(str(year)), single_seat=False) for year in (2020, 2019)
    ]
    *_, first = relations(*later, minister("of-2018", when=attested("2018"))).values()
    assert (first["subject"], first["until_latest"]) == ("of-2018", "2019-01-01")


def test_role_ends_whether_or_not_it_was_said_to_be_a_single_seat() -> None:
    over = {"holder": "ann", "role": "office", "title": "foreign minister", "of": "gna"}
    for single_seat in (True, False):
        told = [minister("ann", single_seat=single_seat), report(RoleEnded, **over)]
        assert statuses(*told) == {"holds_office.ann.gna.foreign-minister": ENDED}


def test_title_tells_offices_apart_but_not_its_spelling() -> None:
    told = [minister("ann"), minister("ann", title="FOREIGN minister"), minister("bob", title="PM")]
    assert statuses(*told) == {
        "holds_office.ann.gna.foreign-minister": HOLDS,
        "holds_office.bob.gna.pm": HOLDS,
    }


def test_title_that_is_a_number_is_no_episode() -> None:
    held = {"holder": "ann", "role": "office", "of": "gna"}
    numbered = report(RoleAttested, title="2", **held)
    one, over = report(RoleAttested, **held), report(RoleEnded, **held)
    assert len(relations(one, over, one, numbered)) == 3


def test_members_do_not_succeed_one_another() -> None:
    ann, bob = (
        report(RoleAttested, holder=each, role="membership", of="gna") for each in ("ann", "bob")
    )
    assert statuses(ann, bob) == {"member_of.ann.gna": HOLDS, "member_of.bob.gna": HOLDS}


# Bodies, deals, commitments


def test_body_has_its_seats_since_it_was_formed() -> None:
    seats = [{"selector": "ann", "number": 5}]
    row = only(report(CommissionFormed, body="jmc", seats=seats, when=occurred("2020?-02")))
    assert (row["key"], row["status"], row["seats"]) == ("appoints_to.ann.jmc", HOLDS, 5)
    assert (row["since_earliest"], row["since_latest"]) == ("2020-02-01", "2020-02-29")


def test_session_shows_who_takes_part() -> None:
    told = report(SessionOpened, body="ldf", participants="members", attendance=75)
    row = only(told, end("participates_in", "members", "ldf"))
    assert (row["key"], row["status"]) == ("participates_in.members.ldf", ENDED)
    assert (only(told)["status"], only(told)["seats"]) == (HOLDS, 75)


def test_deal_gathers_what_is_known_of_it() -> None:
    sought = {"seeker": "ann", "counterpart": "bob"}
    row = only(
        report(DealSought, sectors=["building"], modality="intended", **sought),
        report(DealSought, sectors=["energy", "building"], **sought),
        report(DealSought, amount_max=5, currency="USD", **sought),
    )
    assert row["key"] == "seeks_deal_with.ann.bob"
    assert orjson.loads(row["sectors"]) == ["building", "energy"]
    assert (row["amount_min"], row["amount_max"], row["currency"]) == (None, 5, "USD")


def test_commitment_ends_when_that_is_said() -> None:
    key = "committed_to.ann.peace"
    assert statuses(commit(), end("party_to", "ann", "peace"))[key] == HOLDS
    assert statuses(commit(), end("committed_to", "ann", "peace"))[key] == ENDED


# Occasions


def test_meetings_and_calls_happen_and_never_end() -> None:
    met = report(MeetingHeld, participants=[{"actor": "ann"}, {"actor": "bob"}])
    again = report(MeetingHeld, participants=[{"actor": "bob"}, {"actor": "ann"}])
    call = commit(act="directive", addressees=["bob"], commits_to=None)
    told = [met, call, again, call, end("met_with"), end("called_on")]
    assert statuses(*told) == {"met_with.ann.bob": HAPPENED, "called_on.ann.bob": HAPPENED}


def test_each_meeting_counts() -> None:
    met = report(MeetingHeld, participants=[{"actor": "ann"}, {"actor": "bob"}])
    told = [met, attest("met_with"), met]
    assert effects(*told) == [f"{each} met_with.ann.bob" for each in ("opened", *["confirmed"] * 2)]


# Claims


@pytest.mark.parametrize(
    ("voices", "claimant"),
    [
        ([None], None),
        (["cy"], "cy"),
        (["cy", "cy"], "cy"),
        (["cy", "dee"], "cy"),
        (["cy", None], None),
        ([None, "cy"], None),
        (["cy", None, "cy"], None),
    ],
)
def test_relation_is_claimed_while_it_is_known_from_words_alone(
    voices: list[str | None], claimant: str | None
) -> None:
    told = [attest("backs", attribution=said_by(each) if each else {}) for each in voices]
    assert only(*told)["claimed_by"] == claimant


# Units


def test_all_that_can_touch_a_relation_is_of_one_unit() -> None:
    told = [support(), attest("supports"), withdraw("arms"), end("supports")]
    assert len({unit_of(each) for one in told for each in contributions(one)}) == 1


def test_offices_are_units_and_members_are_not() -> None:
    def unit(role: str, holder: str) -> str:
        (said,) = contributions(report(RoleAttested, holder=holder, role=role, of="gna"))
        return unit_of(said)

    assert unit("office", "ann") == unit("office", "bob")
    assert unit("membership", "ann") != unit("membership", "bob")
