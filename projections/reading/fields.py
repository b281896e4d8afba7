"""What does a field of a view mean in SQL?  The vocabulary in which views are described.

A description is a function of the row that the field belongs to (`At`); no description knows how it is put together with others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Union

from sqlalchemy import ColumnElement, FromClause, Table

if TYPE_CHECKING:
    from projections.reading.selection import Argument
    from projections.reading.statement import Statement

Sql = ColumnElement[Any]


class Columns(Protocol):
    """What has columns."""

    @property
    def c(self) -> Any: ...


@dataclass(frozen=True)
class At:
    """A row, or an object inside a JSON column of one."""

    table: Columns | None
    """The table alias whose row it is, or the rows of a page."""
    value: Sql | None = None
    """The JSON object, if it is one."""
    up: "At | None" = None
    """The row or object around it."""
    arguments: "Mapping[str, Argument]" = field(default_factory=dict)
    """The arguments of the field that is being read, where there is no row yet."""

    @property
    def c(self) -> Any:
        """The columns of the nearest row."""
        if self.table is not None:
            return self.table.c
        assert self.up is not None  # noqa: S101 - a JSON object is always inside a row
        return self.up.c


Form = Literal["text", "word", "number", "flag", "enum", "json"]
"""How a value is written: quoted, quoted as a word in which nothing is to be escaped, as it is, as true or false, as such a word in
capitals, or as the JSON that it already is."""


@dataclass(frozen=True)
class Scalar:
    """A value."""

    sql: Callable[["Statement", At], Sql]
    form: Form = "text"


@dataclass(frozen=True)
class Inside:
    """An object made of columns of the row, or of a JSON value in it, without which it is null."""

    fields: Callable[[], "Fields"]
    value: Callable[[At], Sql] | None = None


@dataclass(frozen=True)
class Items:
    """A list: the members of a JSON array, each a value, an object, or a reference to a row."""

    array: Callable[[At], Sql]
    item: Union[Form, Callable[[], "Fields"], "One"]


On = Callable[["Statement", Any, At], Sql]
"""The condition that ties a row (its columns) to the one around it."""


@dataclass(frozen=True)
class One:
    """Another row, or null."""

    view: str
    on: On


@dataclass(frozen=True)
class Nodes:
    """Rows of any type, by their global ids."""

    ids: Callable[["Statement", At], Sql]
    """A JSON array of [type, key] pairs."""
    many: bool
    """Whether the answer is a list, or the first of it."""


@dataclass(frozen=True)
class Many:
    """All rows that belong to this one."""

    view: str
    on: On
    order: Callable[[Any], list[Sql]]
    table: Table | None = None
    """Where the rows are, if not in the view's own table."""


@dataclass(frozen=True)
class Then:
    """What is read as of another moment than what is around it."""

    what: "One | Many | Nodes | Page"
    moment: Callable[["Statement", At], Sql | None]
    """A position; none for the present."""


Filter = Callable[["Statement", At, "Argument"], Sql | None]


@dataclass(frozen=True)
class Order:
    """An order of rows, by columns that are never null and that together tell any two rows apart."""

    columns: Callable[[Any], list[Sql]]
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """A Relay connection."""

    view: str
    orders: Mapping[str, Order]
    """By name; the first one is the default."""
    on: On | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    """What each field of the argument `filter` means, and of `on` and other arguments of the field itself."""
    always: Callable[["Statement", At], Sql | None] | None = None
    """A condition that only a filter may lift."""
    via: Table | None = None
    """Rows that are walked instead, each leading to one of the view's by its column `report`; `on` and the order are about them."""
    ways: Mapping[str, "Way"] = field(default_factory=dict)
    """By the name of a filter: rows to walk by where it is given, since they lead to those that fit alone."""
    made: Callable[["Statement", At], FromClause] | None = None
    """The rows, where they must be worked out first; they have the columns of the view's table."""
    found: bool = False
    """Whether a filter gives the versions themselves, by their row ids, so that none are walked."""


@dataclass(frozen=True)
class Way:
    """Rows that a list is walked by, as by `via` of a page, and which of them a value of a filter means."""

    via: Table
    on: Callable[["Statement", Any, "Argument"], Sql]


@dataclass(frozen=True)
class Feed:
    """What is told one after the other: `told`, each [cursor, kind, object], and `until`, the cursor up to which that is all."""

    view: str
    told: Callable[["Statement", At], tuple[FromClause, Sql]]
    """The rows, which have the columns of the view's table and also `n`, their order, and `cursor`; and the last cursor."""


AnyField = Scalar | Inside | Items | One | Nodes | Many | Page | Then | Feed
Fields = Mapping[str, AnyField]


@dataclass(frozen=True)
class View:
    """A type of object and the rows that it is made of."""

    name: str
    table: FromClause
    fields: Callable[[], Fields]
    """Fields that every object of the view has."""
    versioned: bool = True
    """Whether rows have a span of positions, rather than one position for ever."""
    kinds: Callable[[], Mapping[str, Fields]] | None = None
    """For a view of several types: the further fields of each, by the value of the column `kind`."""
    node: bool = False
    """Whether its objects have a global id."""
    points: bool = False
    """Whether a row only points to the object, by its columns `type` and `target`."""
    key: Callable[["Statement", Any, Sql], Sql] = lambda _, c, key: c.key == key
    """The condition that a row (its columns) is the one with a key."""
