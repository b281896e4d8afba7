"""What may be undone, what may be disputed, and what is refused?"""

from functools import reduce
from typing import Any

import pytest

from events.actor import MergeActors, UndoMerge
from events.article import decide
from events.article_commands import (
    ArticleCommand,
    RecordDispute,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.article_state import ArticleState, evolve
from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
from events.occurrences import DealSought, MeetingHeld, MessageSent
from events.refusals import (
    AlreadyExists,
    AlreadyRetracted,
    Malformed,
    MergeRefused,
    NothingToChange,
    Refusal,
    UnknownArticle,
    UnknownReport,
)
from events.vocabulary import AnyEvent
from tests.histories import SLUG, Given, History, ingested, report

MET = report(MeetingHeld, "met", participants=[{"actor": "ann"}, {"actor": "bob"}])
SENT = report(MessageSent, "sent", sender="dee")
PAST = (ingested(), MET, SENT)
OTHER = (ingested(), report(MessageSent, "letter", sender="dee"))
RETRACTED = ReportRetracted(target="met", reason="misread")
DISPUTED = DisputeRecorded(target="met", against="bergen/letter", reason="at odds", by="editor")
SETTLED = DisputeSettled(target="met", against="bergen/letter", reason="clear", by="editor")


def given(*events: AnyEvent, bergen: tuple[AnyEvent, ...] = OTHER) -> Given[ArticleCommand]:
    """A decider after some events of the article, and of another one."""
    articles = {
        slug: reduce(evolve, past, ArticleState(slug))
        for slug, past in {SLUG: (*PAST, *events), "bergen": bergen}.items()
    }
    return Given(
        lambda command: decide(
            command, articles[command.slug], {"ann", "bob", "cy", "dee"}, articles
        )
    )


def corrected(**changes: Any) -> ReportCorrected:
    return ReportCorrected(target="met", changes=changes, reason="misread")


def undone(correction: int, **changes: Any) -> CorrectionUndone:
    return CorrectionUndone(
        target="met", correction=correction, changes=changes, reason="right", by="editor"
    )


def undo(correction: int = 1) -> UndoCorrection:
    return UndoCorrection(SLUG, "met", correction, "right", "editor")


def dispute(target: str = "met", against: str = "bergen/letter") -> RecordDispute:
    return RecordDispute(SLUG, target, against, "at odds", "editor")


def settle(target: str = "met", against: str = "bergen/letter") -> SettleDispute:
    return SettleDispute(SLUG, target, against, "clear", "editor")


# Corrections


def test_correction_is_undone() -> None:
    given(corrected(place="Oslo")).when(undo()).then(undone(1, place=None))


def test_what_was_corrected_before_holds_again() -> None:
    past = corrected(place="Oslo"), corrected(place="Bergen", channel="phone")
    given(*past).when(undo(2)).then(undone(2, place="Oslo", channel=None))


def test_later_corrections_go_on_to_hold() -> None:
    past = corrected(place="Oslo", channel="phone"), corrected(place="Bergen")
    given(*past).when(undo(1)).then(undone(1, place="Bergen", channel=None))


def test_report_without_any_correction_is_as_it_was_recorded() -> None:
    past = corrected(place="Oslo"), corrected(place="Bergen"), undone(1, place="Bergen")
    given(*past).when(undo(2)).then(undone(2, place=None))


def test_correction_is_undone_once() -> None:
    past = corrected(place="Oslo"), undone(1, place=None)
    given(*past).when(undo()).refused(NothingToChange, "correction 1 of report 'met' was undone")


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_correction_that_there_is_not_is_not_undone(number: int) -> None:
    given(corrected(place="Oslo")).when(undo(number)).refused(Malformed, "has 1 corrections")


def test_correction_on_which_a_later_one_builds_is_not_undone() -> None:
    parties = {"seeker": "ann", "counterpart": "bob", "sectors": ["energy"]}
    deal = report(DealSought, "deal", **parties, amount_max=5, currency="USD")
    past = [
        ReportCorrected(target="deal", changes={name: value}, reason="misread")
        for name, value in {"amount_max": 9, "amount_min": 7}.items()
    ]
    command = UndoCorrection(SLUG, "deal", 1, "right")
    given(deal, *past).when(command).refused(Malformed, "correction 2 does not hold without it")


def test_correction_of_a_retracted_report_is_not_undone() -> None:
    past = corrected(place="Oslo"), RETRACTED
    given(*past).when(undo()).refused(AlreadyRetracted, "'met' was retracted")


# Retractions


def test_retraction_is_undone() -> None:
    expected = RetractionUndone(target="met", reason="right", by="editor")
    given(RETRACTED).when(UndoRetraction(SLUG, "met", "right", "editor")).then(expected)


def test_report_that_stands_again_can_be_retracted_again() -> None:
    past = RETRACTED, RetractionUndone(target="met", reason="right")
    given(*past).when(RetractReport(SLUG, "met", "misread")).then(RETRACTED)


def test_only_a_retraction_is_undone() -> None:
    command = UndoRetraction(SLUG, "met", "right")
    given().when(command).refused(NothingToChange, "'met' is not retracted")


def test_retraction_of_an_unknown_report_is_not_undone() -> None:
    command = UndoRetraction(SLUG, "gone", "right")
    given().when(command).refused(UnknownReport, "'oslo' has no report 'gone'")


# Disputes


def test_dispute_is_recorded() -> None:
    given().when(dispute()).then(DISPUTED)


def test_reports_of_one_article_can_contradict_each_other() -> None:
    given().when(dispute(against="oslo/sent")).then(
        DisputeRecorded(target="met", against="oslo/sent", reason="at odds", by="editor")
    )


@pytest.mark.parametrize(
    ("command", "refusal", "words"),
    [
        (dispute("gone"), UnknownReport, "'oslo' has no report 'gone'"),
        (dispute(against="bergen/gone"), UnknownReport, "'bergen' has no report 'gone'"),
        (dispute(against="nowhere/it"), UnknownArticle, "name the other report as article/ref"),
        (dispute(against="sent"), UnknownArticle, "name the other report as article/ref"),
        (dispute(against="oslo/met"), Malformed, "cannot contradict itself"),
        (settle(), NothingToChange, "no open dispute between 'met' and 'bergen/letter'"),
    ],
)
def test_dispute_is_refused(command: ArticleCommand, refusal: type[Refusal], words: str) -> None:
    given().when(command).refused(refusal, words)


def test_retracted_report_is_not_disputed() -> None:
    given(RETRACTED).when(dispute()).refused(AlreadyRetracted, "'met' was retracted")


@pytest.mark.parametrize(
    "again", [dispute(), RecordDispute("bergen", "letter", "oslo/met", "at odds")]
)
def test_dispute_is_recorded_once_from_either_side(again: RecordDispute) -> None:
    given(DISPUTED).when(again).refused(AlreadyExists, "is recorded already")


def test_dispute_is_settled() -> None:
    given(DISPUTED).when(settle()).then(SETTLED)


def test_dispute_is_settled_from_the_other_side() -> None:
    expected = DisputeSettled(target="letter", against="oslo/met", reason="clear")
    given(DISPUTED).when(SettleDispute("bergen", "letter", "oslo/met", "clear")).then(expected)


def test_settled_dispute_can_break_out_again_and_be_settled_again() -> None:
    given(DISPUTED, SETTLED).when(dispute()).then(DISPUTED)
    given(DISPUTED, SETTLED, DISPUTED).when(settle()).then(SETTLED)
    given(DISPUTED, SETTLED).when(settle()).refused(NothingToChange, "no open dispute")


def test_dispute_over_a_report_that_was_retracted_meanwhile_is_settled() -> None:
    given(DISPUTED, RETRACTED).when(settle()).then(SETTLED)


# Merges


def test_merge_is_undone() -> None:
    history = History().actors("ann", "bob").do(MergeActors("ann", "bob", "the same"))
    history.do(UndoMerge("ann", "two after all", "editor"))
    event = history.records[-1].event
    assert (event.kind, history.records[-1].stream) == ("MergeUndone", "actor/ann")
    history.do(MergeActors("bob", "ann", "the other way round"))


def test_only_a_merge_is_undone() -> None:
    with pytest.raises(MergeRefused, match="'ann' is not merged into another one"):
        History().actors("ann").do(UndoMerge("ann", "two after all"))
