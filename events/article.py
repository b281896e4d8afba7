"""What may happen to an article and its reports?  The decider of the streams `article/<slug>`.

`decide` is pure: given what the stream says so far and a command, it returns the events, or raises a refusal before anything is written.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from events.curation import ReportCorrected, ReportRetracted
from events.quotes import check
from events.references import mentions
from events.refusals import (
    AlreadyExists,
    AlreadyRetracted,
    Malformed,
    NothingToChange,
    UnknownActor,
    UnknownArticle,
    UnknownReport,
)
from events.sources import ArticleCorrected, ArticleIngested
from events.vocabulary import AnyEvent, AnyReport, corrected, settled


@dataclass(frozen=True)
class IngestArticle:
    """Take an article into the log."""

    slug: str
    article: ArticleIngested


@dataclass(frozen=True)
class CorrectArticle:
    """Put right what is recorded about an article."""

    slug: str
    changes: dict[str, Any]
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class RecordReports:
    """Record what an article reports; all of it or nothing."""

    slug: str
    reports: tuple[AnyReport, ...]


@dataclass(frozen=True)
class CorrectReport:
    """Put a report right."""

    slug: str
    target: str
    changes: dict[str, Any]
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class RetractReport:
    """Take a report back."""

    slug: str
    target: str
    reason: str
    by: str | None = None


ArticleCommand = IngestArticle | CorrectArticle | RecordReports | CorrectReport | RetractReport


@dataclass
class ReportState:
    """A report in its current version."""

    report: AnyReport
    retracted: bool = False


@dataclass
class ArticleState:
    """What an article's stream says so far."""

    slug: str
    version: int = 0
    article: ArticleIngested | None = None
    reports: dict[str, ReportState] = field(default_factory=dict)


def evolve(state: ArticleState, event: AnyEvent) -> ArticleState:
    """The state after one more event; the given state is used up."""
    state.version += 1
    match event:
        case ArticleIngested():
            state.article = event
        case ArticleCorrected() if state.article is not None:
            state.article = corrected(state.article, event.changes)
        case ReportCorrected():
            held = state.reports[event.target]
            held.report = corrected(held.report, event.changes)
        case ReportRetracted():
            state.reports[event.target].retracted = True
        case _:
            if not isinstance(event, AnyReport):
                message = f"{event.kind} does not belong into an article's stream"
                raise Malformed(message)
            state.reports[event.ref] = ReportState(event)
    return state


def decide(
    command: ArticleCommand, state: ArticleState, actors: Collection[str] = ()
) -> list[AnyEvent]:
    """The events that a command leads to.  `actors`: the slugs that are registered.

    Raises UnknownArticle, AlreadyExists, QuoteNotFound, UnknownActor, UnknownReport, AlreadyRetracted, NothingToChange, Malformed.
    """
    if isinstance(command, IngestArticle):
        return [_ingest(command.article, state)]
    if state.article is None:
        message = f"there is no article {command.slug!r}; ingest it first"
        raise UnknownArticle(message)
    match command:
        case CorrectArticle(changes=changes):
            return [_correct_article(state.article, command, changes)]
        case RecordReports(reports=reports):
            return _record(reports, state, state.article, actors)
        case CorrectReport(target=target, changes=changes):
            held = _standing(state, target)
            if "ref" in changes or "kind" in changes:
                message = "a correction cannot change a report's ref or kind; retract it and record another"
                raise Malformed(message)
            report = corrected(held.report, changes)
            if report == held.report:
                message = f"report {target!r} already is as the correction would make it"
                raise NothingToChange(message)
            known = {mention.actor for mention in mentions(held.report)}
            _check(report, state.article, {*actors, *known}, {*state.reports})
            changes = settled(report, changes)
            return [
                ReportCorrected(
                    target=target, changes=changes, reason=command.reason, by=command.by
                )
            ]
        case RetractReport(target=target):
            _standing(state, target)
            return [ReportRetracted(target=target, reason=command.reason, by=command.by)]


def _ingest(article: ArticleIngested, state: ArticleState) -> ArticleIngested:
    if state.article is not None:
        message = f"article {state.slug!r} exists already"
        raise AlreadyExists(message)
    actual = sha256(article.text.encode()).hexdigest()
    if article.sha256 != actual:
        message = f"sha256 is {article.sha256}, but the text has {actual}"
        raise Malformed(message)
    return article


def _correct_article(
    article: ArticleIngested, command: CorrectArticle, changes: dict[str, Any]
) -> ArticleCorrected:
    if {"text", "sha256", "kind"} & changes.keys():
        message = (
            "the text of an article never changes; ingest the other text as an article of its own"
        )
        raise Malformed(message)
    after = corrected(article, changes)
    if after == article:
        message = f"article {command.slug!r} already is as the correction would make it"
        raise NothingToChange(message)
    return ArticleCorrected(changes=settled(after, changes), reason=command.reason, by=command.by)


def _record(
    reports: Iterable[AnyReport],
    state: ArticleState,
    article: ArticleIngested,
    actors: Collection[str],
) -> list[AnyEvent]:
    recorded: list[AnyEvent] = []
    refs = {*state.reports}
    reports = list(reports)
    for report in reports:
        if report.ref in refs:
            message = f"report {report.ref!r} exists already; correct it, or choose another ref"
            raise AlreadyExists(message)
        refs.add(report.ref)
    for report in reports:
        _check(report, article, actors, refs)
        recorded.append(report)
    if not recorded:
        message = "there is no report to record"
        raise Malformed(message)
    return recorded


def _check(
    report: AnyReport, article: ArticleIngested, actors: Collection[str], refs: Collection[str]
) -> None:
    for quote in report.evidence:
        check(article.text, quote)
    for mention in mentions(report):
        if mention.actor not in actors:
            message = f"{mention.field} of report {report.ref!r}: no actor {mention.actor!r} is registered"
            raise UnknownActor(message)
    for link in report.links:
        if link.report not in refs or link.report == report.ref:
            message = (
                f"links of report {report.ref!r}: the article has no other report {link.report!r}"
            )
            raise UnknownReport(message)


def _standing(state: ArticleState, target: str) -> ReportState:
    held = state.reports.get(target)
    if held is None:
        message = f"article {state.slug!r} has no report {target!r}"
        raise UnknownReport(message)
    if held.retracted:
        message = f"report {target!r} was retracted already"
        raise AlreadyRetracted(message)
    return held
