"""What does an article's stream say so far?"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
from events.refusals import Malformed
from events.sources import ArticleCorrected, ArticleIngested
from events.vocabulary import AnyEvent, AnyReport, corrected


@dataclass
class ReportState:
    """A report in its current version."""

    report: AnyReport
    retracted: bool = False
    recorded: AnyReport = field(init=False)
    """As it was recorded."""
    corrections: list[dict[str, Any] | None] = field(default_factory=list)
    """The changes of each correction; none of one that was undone."""

    def __post_init__(self) -> None:
        self.recorded = self.report

    def without(self, correction: int) -> AnyReport:
        """The report as it would be without one of its corrections.  Raises Malformed if another one builds on that."""
        report = self.recorded
        for number, changes in enumerate(self.corrections, 1):
            if changes is None or number == correction:
                continue
            try:
                report = corrected(report, changes)
            except Malformed as error:
                message = f"correction {number} does not hold without it ({error.message}); undo that one first"
                raise Malformed(message) from None
        return report


@dataclass
class ArticleState:
    """What an article's stream says so far."""

    slug: str
    version: int = 0
    article: ArticleIngested | None = None
    reports: dict[str, ReportState] = field(default_factory=dict)
    disputes: Counter[frozenset[str]] = field(default_factory=Counter)
    """How often this stream says of two reports that they are in dispute, less how often that it is settled."""


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
            held.corrections.append(event.changes)
        case CorrectionUndone():
            held = state.reports[event.target]
            held.report = corrected(held.report, event.changes)
            held.corrections[event.correction - 1] = None
        case ReportRetracted():
            state.reports[event.target].retracted = True
        case RetractionUndone():
            state.reports[event.target].retracted = False
        case DisputeRecorded():
            state.disputes[_pair(state.slug, event)] += 1
        case DisputeSettled():
            state.disputes[_pair(state.slug, event)] -= 1
        case _:
            if not isinstance(event, AnyReport):
                message = f"{event.kind} does not belong into an article's stream"
                raise Malformed(message)
            state.reports[event.ref] = ReportState(event)
    return state


def _pair(slug: str, event: DisputeRecorded | DisputeSettled) -> frozenset[str]:
    return frozenset({f"{slug}/{event.target}", event.against})
