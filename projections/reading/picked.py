"""Which columns of the rows of a page are needed?  Those that somebody asked for, which is known when all has been made of the rows.

So the rows are selected last, and carry nothing else.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from projections.reading.fields import Sql

_PARSED: Final = "_parsed"
"""What is put behind the name of a column that is read as JSON."""


class Picked:
    """The rows of a page."""

    def __init__(self, table: FromClause, name: str) -> None:
        self.name, self.table = name, table
        self.asked, self.read = dict[str, None](), dict[str, None]()
        """The names of the columns, and of those whose members are read, in the order in which somebody asked first."""
        self.c: Any = _Columns(self)

    def parsed(self, rows: Any) -> list[Sql]:
        """What PostgreSQL parses once for a row, rather than once for each member that is read."""
        return [cast(rows[name], JSONB).label(name + _PARSED) for name in self.read]


class _Columns:
    """The columns by their names."""

    def __init__(self, picked: Picked) -> None:
        self._picked = picked

    def __getitem__(self, name: str) -> "Column":
        self._picked.asked[name] = None
        return Column(self._picked, name, self._picked.table.c[name].type)

    __getattr__ = __getitem__


class Column(ColumnElement[Any]):
    """A column of the rows."""

    inherit_cache = False

    def __init__(self, picked: Picked, name: str, type_: TypeEngine[Any]) -> None:
        self.picked, self.named, self.type = picked, name, type_

    def parsed(self) -> "Parsed":
        """The JSON that is in it."""
        self.picked.read[self.named] = None
        return Parsed(self.picked, self.named, JSONB())


class Parsed(Column):
    """A column whose members are read."""

    inherit_cache = False


@compiles(Column)
def _column(element: Column, compiler: SQLCompiler, **_: Any) -> str:
    return f"{element.picked.name}.{compiler.preparer.quote(element.named)}"


@compiles(Parsed, "postgresql")
def _parsed(element: Parsed, compiler: SQLCompiler, **_: Any) -> str:
    return f"{element.picked.name}.{compiler.preparer.quote(element.named + _PARSED)}"
