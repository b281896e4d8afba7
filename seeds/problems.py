"""What is wrong with a dossier, where, and what would be right?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import ClassVar, NamedTuple

from events.refusals import Refusal


class Place(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


START = Place(1, 1)
"""The place of what a file lacks as a whole."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that must be put right before a dossier can be ingested."""

    file: str
    """The file, as it was named to the loader."""
    line: int
    """Line in it, from 1."""
    column: int
    """Column in the line, from 1."""
    what: str
    """What is wrong."""
    right: str
    """What would be right."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}; {self.right}"


class DossierRefused(Refusal):
    """A dossier has problems; nothing of it was recorded."""

    code: ClassVar[str] = "DOSSIER_REFUSED"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        """All of them, in the order of the files' lines."""
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Findings:
    """The problems of one file, found so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, what: str, right: str) -> None:
        """Note one more."""
        self.problems.append(Problem(self.file, *place, what, right))


def decoded(source: bytes, findings: Findings) -> str | None:
    """The text of a file, to the character; none, and a problem, when it is not UTF-8."""
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start]
        line_start = before.rfind(b"\n") + 1
        place = Place(before.count(b"\n") + 1, len(before[line_start:].decode()) + 1)
        what = f"byte 0x{source[error.start]:02x} at offset {error.start} is not UTF-8"
        findings.add(place, what, "save the file in UTF-8")
        return None


def choose(word: str, names: Iterable[str]) -> str:
    """What to write instead of a word that is none of the names.

    >>> choose("MetingHeld", ["MeetingHeld", "StatementMade"])
    'did you mean MeetingHeld?'
    >>> choose("lavrow", [])
    'there are none'
    """
    names = list(names)
    near = get_close_matches(word, names, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    listed = ", ".join(names[:30]) + (" …" if len(names) > 30 else "")  # noqa: PLR2004 - one line
    return f"it is one of {listed}" if names else "there are none"
