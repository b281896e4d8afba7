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
"""The content of a row: every column but `BOOKKEEPING`."""

BOOKKEEPING: Final = frozenset({"row_id", "from_position", "to_position", "anchor", "listed_to"})


class Versioned(SQLModel):
    """Columns that every row of a view has."""

    row_id: int | None = Field(default=None, primary_key=True)
    key: str
    """What the row is about; one open row for each key."""
    from_position: int
    """Position of the event that began this version."""
    to_position: int
    """Position of the event that ended it, or `OPEN`."""
    anchor: int | None = None
    """`row_id` of the first version of the row that stood at the same place in all lists; none if that is this one."""
    listed_to: int = OPEN
    """Of such an anchor: where the last version that stood there ended, or `OPEN`."""

    looked_up_by: ClassVar[tuple[str, ...]] = ()
    """Columns beside the key by which folds look current rows up."""


def indexes(name: str, *more: Index) -> tuple[Index, ...]:
    """The indexes of a versioned table: one for the version at any position, and others.

    Ordered by the end of a version, so that the version at p is the first one that ends after p: those that ended before are not walked.
    It also holds that a key has at most one open row.
    """
    return (Index(f"{name}_key", "key", "to_position", unique=True), *more)


def changes(name: str) -> tuple[Index, ...]:
    """The indexes of a versioned table by which the versions are found that begin, or that end, in a span of positions.

    Both are partial, so that they are taken for nothing else: all versions begin behind position 0.
    """
    return (
        _partial(f"{name}_begun", "from_position", where="from_position > 0"),
        _partial(f"{name}_ended", "to_position", where=f"to_position < {OPEN}"),
    )


def listed(name: str, *columns: str, where: str = "") -> tuple[Index, Index]:
    """The indexes of a list in an order of its columns: one for the present, one for the past."""
    return current(name, *columns, where=where), past(f"{name}_past", *columns, where=where)


def current(name: str, *columns: str, where: str = "") -> Index:
    """An index over the open rows, so that no version that ended is met."""
    return _partial(name, *columns, where=f"to_position = {OPEN}{where}")


def past(name: str, *columns: str, where: str = "") -> Index:
    """An index over the anchors, one for each place of a row however many versions stood there; from it the version at p is found."""
    span, only = ("from_position", "listed_to"), f"anchor IS NULL{where}"
    return _partial(name, *columns, *span, where=only, info={"list": columns})


def _partial(name: str, *columns: str, where: str, **more: Any) -> Index:
    only = text(where)
    return Index(name, *columns, sqlite_where=only, postgresql_where=only, **more)


@cache
def places(table: Table) -> frozenset[str]:
    """The columns that say where a version stands in the lists."""
    return frozenset().union(*(index.info.get("list", ()) for index in table.indexes))


def table_of(model: type[Versioned]) -> Table:
    """The SQLAlchemy table behind a table model."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)  # noqa: S101 - tells the type checker what SQLModel made
    return table
