"""Which texts entered the log?"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from events.values import TEXT, FreeText, Text, Value


def _in_calendar(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day of the calendar") from None
    return text


class ArticleIngested(Value):
    """An article entered the log: its text, untouched, and where it came from."""

    kind: Literal["ArticleIngested"] = "ArticleIngested"
    title: Text
    """The headline."""
    publisher: FreeText | None = None
    """Who published it."""
    url: FreeText | None = None
    """Where it was published."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """Language of the text, a BCP 47 tag."""
    published: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        AfterValidator(_in_calendar),
    ]
    """Day of publication, `YYYY-MM-DD`."""
    text: Annotated[str, StringConstraints(min_length=1, max_length=5_000_000, pattern=TEXT)]
    """The whole text, character for character; all offsets count in it."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the text's UTF-8 bytes, in hexadecimal."""


class ArticleCorrected(Value):
    """What was recorded about an article was wrong; its text can never change, another text is another article."""

    kind: Literal["ArticleCorrected"] = "ArticleCorrected"
    changes: Annotated[dict[str, Any], Field(min_length=1)]
    """The changed fields with their new contents; null empties a field."""
    reason: Text
    """Why."""
    by: FreeText | None = None
    """Who corrected it."""
