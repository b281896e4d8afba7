"""How do relations and their grounds follow when reports are corrected, retracted, or their actors merged?"""

from typing import Any

import orjson
import pytest

from events.actor import MergeActors
from events.article_commands import CorrectReport, RetractReport
from events.attestations import RelationAttested, RelationEnded, RoleAttested
from events.occurrences import ClashReported, CommissionFormed, MeetingHeld, SupportExtended
from events.vocabulary import AnyReport
from projections.relations.fold import Relation, RelationGround
from projections.versioned import Row
from tests.histories import (
    SLUG,
    History,
    attested,
    current,
    folded,
    quote,
    report,
    said_by,
    versions,
)

ACTORS = ("ann", "bob", "cy", "dee")


def told(*reports: AnyReport) -> History:
    return History().article().actors(*ACTORS).reports(*reports)


def support(ref: str, means: str = "arms", **more: Any) -> SupportExtended:
    parties = {"supporter": "ann", "beneficiary": "bob"}
    return report(SupportExtended, ref, **parties | {"means": means} | more)


def backs(ref: str, subject: str = "ann", object: str = "bob", **more: Any) -> RelationAttested:
    pair = {"subject": subject, "predicate": "backs", "object": object}
    return report(RelationAttested, ref, **pair | more)


def minister(ref: str, holder: str, year: int) -> RoleAttested:
    office = {"role": "office", "title": "minister", "of": "dee", "single_seat": True}
    return report(RoleAttested, ref, holder=holder, when=attested(str(year)), **office)


def correct(ref: str, **changes: Any) -> CorrectReport:
    return CorrectReport(SLUG, ref, changes, "misread")


def retract(ref: str) -> RetractReport:
    return RetractReport(SLUG, ref, "misread")


def merge(slug: str, into: str) -> MergeActors:
    return MergeActors(slug, into, "the same")


def shown(history: History) -> dict[str, Row]:
    return current(folded(history.records), Relation)


def statuses(history: History) -> dict[str, str]:
    return {key: row["status"] for key, row in shown(history).items()}


def grounds(history: History) -> list[str]:
    """`report effect relation` of the grounds with an effect, in the order of the reports."""
    held = current(folded(history.records), RelationGround).values()
    said = sorted((row for row in held if row["effect"]), key=lambda row: row["position"])
    return [f"{r['report'].partition('/')[2]} {r['effect']} {r['target']}" for r in said]


def test_ground_says_which_event_by_which_rule_in_which_words() -> None:
    words = quote("Cy stood by")
    history = told(support("a", evidence=[words]))
    (ground,) = current(folded(history.records), RelationGround).values()
    assert (ground["target"], ground["effect"]) == ("supports.ann.bob", "opened")
    assert (ground["position"], ground["report"], ground["article"]) == (6, "oslo/a", SLUG)
    assert ground["rule"] == "support is extended"
    assert orjson.loads(ground["evidence"]) == [words.model_dump()]


def test_confirmation_is_a_ground_and_no_version() -> None:
    history = told(backs("a"), backs("b"), backs("c"))
    done = ["a opened backs.ann.bob", "b confirmed backs.ann.bob", "c confirmed backs.ann.bob"]
    assert grounds(history) == done
    assert len(versions(folded(history.records), Relation)) == 1


# Retraction


def test_relation_goes_with_its_only_ground() -> None:
    history = told(support("a")).do(retract("a"))
    assert shown(history) == {}
    assert grounds(history) == []


def test_relation_is_recomputed_from_what_is_left() -> None:
    history = told(support("a", "arms"), support("b", "money", via="cy"), support("c", "food"))
    history.do(retract("b"))
    (row,) = shown(history).values()
    assert (orjson.loads(row["means"]), row["via"]) == (["arms", "food"], None)
    assert grounds(history) == ["a opened supports.ann.bob", "c confirmed supports.ann.bob"]


def test_next_report_opens_when_the_first_is_retracted() -> None:
    history = told(support("a", certainty="certain"), support("b", certainty="possible"))
    history.do(retract("a"))
    (row,) = shown(history).values()
    assert (row["certainty"], row["position"]) == ("possible", 7)
    assert grounds(history) == ["b opened supports.ann.bob"]


def test_relation_holds_again_when_its_end_is_retracted() -> None:
    over = report(RelationEnded, "b", subject="ann", predicate="backs", object="bob")
    history = told(backs("a"), over)
    assert statuses(history) == {"backs.ann.bob": "ended"}
    assert statuses(history.do(retract("b"))) == {"backs.ann.bob": "holds"}


def test_two_episodes_become_one_when_the_end_between_them_is_retracted() -> None:
    over = report(RelationEnded, "b", subject="ann", predicate="backs", object="bob")
    history = told(backs("a"), over, backs("c"))
    assert statuses(history) == {"backs.ann.bob": "ended", "backs.ann.bob~2": "holds"}
    assert statuses(history.do(retract("b"))) == {"backs.ann.bob": "holds"}
    assert grounds(history) == ["a opened backs.ann.bob", "c confirmed backs.ann.bob"]


def test_predecessor_holds_again_when_the_successor_is_retracted() -> None:
    history = told(minister("a", "ann", 2019), minister("b", "bob", 2020))
    ann, bob = (f"holds_office.{holder}.dee.minister" for holder in ("ann", "bob"))
    assert statuses(history) == {ann: "ended", bob: "holds"}
    assert grounds(history) == [f"a opened {ann}", f"b opened {bob}", f"b closed {ann}"]
    assert statuses(history.do(retract("b"))) == {ann: "holds"}
    assert grounds(history) == [f"a opened {ann}"]


def test_claim_stands_alone_when_the_report_in_the_own_voice_is_retracted() -> None:
    history = told(backs("a"), backs("b", attribution=said_by("cy")))
    assert shown(history)["backs.ann.bob"]["claimed_by"] is None
    history.do(retract("a"))
    assert shown(history)["backs.ann.bob"]["claimed_by"] == "cy"


def test_past_keeps_what_was_shown_before_the_retraction() -> None:
    history = told(support("a")).do(retract("a"))
    (version,) = versions(folded(history.records), Relation)
    assert (version["from_position"], version["to_position"]) == (6, 7)


# Correction


def test_correction_moves_a_ground_to_another_relation() -> None:
    history = told(backs("a"), backs("b")).do(correct("b", object="cy"))
    assert statuses(history) == {"backs.ann.bob": "holds", "backs.ann.cy": "holds"}
    assert grounds(history) == ["a opened backs.ann.bob", "b opened backs.ann.cy"]


@pytest.mark.parametrize("modality", ["hoped", "negated", "requested"])
def test_correction_to_what_is_not_asserted_takes_the_relation_away(modality: str) -> None:
    history = told(backs("a")).do(correct("a", modality=modality))
    assert (shown(history), grounds(history)) == ({}, [])
    assert statuses(history.do(correct("a", modality="asserted"))) == {"backs.ann.bob": "holds"}


def test_correction_of_a_detail_changes_the_relation() -> None:
    history = told(support("a", "arms")).do(correct("a", means="drones", via="cy"))
    (row,) = shown(history).values()
    assert (orjson.loads(row["means"]), row["via"]) == (["drones"], "cy")


def test_correction_of_the_words_changes_only_the_ground() -> None:
    words = quote("Cy stood by").model_dump()
    history = told(support("a")).do(correct("a", evidence=[words]))
    rows = folded(history.records)
    (ground,) = current(rows, RelationGround).values()
    assert orjson.loads(ground["evidence"]) == [words]
    assert len(versions(rows, Relation)) == 1


def test_correction_of_what_makes_no_difference_writes_nothing() -> None:
    history = told(backs("a")).do(correct("a", note="the second sentence"))
    rows = folded(history.records)
    assert [len(versions(rows, model)) for model in (Relation, RelationGround)] == [1, 1]


def test_corrected_report_keeps_its_place_among_the_others() -> None:
    history = told(backs("a", object="cy"), backs("b")).do(correct("a", object="bob"))
    assert grounds(history) == ["a opened backs.ann.bob", "b confirmed backs.ann.bob"]


def test_correction_of_a_date_changes_who_succeeds_whom() -> None:
    history = told(minister("a", "ann", 2019), minister("b", "bob", 2020))
    history.do(correct("b", when=attested("2018")))
    held = {row["subject"]: row["status"] for row in shown(history).values()}
    assert held == {"ann": "holds", "bob": "ended"}


# Merged actors


def test_relations_of_a_merged_actor_are_those_of_the_other() -> None:
    history = told(backs("a", "cy", "bob"), support("b", via="cy", on_behalf_of="cy"))
    history.do(merge("cy", "dee"))
    rows = shown(history)
    assert rows.keys() == {"backs.dee.bob", "supports.ann.bob"}
    support_row = rows["supports.ann.bob"]
    assert (support_row["via"], support_row["on_behalf_of"]) == ("dee", "dee")
    assert grounds(history) == ["a opened backs.dee.bob", "b opened supports.ann.bob"]


def test_claimant_is_merged_too() -> None:
    history = told(backs("a", attribution=said_by("cy"))).do(merge("cy", "dee"))
    assert shown(history)["backs.ann.bob"]["claimed_by"] == "dee"


def test_relations_of_both_become_one() -> None:
    history = told(backs("a", "ann"), backs("b", "cy")).do(merge("cy", "ann"))
    assert grounds(history) == ["a opened backs.ann.bob", "b confirmed backs.ann.bob"]


def test_relation_of_an_actor_with_itself_is_dropped() -> None:
    clash = report(ClashReported, "b", sides=["ann", "bob"])
    met = report(MeetingHeld, "c", participants=[{"actor": "ann"}, {"actor": "bob"}])
    history = told(backs("a"), clash, met).do(merge("bob", "ann"))
    assert (shown(history), grounds(history)) == ({}, [])


def test_report_after_the_merge_names_the_one_who_stands_for_both() -> None:
    history = told(backs("a", "cy")).do(merge("cy", "dee")).reports(backs("b", "cy"))
    assert grounds(history) == ["a opened backs.dee.bob", "b confirmed backs.dee.bob"]


def test_correction_after_the_merge_names_the_one_who_stands_for_both() -> None:
    history = told(backs("a", "ann")).do(merge("cy", "dee"), correct("a", subject="cy"))
    assert grounds(history) == ["a opened backs.dee.bob"]


def test_chain_of_merges_ends_at_the_last() -> None:
    history = told(backs("a", "ann")).do(merge("ann", "cy"), merge("cy", "dee"))
    history.reports(backs("b", "ann"))
    assert grounds(history) == ["a opened backs.dee.bob", "b confirmed backs.dee.bob"]


def test_retracted_report_stays_without_effect_when_its_actors_are_merged() -> None:
    history = told(backs("a", "cy")).do(retract("a"), merge("cy", "dee"))
    assert (shown(history), grounds(history)) == ({}, [])


def test_seats_of_merged_selectors_are_counted_together() -> None:
    seats = [{"selector": "ann", "number": 5}, {"selector": "bob", "number": 2}]
    formed = report(CommissionFormed, "a", body="dee", seats=seats)
    (row,) = shown(told(formed).do(merge("bob", "ann"))).values()
    assert (row["key"], row["seats"]) == ("appoints_to.ann.dee", 7)
