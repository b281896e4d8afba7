"""How is a report put right?  Nothing in the log changes; a later event says what was wrong."""

from typing import Annotated, Any, Literal

from pydantic import Field

from events.values import LARGEST, FreeText, ReportKey, ReportRef, Text, Value


class Curated(Value):
    """What every decision about a report tells."""

    target: ReportRef
    """The report, by its name within the article."""
    reason: Text
    """Why."""
    by: FreeText | None = None
    """Who decided so."""


class ReportCorrected(Curated):
    """Fields of a report were wrong; here is what they should have been."""

    kind: Literal["ReportCorrected"] = "ReportCorrected"
    changes: Annotated[dict[str, Any], Field(min_length=1)]
    """The changed fields with their new contents, in the form that the report's kind has; null empties a field."""


class CorrectionUndone(Curated):
    """A correction was wrong itself; the report says again what it would say without it."""

    kind: Literal["CorrectionUndone"] = "CorrectionUndone"
    correction: Annotated[int, Field(ge=1, le=LARGEST)]
    """Which of the report's corrections, counted from 1."""
    changes: Annotated[dict[str, Any], Field(min_length=1)]
    """The fields that it had changed, with what they contain without it; later corrections go on to hold."""


class ReportRetracted(Curated):
    """A report should not have been made; nothing follows from it any more."""

    kind: Literal["ReportRetracted"] = "ReportRetracted"


class RetractionUndone(Curated):
    """A retraction was wrong itself; the report stands again."""

    kind: Literal["RetractionUndone"] = "RetractionUndone"


class DisputeRecorded(Curated):
    """Two reports contradict each other; both stay, and each shows the other."""

    kind: Literal["DisputeRecorded"] = "DisputeRecorded"
    against: ReportKey
    """The other report: `article/ref`."""


class DisputeSettled(Curated):
    """Two reports do not contradict each other, or no longer."""

    kind: Literal["DisputeSettled"] = "DisputeSettled"
    against: ReportKey
    """The other report: `article/ref`."""
