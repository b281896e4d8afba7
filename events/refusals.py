"""Why is something refused?  Every expected failure below the API, as one small family of types.

A refusal is an answer, not an accident: nothing was written, and the message says what was wrong, where, and what would be
right.  `code` is stable and meant for programs.
"""

from typing import ClassVar


class Refusal(Exception):
    """Refused; nothing was written."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Malformed(Refusal):
    """The input does not have the form of what it claims to be."""

    code = "MALFORMED"


class QuoteNotFound(Refusal):
    """A quote is not in the article's text, or not where its selector says."""

    code = "QUOTE_NOT_FOUND"


class UnknownActor(Refusal):
    """A slug names no registered actor."""

    code = "UNKNOWN_ACTOR"


class UnknownArticle(Refusal):
    """A slug names no ingested article."""

    code = "UNKNOWN_ARTICLE"


class UnknownReport(Refusal):
    """The article has no report of that name."""

    code = "UNKNOWN_REPORT"


class AlreadyExists(Refusal):
    """An article, actor, alias or report of that name exists with another content."""

    code = "ALREADY_EXISTS"


class AlreadyRetracted(Refusal):
    """The report was retracted; it can be neither corrected nor retracted again."""

    code = "ALREADY_RETRACTED"


class NothingToChange(Refusal):
    """All is already as it was to become."""

    code = "NOTHING_TO_CHANGE"


class MergeRefused(Refusal):
    """The actors cannot be merged, or parted: they are the same, or one was merged already, or was not."""

    code = "MERGE_REFUSED"


class VersionConflict(Refusal):
    """The stream is not at the expected version: somebody else appended first."""

    code = "VERSION_CONFLICT"

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(
            f"stream {stream!r} is at version {actual}, not at the expected {expected}; "
            "read it again and decide anew"
        )
        self.stream, self.expected, self.actual = stream, expected, actual


class KeyReused(Refusal):
    """The idempotency key was used before, for another content."""

    code = "KEY_REUSED"

    def __init__(self, key: str, position: int) -> None:
        super().__init__(
            f"key {key!r} was used at position {position} for another content; "
            "a key is unique for ever, take a new one"
        )
        self.key, self.position = key, position


class LogNotEmpty(Refusal):
    """The log has other records than those that the records of another one are to follow on."""

    code = "LOG_NOT_EMPTY"


class LogsDiffer(Refusal):
    """A log that is to become the copy of another one holds something else."""

    code = "LOGS_DIFFER"

    def __init__(self, position: int) -> None:
        super().__init__(
            f"position {position} of the target is not that of the source; "
            "a copy goes into an empty log, or one that begins as the source does"
        )
        self.position = position
        """The first one that differs."""


class LogUnavailable(Refusal):
    """The log cannot be written or read now; what was acknowledged before is kept."""

    code = "LOG_UNAVAILABLE"


class LogDamaged(Refusal):
    """The stored log contradicts itself: the file is damaged or was tampered with."""

    code = "LOG_DAMAGED"
