"""What may a subject be called?  What can stand in the log as the recorder, beside the role, and in a line of text."""

from typing import Final

MAX_SUBJECT: Final = 180
"""Characters, so that there is room for the role among the 200 of a recorder."""


def checked(subject: str) -> str:
    """The subject.  Raises ValueError."""
    if not 0 < len(subject) <= MAX_SUBJECT:
        raise ValueError(f"a subject has 1 to {MAX_SUBJECT} characters, not {len(subject)}")
    if not subject.isprintable() or " " in subject:
        raise ValueError("a subject has no spaces and no control characters")
    return subject
