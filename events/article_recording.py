"""When may an article be taken into the log, and when a report of it?"""

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any

from events.article_commands import CorrectArticle
from events.article_state import ArticleState
from events.quotes import check
from events.references import mentions
from events.refusals import AlreadyExists, Malformed, NothingToChange, UnknownActor, UnknownReport
from events.sources import ArticleCorrected, ArticleIngested
from events.vocabulary import AnyEvent, AnyReport, corrected, settled


def ingest(article: ArticleIngested, state: ArticleState) -> ArticleIngested:
    if state.article is not None:
        message = f"article {state.slug!r} exists already"
        raise AlreadyExists(message)
    actual = sha256(article.text.encode()).hexdigest()
    if article.sha256 != actual:
        message = f"sha256 is {article.sha256}, but the text has {actual}"
        raise Malformed(message)
    return article


def correct_article(
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


def record(
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
        check_report(report, article, actors, refs)
        recorded.append(report)
    if not recorded:
        message = "there is no report to record"
        raise Malformed(message)
    return recorded


def check_report(
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
