"""How is JSON written in SQL?  As text put together, since this costs least and no engine forgets on the way that it is JSON."""

from typing import Any, Final

from sqlalchemy import ColumnElement, String, case, cast, func, literal_column, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from projections.reading.fields import Form, Sql

NULL: Final = "null"


LONGEST: Final = 100
"""Operands in a row; more are taken together, since SQLite counts a row of operands as so many levels of an expression."""


class Joined(FunctionElement[str]):
    """Texts put together, with as few parentheses as can be: SQLite 3.40 parses no more than some thirty levels of them."""

    inherit_cache = True
    type = String()


@compiles(Joined)
def _joined(element: Joined, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(part, **kw) for part in element.clauses]
    while len(parts) > LONGEST:
        chunks = (parts[n : n + LONGEST] for n in range(0, len(parts), LONGEST))
        parts = [f"({' || '.join(chunk)})" for chunk in chunks]
    return f"({' || '.join(parts)})"


class Text:
    """A JSON text being written: literal pieces and expressions; neighbouring literals melt."""

    def __init__(self, *pieces: "str | Sql | Text") -> None:
        self._pieces: list[str | Sql] = []
        for piece in pieces:
            self.add(piece)

    def add(self, piece: "str | Sql | Text") -> "Text":
        if isinstance(piece, Text):
            for each in piece._pieces:
                self.add(each)
        elif isinstance(piece, str) and self._pieces and isinstance(self._pieces[-1], str):
            self._pieces[-1] += piece
        else:
            self._pieces.append(piece)
        return self

    def sql(self) -> Sql:
        """The expression that gives the text."""
        parts = [literal(p) if isinstance(p, str) else p for p in self._pieces]
        return parts[0] if len(parts) == 1 else Joined(*parts)


def literal(text: str) -> Sql:
    """A text constant."""
    return literal_column("'" + text.replace("'", "''") + "'", String)


def written(value: Sql, form: Form) -> Sql:
    """A value as JSON text; SQL null becomes `null`."""
    match form:
        case "text":
            return func.json_quote(value)
        case "enum":
            return func.json_quote(func.upper(value))
        case "number" | "json":
            return func.coalesce(value, literal(NULL))
        case "flag":
            return case(
                (value.is_(None), literal(NULL)), (value, literal("true")), else_=literal("false")
            )


def listed(item: Sql) -> Text:
    """The aggregate of JSON texts as a JSON array."""
    return Text("[", func.coalesce(func.group_concat(item, literal(",")), literal("")), "]")


def inside(value: Sql, *path: str) -> ColumnElement[Any]:
    """A member of a JSON object, as an SQL value; objects and arrays as JSON text."""
    return func.json_extract(value, literal("$" + "".join(f".{name}" for name in path)))


def as_text(value: Sql) -> Sql:
    """A value as text."""
    return cast(value, String)


def members(array: Sql, name: str) -> Any:
    """The members of a JSON array as rows with `key` (the ordinal) and `value`."""
    return func.json_each(type_coerce(array, String)).table_valued("key", "value", name=name)
