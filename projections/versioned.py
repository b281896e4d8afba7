"""How does a row remember what it used to say?  Every row of a view is one version, valid for a span of log positions.

The current view is the open rows; the view as of position p is `from_position <= p < to_position`; the changes since p are the
versions that begin or end after it.  `to_position` of an open row is the greatest integer instead of null, so that one range
condition finds the version at p.
"""

from typing import Any, ClassVar, Final

from sqlalchemy import Index, Table, text
from sqlmodel import Field, SQLModel

OPEN: Final = 2**63 - 1
"""`to_position` of a row that is current."""

Row = dict[str, Any]
"""The content of a row: every column but `row_id`, `from_position` and `to_position`."""

BOOKKEEPING: Final = frozenset({"row_id", "from_position", "to_position"})


class Versioned(SQLModel):
    """Columns that every row of a view has."""

    row_id: int | None = Field(default=None, primary_key=True)
    key: str
    """What the row is about; one open row for each key."""
    from_position: int
    """Position of the event that began this version."""
    to_position: int
    """Position of the event that ended it, or `OPEN`."""

    looked_up_by: ClassVar[tuple[str, ...]] = ()
    """Columns beside the key by which folds look current rows up."""


def indexes(name: str, *more: Index) -> tuple[Index, ...]:
    """The indexes of a versioned table: one for the version at any position, and others.

    Ordered by the end of a version, so that the version at p is the first one that ends after p: those that ended before are not walked.
    It also holds that a key has at most one open row.  The others follow the order of a list; the few versions that ended are passed over.
    """
    return (Index(f"{name}_key", "key", "to_position", unique=True), *more)


def changes(name: str) -> tuple[Index, ...]:
    """The indexes of a versioned table by which the versions are found that begin, or that end, in a span of positions."""
    return (
        Index(f"{name}_begun", "from_position"),
        Index(f"{name}_ended", "to_position", sqlite_where=text(f"to_position < {OPEN}")),
    )


def table_of(model: type[Versioned]) -> Table:
    """The SQLAlchemy table behind a table model."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)  # noqa: S101 - tells the type checker what SQLModel made
    return table
