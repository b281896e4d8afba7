"""Which versions are read at a moment?  The open ones now; in the past, of each row the one that stood at the position.

Neither meets versions that do not count, however often a row was changed.  In the present the indexes hold the open rows alone.  In the
past, the row with a key is the first version that ends after the position; a list walks the anchors (`projections/versioned.py`), each
of which is mostly that version itself, and leads else to it by the key.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from sqlalchemy import FromClause, Table, and_, case, func, literal_column, or_, select, text, true

from projections.reading.fields import Sql
from projections.versioned import OPEN, places

_ONE: Final[Sql] = literal_column("1")


def visible(row: Any, moment: Sql | None) -> Sql:
    """The condition that a version is read at a moment; none is the present."""
    if moment is None:
        return _open(row.c)
    return and_(row.c.from_position <= moment, row.c.to_position > moment)


def standing(row: Any, moment: Sql | None, which: Callable[[Any], Sql]) -> Sql:
    """The condition that a version (an alias of its table) is the one read of a single row, which a condition on its columns tells."""
    if moment is None:
        return and_(which(row.c), visible(row, moment))
    first = row.element.alias(f"{row.name}_first")
    found = select(first.c.row_id).where(which(first.c), first.c.to_position > moment)
    return and_(row.c.row_id == _first(found, first), row.c.from_position <= moment)


def listed(
    table: Table,
    moment: Sql | None,
    name: str,
    asked: Collection[str] | None = None,
    *,
    lateral: bool = False,
) -> FromClause:
    """The versions of a table that are read at a moment, under a name, to be walked in the order of an index.

    `asked` are the columns that are needed, if not all are.  `lateral` is for PostgreSQL, which would guess that next to no anchor leads
    to a version, and so walk them all for the first few: of what has a LIMIT it takes for granted that each does.
    """
    if moment is None:
        rows = text(f"SELECT * FROM {table.name} WHERE to_position = {OPEN}")  # noqa: S608 - names only
        return rows.columns(*table.c).subquery(name)
    unmoved = {*places(table), "key", "anchor"}
    if asked is not None and unmoved.issuperset(asked):
        return _anchors(table, moment, name, sorted(unmoved))
    anchor, row, first = (table.alias(f"{name}_{part}") for part in ("anchor", "row", "first"))
    found = select(first.c.row_id).where(first.c.key == anchor.c.key, first.c.to_position > moment)
    itself = anchor.c.to_position > moment
    row_id = case((itself, anchor.c.row_id), else_=_first(found, first))
    leads = _leads(anchor, row, moment)
    there: FromClause = row
    both = anchor.join(row, row.c.row_id == row_id)
    if lateral:
        one = select(row).where(row.c.row_id == row_id, leads).limit(_ONE).correlate_except(row)
        there, leads = one.lateral(f"{name}_there"), true()
        both = anchor.join(there, true())
    columns = ((anchor if c.name in unmoved else there).c[c.name] for c in table.c)
    return (
        select(*columns)
        .select_from(both)
        .where(_walked(anchor, moment), leads)
        .correlate_except(anchor, there)
        .subquery(name)
    )


def _anchors(table: Table, moment: Sql, name: str, columns: Iterable[str]) -> FromClause:
    """The anchors that lead to a version, which is not read: as it stands there, they say all that is asked."""
    anchor, first = (table.alias(f"{name}_{part}") for part in ("anchor", "first"))
    elsewhere = select(_leads(anchor, first, moment)).where(
        first.c.key == anchor.c.key, first.c.to_position > moment
    )
    leads = or_(anchor.c.to_position > moment, _first(elsewhere, first))
    return (
        select(*(anchor.c[column] for column in columns))
        .where(_walked(anchor, moment), leads)
        .correlate_except(anchor)
        .subquery(name)
    )


def _walked(anchor: Any, moment: Sql) -> Sql:
    """The condition of the anchors in whose place some version stood."""
    return and_(
        anchor.c.anchor.is_(None), anchor.c.from_position <= moment, anchor.c.listed_to > moment
    )


def _leads(anchor: Any, row: Any, moment: Sql) -> Sql:
    """Whether an anchor leads to the version of its row that stood last."""
    return and_(
        func.coalesce(row.c.anchor, row.c.row_id) == anchor.c.row_id, row.c.from_position <= moment
    )


def indexed(columns: Any, moment: Sql | None) -> Sql:
    """The condition of the indexes that `listed` walks.

    It is true of every row; in each branch of an OR it is to be said again, since SQLite looks no further for what an index asks.
    Nothing is asked of versions that were found otherwise.
    """
    if isinstance(getattr(getattr(columns.key, "table", None), "element", None), Table):
        return true()
    return _open(columns) if moment is None else columns.anchor.is_(None)


def _open(columns: Any) -> Sql:
    condition: Sql = columns.to_position == literal_column(str(OPEN))
    return condition


def _first(found: Any, first: Any) -> Sql:
    """Of the versions that end after the position, the one that ends first."""
    earliest = found.order_by(first.c.to_position).limit(_ONE)
    return earliest.correlate_except(first).scalar_subquery()
