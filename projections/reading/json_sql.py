"""How is JSON written in SQL?  As text put together, since this costs least and no engine forgets on the way that it is JSON."""

from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, func, literal_column

from projections.reading.fields import Form, Sql
from projections.reading.functions import concatenated, flag, joined, number, quoted, word
from projections.reading.members import Member, shown

NULL: Final = "null"


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
        return parts[0] if len(parts) == 1 else joined(*parts)


def literal(text: str) -> Sql:
    """A text constant."""
    return literal_column("'" + text.replace("'", "''") + "'", String)


def written(value: Sql, form: Form) -> Sql:
    """A value as JSON text; SQL null becomes `null`."""
    if isinstance(value, Member) and form != "enum":
        return number(shown(value))
    match form:
        case "text":
            return quoted(value)
        case "word":
            return word(value)
        case "enum":
            return word(func.upper(value))
        case "number" | "json":
            return number(value)
        case "flag":
            return flag(value)


def listed(item: Sql) -> Text:
    """The aggregate of JSON texts as a JSON array."""
    return Text("[", func.coalesce(concatenated(item), literal("")), "]")


def inside(value: Sql, name: str) -> ColumnElement[Any]:
    """A member of a JSON object, as an SQL value; objects and arrays as JSON text."""
    return Member(value, name)


def as_text(value: Sql) -> Sql:
    """A value as text."""
    return cast(value, String)
