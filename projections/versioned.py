"""How does a row remember what it used to say?  Every row of a view is one version, valid for a span of log positions.

The current view is the open rows; the view as of position p is `from_position <= p < to_position`; the changes since p are the
versions that begin or end after it.  `to_position` of an open row is the greatest integer instead of null, so that one range
condition finds the version at p.
"""

from functools import cache
from typing import Any, ClassVar, Final

from sqlalchemy import Index, Table, text
from sqlmodel import Field, SQLModel

OPEN: Final = 2**63 - 1
"""`to_position` of a row that is current."""

Row = dict[str, Any]
"""The content of a row: every column but `row_id`, `from_position`, `to_position` and `anchor`."""

BOOKKEEPING: Final = frozenset({"row_id", "from_position", "to_position", "anchor"})


class Versioned(SQLModel):
    """Columns that every row of a view has."""

    row_id: int | None = Field(default=None, primary_key=True)
    key: str
    """What the row is about; one open row for each key."""
    from_position: int
    """Position of the event that began this version."""
    to_position: int
    """Position of the event that ended it, or `OPEN`."""
    anchor: bool = False
    """Whether it is the first version of its row that stands where it does in every list; set when it is stored."""

    looked_up_by: ClassVar[tuple[str, ...]] = ()
    """Columns beside the key by which folds look current rows up."""


def indexes(name: str, *more: Index) -> tuple[Index, ...]:
    """The indexes of a versioned table: one for the version at any position, and others.

    Ordered by the end of a version, so that the version at p is the first one that ends after p: those that ended before are not walked.
    It also holds that a key has at most one open row.
    """
    return (Index(f"{name}_key", "key", "to_position", unique=True), *more)


def listed(name: str, *columns: str, where: str = "") -> tuple[Index, Index]:
    """The indexes of a list in an order of its columns: one for the present, one for the past."""
    return current(name, *columns, where=where), past(f"{name}_past", *columns, where=where)


def current(name: str, *columns: str, where: str = "") -> Index:
    """An index over the open rows, so that no version that ended is met."""
    return Index(name, *columns, sqlite_where=text(f"to_position = {OPEN}{where}"))


def past(name: str, *columns: str, where: str = "") -> Index:
    """An index over the anchors: a list walks them, and goes from each to the version at p, if that still stands in the same place."""
    return Index(name, *columns, sqlite_where=text(f"anchor = 1{where}"), info={"past": True})


@cache
def places(table: Table) -> frozenset[str]:
    """The columns that say where a version stands in the lists."""
    return frozenset(
        column.name for index in table.indexes if "past" in index.info for column in index.columns
    )


def table_of(model: type[Versioned]) -> Table:
    """The SQLAlchemy table behind a table model."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)  # noqa: S101 - tells the type checker what SQLModel made
    return table
