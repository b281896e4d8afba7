"""Which bodies and seats are shown after each kind of event?"""

from typing import Any

import orjson
import pytest

from events.actor import MergeActors
from events.article_commands import CorrectReport, RetractReport
from events.occurrences import CommissionFormed, SessionOpened
from events.vocabulary import AnyReport
from projections.commissions import Commission, CommissionGround, Seat
from projections.versioned import Row
from tests.histories import SLUG, History, current, folded, occurred, report, versions

ACTORS = ("ann", "bob", "cy", "jmc", "ldf")
FIVE_AND_TWO = [{"selector": "ann", "number": 5}, {"selector": "bob", "number": 2}]


def told(*reports: AnyReport) -> History:
    return History().article().actors(*ACTORS).reports(*reports)


def formed(ref: str = "formed", **more: Any) -> CommissionFormed:
    return report(CommissionFormed, ref, **{"body": "jmc", "seats": FIVE_AND_TWO} | more)


def opened(ref: str = "opened", **more: Any) -> SessionOpened:
    return report(SessionOpened, ref, **{"body": "jmc"} | more)


def correct(ref: str, **changes: Any) -> CorrectReport:
    return CorrectReport(SLUG, ref, changes, "misread")


def retract(ref: str) -> RetractReport:
    return RetractReport(SLUG, ref, "misread")


def bodies(history: History) -> dict[str, Row]:
    return current(folded(history.records), Commission)


def seats(history: History) -> list[tuple[str, str, int]]:
    held = current(folded(history.records), Seat).values()
    return [(row["commission"], row["selector"], row["number"]) for row in held]


def grounds(history: History) -> list[str]:
    held = current(folded(history.records), CommissionGround).values()
    said = sorted(held, key=lambda row: row["position"])
    return [f"{row['effect']} {row['target']}: {row['rule']}" for row in said]


def test_body_is_shown_with_its_seats_since_it_was_formed() -> None:
    history = told(formed(when=occurred("2020?-02")))
    (body,) = bodies(history).values()
    assert (body["key"], body["position"]) == ("jmc", 7)
    assert orjson.loads(body["formed"])["edtf"] == "2020?-02"
    assert (body["formed_earliest"], body["formed_latest"]) == ("2020-02-01", "2020-02-29")
    assert seats(history) == [("jmc", "ann", 5), ("jmc", "bob", 2)]
    assert grounds(history) == ["opened jmc: the body is formed"]


def test_body_may_be_known_from_its_session_alone() -> None:
    history = told(opened(place="Tunis"), formed(when=occurred("2020-02")))
    (body,) = bodies(history).values()
    assert (body["place"], body["formed_latest"], body["position"]) == ("Tunis", "2020-02-29", 7)
    assert grounds(history) == [
        "opened jmc: a session of the body is opened",
        "confirmed jmc: the body is formed",
    ]


def test_what_was_known_first_stays() -> None:
    history = told(formed(when=occurred("2020")), formed("again", when=occurred("2021")))
    history.reports(opened(place="Tunis"), opened("later", place="Geneva"))
    (body,) = bodies(history).values()
    assert (body["formed_earliest"], body["place"]) == ("2020-01-01", "Tunis")
    assert len(seats(history)) == 2


def test_seats_of_one_actor_are_told_apart_by_their_order() -> None:
    ranks = [
        {"selector": "ann", "number": n, "rank": r} for n, r in ((5, "officers"), (2, "judges"))
    ]
    rows = current(folded(told(formed(seats=ranks)).records), Seat).values()
    assert [(row["number"], row["rank"]) for row in rows] == [(5, "officers"), (2, "judges")]


@pytest.mark.parametrize("modality", ["intended", "negated", "scheduled"])
def test_body_that_is_only_planned_is_not_shown(modality: str) -> None:
    history = told(formed(modality=modality), opened(modality=modality))
    assert (bodies(history), seats(history), grounds(history)) == ({}, [], [])


def test_body_goes_with_its_only_report() -> None:
    history = told(formed()).do(retract("formed"))
    assert (bodies(history), seats(history), grounds(history)) == ({}, [], [])


def test_body_is_shown_as_what_is_left_says() -> None:
    history = told(formed(), opened(place="Tunis")).do(retract("formed"))
    (body,) = bodies(history).values()
    assert (body["place"], body["formed"], body["position"]) == ("Tunis", None, 8)
    assert seats(history) == []
    assert grounds(history) == ["opened jmc: a session of the body is opened"]


def test_correction_changes_the_seats() -> None:
    history = told(formed()).do(correct("formed", seats=[{"selector": "cy", "number": 3}]))
    assert seats(history) == [("jmc", "cy", 3)]


def test_correction_moves_a_report_to_another_body() -> None:
    history = told(formed(), opened()).do(correct("opened", body="ldf"))
    assert bodies(history).keys() == {"jmc", "ldf"}
    assert grounds(history) == [
        "opened jmc: the body is formed",
        "opened ldf: a session of the body is opened",
    ]


def test_correction_of_something_else_writes_nothing() -> None:
    history = told(formed()).do(correct("formed", note="the second sentence"))
    rows = folded(history.records)
    assert [len(versions(rows, model)) for model in (Commission, Seat, CommissionGround)] == [
        1,
        2,
        1,
    ]


def test_bodies_that_are_the_same_become_one() -> None:
    history = told(formed(), opened(body="ldf", place="Tunis"))
    history.do(MergeActors("ldf", "jmc", "the same"))
    (body,) = bodies(history).values()
    assert (body["key"], body["place"]) == ("jmc", "Tunis")
    assert len(grounds(history)) == 2


def test_seats_of_merged_selectors_are_all_there() -> None:
    history = told(formed()).do(MergeActors("bob", "ann", "the same"))
    assert seats(history) == [("jmc", "ann", 5), ("jmc", "ann", 2)]
