"""What does the timeline say after each kind of event?"""

from typing import Any

import orjson
import pytest

from events.actor import MergeActors
from events.article_commands import CorrectArticle, CorrectReport, RetractReport
from events.occurrences import MeetingHeld, MessageSent, StatementMade
from events.vocabulary import AnyReport, payload_of
from projections.mentions import Mention
from projections.reports import Report, ReportGround
from projections.versioned import Row
from tests.histories import (
    SLUG,
    History,
    attested,
    current,
    folded,
    occurred,
    quote,
    report,
    said_by,
    versions,
)

SENT = report(MessageSent, sender="ann", recipients=["bob", "cy"])
KEY = "oslo/it"


def told(*reports: AnyReport) -> History:
    return (
        History()
        .article(published="2020-12-30")
        .actors("ann", "bob", "cy", "dee")
        .reports(*reports)
    )


def correct(**changes: Any) -> CorrectReport:
    return CorrectReport(SLUG, "it", changes, "misread", "editor")


RETRACT = RetractReport(SLUG, "it", "misread", "editor")


def merge(slug: str, into: str) -> MergeActors:
    return MergeActors(slug, into, "the same")


def shown(history: History) -> Row:
    return current(folded(history.records), Report)[KEY]


def said(history: History) -> dict[str, Any]:
    payload: dict[str, Any] = orjson.loads(shown(history)["payload"])
    return payload


def mentions(history: History) -> set[tuple[str, str]]:
    """(field, actor) of the report's mentions, of those by a field."""
    held = current(folded(history.records), Mention).values()
    return {(row["field"], row["actor"]) for row in held if row["field"] != "*"}


def grounds(history: History) -> list[str]:
    held = current(folded(history.records), ReportGround).values()
    of_it = sorted((row for row in held if row["target"] == KEY), key=lambda r: r["position"])
    return [f"{row['effect']}: {row['rule']}" for row in of_it]


def test_report_is_shown_as_it_was_recorded() -> None:
    history = told(SENT)
    row = shown(history)
    assert (row["article"], row["ref"], row["kind"]) == (SLUG, "it", "MessageSent")
    assert (row["position"], row["retracted"], row["corrections"]) == (6, False, "[]")
    assert said(history) == payload_of(SENT)


@pytest.mark.parametrize(
    ("when", "day", "earliest", "latest"),
    [
        (None, "2020-12-30", None, None),
        (occurred("2020-02"), "2020-02-01", "2020-02-01", "2020-02-29"),
        (attested("[..2020-12-24]"), "2020-12-24", None, "2020-12-24"),
        (occurred("2020-07-01/.."), "2020-07-01", "2020-07-01", None),
    ],
)
def test_report_stands_in_time_where_it_may_first_have_happened(
    when: Any, day: str, earliest: str | None, latest: str | None
) -> None:
    row = shown(told(report(MessageSent, sender="ann", when=when)))
    assert (row["day"], row["earliest"], row["latest"]) == (day, earliest, latest)


def test_undated_report_moves_with_the_day_of_publication() -> None:
    dated = report(MessageSent, "dated", sender="ann", when=occurred("2020"))
    history = told(SENT, dated).do(CorrectArticle(SLUG, {"published": "2021-01-02"}, "wrong"))
    rows = folded(history.records)
    days = {key: row["day"] for key, row in current(rows, Report).items()}
    assert days == {KEY: "2021-01-02", "oslo/dated": "2020-01-01"}
    assert {row["day"] for row in current(rows, Mention).values()} == set(days.values())


def test_every_actor_that_a_report_names_is_mentioned_by_its_field() -> None:
    met = report(
        MeetingHeld,
        participants=[{"actor": "ann"}, {"actor": "bob"}],
        attribution=said_by("cy"),
        mentions=["ann", "dee"],
    )
    assert mentions(told(met)) == {
        ("participants.actor", "ann"),
        ("participants.actor", "bob"),
        ("attribution.speaker", "cy"),
        ("mentions", "ann"),
        ("mentions", "dee"),
    }


def test_each_actor_is_mentioned_once_by_the_report_as_a_whole() -> None:
    own = {"act": "assertive", "direct": True, "content": "x", "about": ["ann"]}
    history = told(report(StatementMade, speaker="ann", attribution=said_by("ann"), **own))
    held = current(folded(history.records), Mention).values()
    assert [row["actor"] for row in held if row["field"] == "*"] == ["ann"]


# Correction and retraction


def test_report_is_shown_corrected_and_remembers_the_corrections() -> None:
    history = told(SENT).do(correct(content="peace"), correct(content=None, sender="dee"))
    assert said(history) == payload_of(SENT) | {"sender": "dee"}
    first, second = orjson.loads(shown(history)["corrections"])
    assert (first["position"], first["changes"], first["by"]) == (7, {"content": "peace"}, "editor")
    assert second["changes"] == {"content": None, "sender": "dee"}


def test_corrected_report_mentions_whom_it_names_now() -> None:
    history = told(SENT).do(correct(sender="dee", recipients=["ann"]))
    assert mentions(history) == {("sender", "dee"), ("recipients", "ann")}


def test_corrected_date_moves_a_report() -> None:
    assert shown(told(SENT).do(correct(when=occurred("2019"))))["day"] == "2019-01-01"


def test_retracted_report_is_marked_and_stays() -> None:
    history = told(SENT).do(RETRACT)
    row = shown(history)
    assert row["retracted"]
    assert orjson.loads(row["retraction"])["reason"] == "misread"
    assert said(history) == payload_of(SENT)
    assert all(row["retracted"] for row in current(folded(history.records), Mention).values())


def test_report_says_why_it_reads_so() -> None:
    history = told(SENT).do(correct(content="peace"), RETRACT)
    assert grounds(history) == [
        "opened: the article reports it",
        "changed: the report is corrected: misread",
        "closed: the report is retracted: misread",
    ]


def test_reason_quotes_the_words_as_corrected() -> None:
    words = quote("Dee wrote to both")
    history = told(SENT).do(correct(evidence=[words.model_dump()]))
    rows = current(folded(history.records), ReportGround).values()
    assert [orjson.loads(row["evidence"])[0]["exact"] for row in rows] == ["Ann met", words.exact]


def test_past_of_a_report_is_kept() -> None:
    history = told(SENT).do(correct(content="peace"), RETRACT)
    held = versions(folded(history.records), Report)
    spans = [(version["from_position"], version["retracted"]) for version in held]
    assert spans == [(6, False), (7, False), (8, True)]


# Merged actors


def test_report_names_the_actor_that_stands_for_both() -> None:
    history = told(SENT).do(merge("bob", "dee"))
    assert said(history)["recipients"] == ["dee", "cy"]
    assert orjson.loads(shown(history)["said"])["recipients"] == ["bob", "cy"]
    assert mentions(history) == {("sender", "ann"), ("recipients", "dee"), ("recipients", "cy")}


def test_report_without_merged_actors_has_said_nothing_else() -> None:
    history = told(SENT).do(merge("dee", "bob"))
    assert shown(history)["said"] is None
    assert len(versions(folded(history.records), Report)) == 1


def test_report_after_the_merge_is_recorded_as_it_was_said() -> None:
    history = told().do(merge("bob", "dee")).reports(SENT)
    assert said(history)["recipients"] == ["dee", "cy"]
    assert orjson.loads(shown(history)["said"]) == payload_of(SENT)


def test_correction_changes_what_was_said() -> None:
    history = told(SENT).do(merge("bob", "dee"), correct(recipients=["bob"]))
    assert said(history)["recipients"] == ["dee"]
    assert orjson.loads(shown(history)["said"])["recipients"] == ["bob"]


def test_retracted_report_names_the_other_actor_too() -> None:
    history = told(SENT).do(RETRACT, merge("bob", "dee"))
    assert said(history)["recipients"] == ["dee", "cy"]
    assert shown(history)["retracted"]


def test_chain_of_merges_keeps_what_was_said() -> None:
    history = told(SENT).do(merge("bob", "dee"), merge("dee", "ann"))
    assert said(history)["recipients"] == ["ann", "cy"]
    assert orjson.loads(shown(history)["said"]) == payload_of(SENT)
