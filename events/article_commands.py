"""What can be done to an article and its reports?"""

from dataclasses import dataclass
from typing import Any

from events.sources import ArticleIngested
from events.vocabulary import AnyReport


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


@dataclass(frozen=True)
class UndoCorrection:
    """Take a correction of a report back; later ones go on to hold."""

    slug: str
    target: str
    correction: int
    """Which of the report's corrections, counted from 1."""
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class UndoRetraction:
    """Let a retracted report stand again."""

    slug: str
    target: str
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class RecordDispute:
    """Note that two reports contradict each other."""

    slug: str
    target: str
    against: str
    """The other report: `article/ref`."""
    reason: str
    by: str | None = None


@dataclass(frozen=True)
class SettleDispute:
    """Note that two reports do not contradict each other, or no longer; they may be named in either order."""

    slug: str
    target: str
    against: str
    """The other report: `article/ref`."""
    reason: str
    by: str | None = None


CurateReport = CorrectReport | UndoCorrection | RetractReport | UndoRetraction
Dispute = RecordDispute | SettleDispute
ArticleCommand = IngestArticle | CorrectArticle | RecordReports | CurateReport | Dispute
