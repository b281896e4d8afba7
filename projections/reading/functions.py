"""Which functions of SQL do the engines spell each in its own way?  Every one, with its spelling for each engine.

Who describes a view takes its functions from here and knows no engine.  Numbers are texts in JSON, and so are truth values; what an
engine reads out of JSON is compared as text, or by `is_true`, `is_false` and `integer`.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger, Boolean, Integer, String, TypeEngine

from projections.reading.fields import Sql

LONGEST: Final = 100
"""Operands in a row; more are taken together, since SQLite counts a row of operands as so many levels of an expression."""


def _function(
    type_: TypeEngine[Any], *, sqlite: str, postgresql: str
) -> Callable[..., ColumnElement[Any]]:
    """A function by its spellings, in which `{0}` is the first argument."""

    class Function(FunctionElement[Any]):
        inherit_cache = True
        type = type_

    def spell(template: str) -> Callable[..., str]:
        def spelt(element: Function, compiler: SQLCompiler, **kw: Any) -> str:
            return template.format(*(compiler.process(each, **kw) for each in element.clauses))

        return spelt

    compiles(Function, "sqlite")(spell(sqlite))
    compiles(Function, "postgresql")(spell(postgresql))
    return Function


quoted: Final = _function(
    String(),
    sqlite="json_quote({0})",
    postgresql="coalesce(to_json(({0})::text)::text, 'null')",
)
"""A text as JSON; null is `null`."""

word: Final = _function(
    String(), sqlite="json_quote({0})", postgresql="coalesce('\"' || ({0}) || '\"', 'null')"
)
"""A text in which nothing is to be escaped, as JSON; null is `null`.  PostgreSQL takes a third of the time for it."""

number: Final = _function(
    String(), sqlite="coalesce({0}, 'null')", postgresql="coalesce(({0})::text, 'null')"
)
"""A number, or a JSON text, as JSON; null is `null`."""

flag: Final = _function(
    String(),
    sqlite="CASE WHEN (({0}) IS NULL) THEN 'null' WHEN {0} THEN 'true' ELSE 'false' END",
    postgresql="coalesce(({0})::text, 'null')",
)
"""A truth value as JSON; null is `null`."""

is_true: Final = _function(Boolean(), sqlite="({0} IS 1)", postgresql="({0} = 'true')")
is_false: Final = _function(Boolean(), sqlite="({0} IS 0)", postgresql="({0} = 'false')")
"""Whether a member of a JSON object is the truth value."""

unforeseen: Final = _function(
    Boolean(), sqlite="({0})", postgresql="CASE WHEN {0} THEN true ELSE false END"
)
"""A condition of which no index and no statistics know, and which PostgreSQL would take for true of next to no row.

It then reads and sorts the whole list, rather than walk it until a page is full; behind a CASE it reckons with every second row.
"""

integer: Final = _function(BigInteger(), sqlite="{0}", postgresql="({0})::bigint")
"""A number that was read out of JSON, or written as a constant, as one that positions are compared with."""

as_position: Final = _function(
    BigInteger(),
    sqlite="CAST({0} AS BIGINT)",
    postgresql="substring({0} from '^[ \\t\\n\\v\\f\\r]*[+]?0*([0-9]{{1,18}})(?![0-9])')::bigint",
)
"""The position that a text begins with; of one that begins with none something that no record has."""

lesser: Final = _function(BigInteger(), sqlite="min({0}, {1})", postgresql="least({0}, {1})")
"""The lesser of two numbers."""

concatenated: Final = _function(
    String(), sqlite="group_concat({0}, ',')", postgresql="string_agg({0}, ',')"
)
"""Texts of rows with commas between them, in the order of the rows; null if there are none."""

all_of: Final = _function(
    String(), sqlite="json_group_array({0})", postgresql="json_agg({0})::text"
)
"""Values of rows as a JSON array, in the order of the rows; to be compared or unpacked, not to be shown."""

each_of: Final = _function(
    String(), sqlite="json_group_array(DISTINCT {0})", postgresql="json_agg(DISTINCT {0})::text"
)
"""The same of different values, in any order."""

as_cursor: Final = _function(
    String(),
    sqlite="cursor({0})",  # a function that the reader brings along, as the engine has none
    # translate() would take three times as long
    postgresql="rtrim(replace(replace(replace(encode(convert_to({0}, 'UTF8'), 'base64'), chr(10), ''), '+', '-'), '/', '_'), '=')",
)
"""A text as a cursor (`projections/reading/cursors.py`)."""

decoded: Final = _function(
    String(), sqlite="CAST({0} AS VARCHAR)", postgresql="convert_from({0}, 'UTF8')"
)
"""Bytes in UTF-8 as text."""

hexadecimal: Final = _function(String(), sqlite="lower(hex({0}))", postgresql="encode({0}, 'hex')")
"""Bytes as hexadecimal digits."""


class joined(FunctionElement[str]):  # noqa: N801 - a function, as those above
    """Texts put together, with as few parentheses as can be: SQLite 3.40 parses no more than some thirty levels of them."""

    inherit_cache = True
    type = String()


@compiles(joined)
def _joined(element: joined, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(part, **kw) for part in element.clauses]
    while len(parts) > LONGEST:
        chunks = (parts[n : n + LONGEST] for n in range(0, len(parts), LONGEST))
        parts = [f"({' || '.join(chunk)})" for chunk in chunks]
    return f"({' || '.join(parts)})"


class Either(FunctionElement[bool]):
    """Conditions of which any will do; the pages of a list are taken from a walk for each (`projections/reading/pages.py`)."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, common: Sql, *conditions: Sql) -> None:
        """`common` is true of every row, and said in each branch of an OR, where alone SQLite looks for what an index asks."""
        super().__init__(*(and_(common, each) for each in conditions))
        self.conditions = conditions

    def self_group(self, against: Any = None) -> "Either":  # noqa: ARG002 - SQLAlchemy's signature
        """Itself, in parentheses: else SQLAlchemy would write `= 1` behind it for SQLite, which then looks for no index."""
        return self


@compiles(Either)
def _either(element: Either, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(({') OR ('.join(compiler.process(each, **kw) for each in element.clauses)}))"


class array(FunctionElement[str]):  # noqa: N801 - a function, as those above
    """Values as a JSON array: numbers, other arrays, and what else there is as texts."""

    inherit_cache = True
    type = String()


@compiles(array, "sqlite")
def _array(element: array, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array({', '.join(compiler.process(each, **kw) for each in element.clauses)})"


@compiles(array, "postgresql")
def _array_in_pieces(element: array, compiler: SQLCompiler, **kw: Any) -> str:
    """In the same bytes as SQLite's, without spaces."""
    plain = (array, Integer)
    members = (
        number(each) if isinstance(each, plain) or isinstance(each.type, plain) else quoted(each)
        for each in element.clauses
    )
    pieces = " || ',' || ".join(compiler.process(each, **kw) for each in members)
    return f"('[' || {pieces} || ']')"
