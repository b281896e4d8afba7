"""What may happen to an article and its reports, and what is refused?"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from events.article import decide
from events.article_commands import (
    ArticleCommand,
    CorrectArticle,
    CorrectReport,
    IngestArticle,
    RecordReports,
    RetractReport,
)
from events.article_state import ArticleState, evolve
from events.attestations import RelationAttested, SituationAttested
from events.curation import ReportCorrected, ReportRetracted
from events.occurrences import MeetingHeld, MessageSent, StatementMade
from events.refusals import (
    AlreadyExists,
    AlreadyRetracted,
    Malformed,
    NothingToChange,
    QuoteNotFound,
    Refusal,
    UnknownActor,
    UnknownArticle,
    UnknownReport,
)
from events.sources import ArticleCorrected
from events.values import Certainty
from events.vocabulary import AnyEvent
from tests.histories import SLUG, TEXT, Given, ingested, quote, report, said_by

MET = report(MeetingHeld, "met", participants=[{"actor": "ann"}, {"actor": "bob"}])
SENT = report(MessageSent, "sent", sender="dee", evidence=[quote("Dee wrote to both")])
RETRACTED = ReportRetracted(target="met", reason="misread")


def given(*events: AnyEvent) -> Given[ArticleCommand]:
    """A decider that knows the actors of the text, after some events of the article's stream."""
    state = reduce(evolve, events, ArticleState(SLUG))
    return Given(lambda command: decide(command, state, {"ann", "bob", "cy", "dee"}))


def correct(**changes: Any) -> CorrectReport:
    return CorrectReport(SLUG, "met", changes, "misread", "editor")


def corrected(**changes: Any) -> ReportCorrected:
    return ReportCorrected(target="met", changes=changes, reason="misread", by="editor")


def test_article_is_ingested() -> None:
    given().when(IngestArticle(SLUG, ingested())).then(ingested())


def test_article_is_ingested_once() -> None:
    given(ingested()).when(IngestArticle(SLUG, ingested())).refused(AlreadyExists, "'oslo' exists")


def test_article_has_the_hash_of_its_text() -> None:
    other = ingested(sha256=64 * "0")
    given().when(IngestArticle(SLUG, other)).refused(Malformed, f"the text has {ingested().sha256}")


@pytest.mark.parametrize(
    "command",
    [
        CorrectArticle(SLUG, {"title": "Bob met Ann"}, "wrong"),
        RecordReports(SLUG, (MET,)),
        correct(place="Oslo"),
        RetractReport(SLUG, "met", "misread"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_article_is_ingested_before_anything_else(command: ArticleCommand) -> None:
    given().when(command).refused(UnknownArticle, "there is no article 'oslo'; ingest it first")


def test_article_is_corrected() -> None:
    command = CorrectArticle(SLUG, {"title": "Bob met Ann", "publisher": "NTB"}, "wrong", "editor")
    changes = {"title": "Bob met Ann", "publisher": "NTB"}
    given(ingested()).when(command).then(
        ArticleCorrected(changes=changes, reason="wrong", by="editor")
    )


def test_field_of_an_article_is_emptied() -> None:
    command = CorrectArticle(SLUG, {"publisher": None}, "unknown")
    event = ArticleCorrected(changes={"publisher": None}, reason="unknown")
    given(ingested(publisher="NTB")).when(command).then(event)


def test_emptied_field_that_must_say_something_says_what_it_does_by_default() -> None:
    command = CorrectArticle(SLUG, {"language": None}, "unknown")
    event = ArticleCorrected(changes={"language": "en"}, reason="unknown")
    given(ingested(language="no")).when(command).then(event)


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"title": "Ann met Bob"}, NothingToChange, "already is as the correction would make it"),
        ({"text": "Ann left."}, Malformed, "the text of an article never changes"),
        ({"sha256": 64 * "0"}, Malformed, "the text of an article never changes"),
        ({"kind": "ArticleIngested"}, Malformed, "never changes"),
        ({"titel": "Bob met Ann"}, Malformed, "titel: Extra inputs are not permitted"),
        ({"published": "2020-02-30"}, Malformed, "published: Value error"),
        ({"published": None}, Malformed, "published: Field required"),
        ({}, NothingToChange, "already is"),
    ],
)
def test_article_is_not_corrected_to(
    changes: dict[str, Any], refusal: type[Refusal], words: str
) -> None:
    given(ingested()).when(CorrectArticle(SLUG, changes, "wrong")).refused(refusal, words)


def test_reports_are_recorded() -> None:
    given(ingested()).when(RecordReports(SLUG, (MET, SENT))).then(MET, SENT)


def test_report_refers_to_one_that_is_recorded_with_it() -> None:
    links = [{"kind": "after", "report": "sent"}]
    after = report(SituationAttested, situation="a meeting", links=links)
    given(ingested()).when(RecordReports(SLUG, (after, SENT))).then(after, SENT)


@pytest.mark.parametrize(
    ("reports", "refusal", "words"),
    [
        ((), Malformed, "there is no report to record"),
        ((MET, MET), AlreadyExists, "report 'met' exists already"),
        (
            (report(MessageSent, sender="eve"),),
            UnknownActor,
            "sender of report 'it': no actor 'eve'",
        ),
        (
            (report(MessageSent, sender="dee", recipients=["ann", "eve"]),),
            UnknownActor,
            "recipients of report 'it'",
        ),
        (
            (report(SituationAttested, situation="war", attribution=said_by("eve")),),
            UnknownActor,
            "attribution.speaker of report 'it'",
        ),
        (
            (report(MessageSent, sender="dee", links=[{"kind": "after", "report": "met"}]),),
            UnknownReport,
            "links of report 'it': the article has no other report 'met'",
        ),
        (
            (report(MessageSent, sender="dee", links=[{"kind": "after", "report": "it"}]),),
            UnknownReport,
            "no other report 'it'",
        ),
    ],
)
def test_reports_are_not_recorded(
    reports: tuple[Any, ...], refusal: type[Refusal], words: str
) -> None:
    given(ingested()).when(RecordReports(SLUG, reports)).refused(refusal, words)


@pytest.mark.parametrize("earlier", [[MET], [MET, RETRACTED]], ids=["stands", "was retracted"])
def test_ref_means_one_report_for_ever(earlier: list[AnyEvent]) -> None:
    again = RecordReports(SLUG, (MET,))
    given(ingested(), *earlier).when(again).refused(AlreadyExists, "choose another ref")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exact": "Bob met Ann"}, "is not at 0..7 of the text, which reads 'Ann met' there"),
        ({"start": 1, "end": 8}, "is not at 1..8"),
        ({"start": 900, "end": 907}, "which reads '' there"),
        ({"start": 7, "end": 0}, "is not at 7..0"),
        ({"prefix": "Then "}, "is not between prefix 'Then '"),
        ({"suffix": " Cy"}, "and suffix ' Cy'"),
    ],
)
def test_quote_stands_in_the_text_to_the_character(change: dict[str, Any], words: str) -> None:
    wrong = quote("Ann met").model_copy(update=change)
    command = RecordReports(SLUG, (report(MessageSent, sender="dee", evidence=[wrong]),))
    given(ingested()).when(command).refused(QuoteNotFound, words)


def test_one_wrong_quote_refuses_all_reports() -> None:
    wrong = quote("Ann met").model_copy(update={"start": 1, "end": 8})
    second = report(MessageSent, sender="dee", evidence=[quote("Ann met"), wrong])
    given(ingested()).when(RecordReports(SLUG, (MET, second))).refused(QuoteNotFound, "1..8")


def test_report_is_corrected() -> None:
    given(ingested(), MET).when(correct(place="Oslo")).then(corrected(place="Oslo"))


def test_correction_is_recorded_in_the_form_of_the_event() -> None:
    command = correct(certainty=Certainty.POSSIBLE, topics=[{"about": "peace"}], when=None)
    topics = [{"about": "peace", "certainty": "certain"}]
    event = corrected(certainty="possible", topics=topics, when=None)
    given(ingested(), MET).when(command).then(event)


def test_correction_names_another_actor() -> None:
    participants = [{"actor": "ann"}, {"actor": "cy"}]
    told = [each | {"role": "participant"} for each in participants]
    command = correct(participants=participants)
    given(ingested(), MET).when(command).then(corrected(participants=told))


def test_correction_quotes_other_words() -> None:
    other = quote("Ann met Bob in Oslo").model_dump()
    given(ingested(), MET).when(correct(evidence=[other])).then(corrected(evidence=[other]))


def test_corrections_add_up() -> None:
    earlier = corrected(place="Oslo")
    given(ingested(), MET, earlier).when(correct(place=None)).then(corrected(place=None))
    given(ingested(), MET, earlier).when(correct(place="Oslo")).refused(NothingToChange, "'met'")


def other_words() -> dict[str, Any]:
    return quote("Ann met").model_dump() | {"exact": "Ann saw"}


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"place": None}, NothingToChange, "report 'met' already is as the correction would make"),
        ({"ref": "seen"}, Malformed, "cannot change a report's ref or kind"),
        ({"kind": "MessageSent"}, Malformed, "cannot change a report's ref or kind"),
        ({"evidence": [other_words()]}, QuoteNotFound, "'Ann saw' is not at 0..7"),
        ({"evidence": []}, Malformed, "evidence"),
        ({"mentions": ["eve"]}, UnknownActor, "mentions of report 'met': no actor 'eve'"),
        ({"participants": [{"actor": "ann"}]}, Malformed, "participants"),
        ({"participants": None}, Malformed, "participants: Field required"),
        ({"links": [{"kind": "after", "report": "met"}]}, UnknownReport, "no other report 'met'"),
        ({"links": [{"kind": "after", "report": "sent"}]}, UnknownReport, "no other report 'sent'"),
        ({"when": {"edtf": "soon", "role": "occurred", "basis": "stated"}}, Malformed, "when.edtf"),
        ({"speaker": "ann"}, Malformed, "speaker: Extra inputs are not permitted"),
    ],
)
def test_report_is_not_corrected_to(
    changes: dict[str, Any], refusal: type[Refusal], words: str
) -> None:
    given(ingested(), MET).when(correct(**changes)).refused(refusal, words)


def test_report_is_retracted() -> None:
    command = RetractReport(SLUG, "met", "misread", "editor")
    event = ReportRetracted(target="met", reason="misread", by="editor")
    given(ingested(), MET).when(command).then(event)


@pytest.mark.parametrize("curate", [correct(place="Oslo"), RetractReport(SLUG, "met", "misread")])
def test_retracted_report_is_not_touched_again(curate: ArticleCommand) -> None:
    past = (ingested(), MET, corrected(place="Bergen"), RETRACTED)
    given(*past).when(curate).refused(AlreadyRetracted, "'met' was retracted already")


@pytest.mark.parametrize("curate", [correct(place="Oslo"), RetractReport(SLUG, "met", "misread")])
def test_unknown_report_is_not_touched(curate: ArticleCommand) -> None:
    given(ingested(), SENT).when(curate).refused(UnknownReport, "'oslo' has no report 'met'")


def test_correction_keeps_an_actor_that_the_decider_was_not_told_of() -> None:
    asked = report(StatementMade, "met", speaker="eve", act="assertive", direct=False, content="x")
    given(ingested(), asked).when(correct(content="y")).then(corrected(content="y"))


@pytest.mark.parametrize(
    "change", [lambda e: e.model_copy(update={"ref": "other"}), lambda _: RETRACTED]
)
def test_version_counts_every_event(change: Callable[[Any], AnyEvent]) -> None:
    state = reduce(evolve, [ingested(), MET, change(MET)], ArticleState(SLUG))
    assert state.version == 3


def test_event_of_another_family_breaks_the_stream() -> None:
    from events.actors import AliasRetracted

    with pytest.raises(Malformed, match="does not belong into an article's stream"):
        evolve(ArticleState(SLUG), AliasRetracted(alias="x", reason="y"))


def test_relation_needs_both_its_actors() -> None:
    said = report(RelationAttested, subject="ann", predicate="supports", object="eve")
    command = RecordReports(SLUG, (said,))
    given(ingested(TEXT)).when(command).refused(
        UnknownActor, "object of report 'it': no actor 'eve'"
    )
