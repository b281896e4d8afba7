"""What is appended?  A report about the actor and the article of a key, or another name of the actor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from benchmarks.history import told
from events.log import Write

REPORT, ALIAS = "report", "alias"

SENTENCE: Final = "The one backs the other."
"""The text of every article, which every report quotes."""
RECORD: Final = """
    mutation ($input: RecordInput!) {
      record(input: $input) { __typename ... on Recorded { last } ... on Problem { message } } }
"""
QUOTE: Final = {"exact": SENTENCE, "start": 0, "end": len(SENTENCE)}


@dataclass(frozen=True)
class Said:
    """What is appended about a key; every append has a number of its own."""

    write: Callable[[int, int], Write]
    """What goes into the log for a key and a number."""
    recorded: Callable[[int, int], dict[str, Any]] | None = None
    """The input with which `RECORD` appends the same; None if no mutation does."""


def _report(key: int, number: int) -> Write:
    report = _relation(key, number) | {"predicate": "backs", "evidence": [QUOTE]}
    return Write(f"article/article-{key}", [told("RelationAttested", **report)])


def _recorded(key: int, number: int) -> dict[str, Any]:
    report = _relation(key, number) | {"predicate": "BACKS", "evidence": [{"exact": SENTENCE}]}
    return {"article": f"article-{key}", "reports": [{"relationAttested": report}]}


def _relation(key: int, number: int) -> dict[str, Any]:
    """A relation that nobody reported before: the other actor has the number."""
    return {"ref": f"r-{uuid4()}", "subject": f"actor-{key}", "object": f"other-{number}"}


def _alias(key: int, number: int) -> Write:
    alias = told("AliasAdded", alias=f"Name {number}", alias_kind="short")
    return Write(f"actor/actor-{key}", [alias])


SAID: Final = {REPORT: Said(_report, _recorded), ALIAS: Said(_alias)}
