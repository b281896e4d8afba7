"""Which columns of rows are needed?  Those that somebody asked for, which is known when all has been made of the rows.

So they are selected last, and carry nothing else: those of a page, and those that it is taken from.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine


class Picked:
    """Rows of a table, under a name."""

    def __init__(self, table: FromClause, name: str) -> None:
        self.name, self.table = name, table
        self.asked = dict[str, None]()
        """The names of the columns, in the order in which somebody asked first."""
        self.c: Any = _Columns(self)


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


@compiles(Column)
def _column(element: Column, compiler: SQLCompiler, **_: Any) -> str:
    return f"{element.picked.name}.{compiler.preparer.quote(element.named)}"
