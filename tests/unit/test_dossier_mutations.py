"""Does a dossier with something changed in it either hold or tell what is wrong?"""

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events import quotes
from events.actor import ActorState
from events.article_state import ArticleState
from events.handling import World, decide
from seeds import ARTICLES
from seeds.dossier import Dossier, parse
from seeds.earlier import Earlier
from seeds.problems import DossierRefused, Problem
from seeds.reconcile import reconcile

PATH = next(ARTICLES.glob("*.yaml"))
SOURCE = PATH.read_bytes().decode()
TEXT = PATH.with_suffix(".txt").read_bytes()
LINES = SOURCE.splitlines(keepends=True)
SCALARS = [found.span() for found in re.finditer(r"[\w$][\w$'.-]*", SOURCE)]
WORDS = sorted({SOURCE[start:end] for start, end in SCALARS})
NASTY = "\t\n\r \"'#&*!|>%@`:-?[]{},~<=\\/\0\x07\x85\u2028\ufeff\U0001f389é0aA_"

pytestmark = pytest.mark.property


def holds_or_tells(source: bytes, text: bytes = TEXT) -> None:
    try:
        said = parse(source, lambda _: text, "d.yaml")
    except DossierRefused as refusal:
        tells(refusal.problems)
    else:
        holds(said)


def tells(problems: Sequence[Problem]) -> None:
    assert problems
    for each in problems:
        assert each.line >= 1
        assert each.column >= 1
        assert each.what
        assert each.right


def holds(said: Dossier) -> None:
    """It can be recorded: every decider agrees."""
    world = World(
        {said.slug: ArticleState(said.slug)}, {slug: ActorState(slug) for slug in said.actors}
    )
    commands = reconcile(said, world, Earlier())
    writes = decide(commands, world)
    assert sum(len(write.events) for write in writes) == len(said.parts)
    for report in said.reports.values():
        for quote in report.evidence:
            quotes.check(said.article.text, quote)


@given(st.integers(0, len(SOURCE) - 1), st.text(NASTY, max_size=3), st.integers(0, 3))
def test_any_character(at: int, put: str, taken: int) -> None:
    holds_or_tells((SOURCE[:at] + put + SOURCE[at + taken :]).encode())


@given(st.integers(0, len(TEXT) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_any_byte_of_the_text(at: int, put: bytes, taken: int) -> None:
    holds_or_tells(SOURCE.encode(), TEXT[:at] + put + TEXT[at + taken :])


@given(st.sampled_from(SCALARS), st.sampled_from(WORDS))
def test_any_word(span: tuple[int, int], word: str) -> None:
    start, end = span
    holds_or_tells((SOURCE[:start] + word + SOURCE[end:]).encode())


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1))
def test_any_line_elsewhere(taken: int, put: int) -> None:
    lines = [*LINES[:taken], *LINES[taken + 1 :]]
    holds_or_tells("".join([*lines[:put], LINES[taken], *lines[put:]]).encode())


@given(st.integers(0, len(LINES) - 1), st.integers(1, 4))
def test_without_some_lines(taken: int, number: int) -> None:
    holds_or_tells("".join([*LINES[:taken], *LINES[taken + number :]]).encode())


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"article: {slug: a, title: b, published: 2020-01-01}")
def test_any_bytes(source: bytes) -> None:
    holds_or_tells(source)
