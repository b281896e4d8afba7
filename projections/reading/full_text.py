"""How are words looked for?  In the full-text index of the engine; which words those are, and what was asked for, is the same on each.

SQLite's index knows words in a row by itself.  On PostgreSQL the index finds the documents that have all the words, and the tokens that
are kept beside it, each between two spaces, tell whether they have them in a row.
"""

from collections.abc import Callable
from typing import Any, Final

import orjson
from sqlalchemy import TableClause, column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE

from projections.reading.fields import Sql
from projections.search import terms
from projections.spans import SPAN
from projections.tokens import lexeme, tokens

WORDS, PAST_WORDS = table("words", column("rowid")), table("words_past", column("rowid"))
"""The full-text indexes over the documents, the open ones and those that ended."""

NOWHERE: Final = "'@'"
"""A word that no document has."""


def found(asked: Sql, moment: Sql | None) -> Any:
    """The row ids of the documents that have, or had at a moment, what was asked for: a value converted by `CONVERT`."""
    now = _in(WORDS, asked)
    return now if moment is None else now.union_all(_in(PAST_WORDS, asked, moment))


def _in(words: TableClause, *how: Sql) -> Any:
    return select(words.c.rowid).where(_Matches(words, *how))


def as_fts5(text: Any) -> str:
    """What a search text asks for, in the syntax of FTS5.  Raises Malformed."""
    wanted, unwanted = list[str](), list[str]()
    for wants, words, beginning in terms(str(text)):
        phrase = '"' + " ".join(words) + '"' + ("*" if beginning else "")
        (wanted if wants else unwanted).append(phrase)
    found = " AND ".join(wanted)
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def as_patterns(text: Any) -> str:
    """The same as JSON: the words as a `tsquery`, and patterns of the tokens wanted and unwanted.  Raises Malformed."""
    asked = terms(str(text))
    patterns: dict[bool, list[str]] = {True: [], False: []}
    query = list[str]()
    for (wants, _, beginning), phrase in zip(
        asked, tokens([" ".join(words) for _, words, _ in asked]), strict=True
    ):
        if phrase:
            patterns[wants].append(f"% {' '.join(phrase)}{'' if beginning else ' '}%")
        if wants:
            last = len(phrase) - 1 if beginning else -1
            query += [f"'{lexeme(w)}'{':*' * (n == last)}" for n, w in enumerate(phrase)]
            query += [] if phrase else [NOWHERE]
    return orjson.dumps(
        {"words": " & ".join(query), "wanted": patterns[True], "unwanted": patterns[False]}
    ).decode()


CONVERT: Final[dict[str, Callable[[Any], str]]] = {"sqlite": as_fts5, "postgresql": as_patterns}
"""What is bound for a search text, by the name of the dialect."""


class _Matches(FunctionElement[Any]):
    """Whether a document of an index has what was asked for, and stood at a moment, if one is given."""

    inherit_cache = False
    type = NULLTYPE  # of a Boolean SQLAlchemy makes `… = 1`, and SQLite refuses to compare a MATCH

    def __init__(self, words: TableClause, *how: Sql) -> None:
        super().__init__(*how)
        self.index = words.name


@compiles(_Matches, "sqlite")
def _fts5(element: _Matches, compiler: SQLCompiler, **kw: Any) -> str:
    asked, *moment = (compiler.process(each, **kw) for each in element.clauses)
    if moment:
        asked = f"('text : (' || {asked} || ') AND spans : (' || spans_holding({moment[0]}) || ')')"
    return f"({element.index} MATCH {asked})"


@compiles(_Matches, "postgresql")
def _tsvector(element: _Matches, compiler: SQLCompiler, **kw: Any) -> str:
    asked, *moment = (compiler.process(each, **kw) for each in element.clauses)
    conditions = [
        f"lexemes @@ (({asked})::json ->> 'words')::tsquery",
        f"tokens LIKE ALL (ARRAY(SELECT json_array_elements_text(({asked})::json -> 'wanted')))",
        f"NOT tokens LIKE ANY (ARRAY(SELECT json_array_elements_text(({asked})::json -> 'unwanted')))",
    ]
    if moment:
        span = f"'''{SPAN}' || n || 'x' || (({moment[0]}) >> (4 * n)) || ''''"
        conditions.append(
            f"lexemes @@ (SELECT string_agg({span}, '|')::tsquery FROM generate_series(0, 15) AS n)"  # noqa: S608 - no text from outside
        )
    return f"({' AND '.join(conditions)})"
