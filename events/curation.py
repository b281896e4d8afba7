"""How is a report put right?  Nothing in the log changes; a later event says what was wrong."""

from typing import Annotated, Any, Literal

from pydantic import Field

from events.values import ReportRef, Text, Value


class ReportCorrected(Value):
    """Fields of a report were wrong; here is what they should have been."""

    kind: Literal["ReportCorrected"] = "ReportCorrected"
    target: ReportRef
    """The report, by its name within the article."""
    changes: Annotated[dict[str, Any], Field(min_length=1)]
    """The changed fields with their new contents, in the form that the report's kind has; null empties a field."""
    reason: Text
    """Why the report was wrong."""
    by: str | None = None
    """Who corrected it."""


class ReportRetracted(Value):
    """A report should not have been made; nothing follows from it any more."""

    kind: Literal["ReportRetracted"] = "ReportRetracted"
    target: ReportRef
    """The report, by its name within the article."""
    reason: Text
    """Why."""
    by: str | None = None
    """Who retracted it."""
