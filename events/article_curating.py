"""When may a report be corrected, retracted or disputed, and when is that undone?"""

from collections.abc import Collection, Mapping
from typing import Any

from events.article_commands import (
    CorrectReport,
    CurateReport,
    Dispute,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.article_recording import check_report
from events.article_state import ArticleState, ReportState
from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
from events.references import mentions
from events.refusals import (
    AlreadyExists,
    AlreadyRetracted,
    Malformed,
    NothingToChange,
    UnknownArticle,
    UnknownReport,
)
from events.sources import ArticleIngested
from events.vocabulary import AnyEvent, corrected, settled


def curate(
    command: CurateReport, state: ArticleState, article: ArticleIngested, actors: Collection[str]
) -> AnyEvent:
    target, reason, by = command.target, command.reason, command.by
    if isinstance(command, UndoRetraction):
        if not _known(state, target).retracted:
            message = f"report {target!r} is not retracted"
            raise NothingToChange(message)
        return RetractionUndone(target=target, reason=reason, by=by)
    held = _standing(state, target)
    match command:
        case CorrectReport(changes=changes):
            if "ref" in changes or "kind" in changes:
                message = "a correction cannot change a report's ref or kind; retract it and record another"
                raise Malformed(message)
            report = corrected(held.report, changes)
            if report == held.report:
                message = f"report {target!r} already is as the correction would make it"
                raise NothingToChange(message)
            known = {mention.actor for mention in mentions(held.report)}
            check_report(report, article, {*actors, *known}, {*state.reports})
            changes = settled(report, changes)
            return ReportCorrected(target=target, changes=changes, reason=reason, by=by)
        case UndoCorrection(correction=number):
            changed = _correction(held, target, number)
            changes = settled(held.without(number), changed)
            return CorrectionUndone(
                target=target, correction=number, changes=changes, reason=reason, by=by
            )
        case RetractReport():
            return ReportRetracted(target=target, reason=reason, by=by)


def _correction(held: ReportState, target: str, number: int) -> dict[str, Any]:
    """What a correction changed, if it was not undone."""
    if not 0 < number <= len(held.corrections):
        message = f"report {target!r} has {len(held.corrections)} corrections, so none has the number {number}"
        raise Malformed(message)
    changes = held.corrections[number - 1]
    if changes is None:
        message = f"correction {number} of report {target!r} was undone already"
        raise NothingToChange(message)
    return changes


def dispute(
    command: Dispute, state: ArticleState, others: Mapping[str, ArticleState]
) -> DisputeRecorded | DisputeSettled:
    target, against = command.target, command.against
    slug, _, ref = against.partition("/")
    other = state if slug == state.slug else others.get(slug)
    if other is None or other.article is None:
        message = f"there is no article {slug!r}; name the other report as article/ref"
        raise UnknownArticle(message)
    pair = frozenset({f"{state.slug}/{target}", against})
    if len(pair) == 1:
        message = f"report {against!r} cannot contradict itself"
        raise Malformed(message)
    streams = {each.slug: each for each in (state, other)}
    is_open = sum(each.disputes[pair] for each in streams.values()) > 0
    if isinstance(command, SettleDispute):
        _known(state, target), _known(other, ref)
        if not is_open:
            message = f"there is no open dispute between {target!r} and {against!r}"
            raise NothingToChange(message)
        return DisputeSettled(target=target, against=against, reason=command.reason, by=command.by)
    _standing(state, target), _standing(other, ref)
    if is_open:
        message = f"the dispute between {target!r} and {against!r} is recorded already"
        raise AlreadyExists(message)
    return DisputeRecorded(target=target, against=against, reason=command.reason, by=command.by)


def _known(state: ArticleState, target: str) -> ReportState:
    held = state.reports.get(target)
    if held is None:
        message = f"article {state.slug!r} has no report {target!r}"
        raise UnknownReport(message)
    return held


def _standing(state: ArticleState, target: str) -> ReportState:
    held = _known(state, target)
    if held.retracted:
        message = f"report {target!r} was retracted already"
        raise AlreadyRetracted(message)
    return held
