"""Which rows are on a page?  Those that a walk through an index meets first, from one end or from behind a cursor.

A page carries no more of its rows than is asked for: what a database has to hold or to sort on the way costs as much as it is wide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial, reduce
from itertools import chain, product
from operator import add
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    FromClause,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from projections.reading.cursors import decode
from projections.reading.fields import At, Order, Page, Sql, View, Way
from projections.reading.functions import Either, array
from projections.reading.json_sql import literal
from projections.reading.picked import Picked
from projections.reading.selection import Argument, Param

if TYPE_CHECKING:
    from projections.reading.statement import Statement

_ONE: Final[Sql] = literal_column("1")


def narrowing(arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """The arguments of a list, those of its `filter` among them."""
    given = arguments.get("filter")
    return {**arguments, **given} if isinstance(given, Mapping) else dict(arguments)


def by_way(page: Page, arguments: Mapping[str, Argument]) -> Page:
    """The page, walked by the rows that one of the given filters leads along, if one does."""
    given = narrowing(arguments)
    for name, way in page.ways.items():
        if (value := given.get(name)) is not None:
            others = {each: page.filters[each] for each in page.filters if each != name}
            on = partial(_led_by, way, value)
            return replace(page, on=on, filters=others, via=way.via, ways={})
    return page


def _led_by(way: Way, value: Argument, statement: "Statement", columns: Any, _: At) -> Sql:
    return way.on(statement, columns, value)


def fitting(statement: "Statement", page: Page, row: At) -> list[Sql]:
    """The conditions that a row is in a list that was narrowed by the arguments."""
    conditions = [] if page.always is None else [page.always(statement, row)]
    for name, meaning in page.filters.items():
        if row.arguments.get(name) is not None:
            conditions.append(meaning(statement, row, row.arguments[name]))
    return [condition for condition in conditions if condition is not None]


class Source:
    """The rows that a page is taken from: those of the view, perhaps walked by way of others."""

    def __init__(
        self, statement: "Statement", view: View, page: Page, made: FromClause | None
    ) -> None:
        self._statement = statement
        self.conditions: list[Sql] = []
        if page.via is not None:
            walked = self.walked = Picked(page.via, statement.name())
            self.row: Any = statement.alias(view.table)
            self._led_to = statement.row(self.row, lambda c: c.key == walked.c.report)
            return
        if page.found:
            self.row = statement.alias(view.table)
            self.conditions.append(statement.visible(self.row))
        elif view.versioned:
            self.row = Picked(view.table, statement.name())
        else:
            self.row = statement.alias(view.table if made is None else made)
        self.walked = self.row

    def rows(self, columns: Sequence[Any], *conditions: Sql) -> Any:
        """Columns of those rows that conditions are true of; whatever is read of them has been asked for by now."""
        walked: Any = self.walked
        if isinstance(walked, Picked):
            walked = self._statement.rows(walked.table, walked.name, walked.asked)
        tables, own = walked, [walked]
        if self.row is not self.walked:
            tables, own = walked.join(self.row, self._led_to), [walked, self.row]
        rows = select(*columns).select_from(tables).where(*conditions)
        return rows.correlate_except(*own)


class Walk:
    """All rows of a connection in their order."""

    def __init__(
        self, statement: "Statement", page: Page, at: At, arguments: Mapping[str, Argument]
    ) -> None:
        name = arguments.get("orderBy")
        self.order_name = name if isinstance(name, str) else next(iter(page.orders))
        self.order: Order = page.orders[self.order_name]
        self.view = statement.views[page.view]
        self.after, self.before = arguments.get("after"), arguments.get("before")
        self.backward = arguments.get("last") is not None
        self._statement, self._at, self._arguments = statement, at, arguments
        self._page = by_way(page, arguments)

    def picked(self) -> Picked:
        """The rows of a page, which `page` selects."""
        return Picked(self.view.table, self._statement.name())

    def page(self, picked: Picked, size: Sql, largest: Sql) -> Any:
        """So many rows, and never more than `largest`, from one end, or from a cursor on; the last first if they are read backwards.

        They are picked before anything is made of them: a list that must be sorted would else make the JSON of all its rows.
        """
        source = self._source()
        columns = self.order.columns(source.walked.c)
        between = list[Sql]()
        if isinstance(self.after, Param):
            between.append(self._beyond(columns, self.after, forward=True))
        if isinstance(self.before, Param):
            between.append(self._beyond(columns, self.before, forward=False))
        self.order.columns(picked.c)  # by these they are merged, whoever else asks for them
        asked = [source.row.c[name].label(name) for name in picked.asked]
        walks = [source.rows(asked, *conditions, *between) for conditions in self._walks(source)]
        if self._statement.dialect.name == "postgresql":
            bound = largest if self._page.on is None else size
            rows = self._merged([self._bounded(each, columns, bound) for each in walks])
            rows = select(rows.subquery(self._statement.name()))
        elif len(walks) == 1:
            rows = self._ordered(walks[0], columns)
        else:
            rows = self._merged(walks)
        return rows.limit(size).subquery(picked.name)

    def _bounded(self, walk: Any, columns: list[Sql], bound: Sql) -> Any:
        """The first rows of a walk, in order; without a limit PostgreSQL would sort walks to merge them.

        It plans for any size as if a tenth of all rows were wanted, which is about right for what belongs to a row, and far too much
        for a list of everything: there it is told how many there can be on a page.
        """
        return select(self._ordered(walk, columns).limit(bound).subquery(self._statement.name()))

    def _merged(self, walks: list[Any]) -> Any:
        if len(walks) == 1:
            return walks[0]
        merged = union_all(*walks)
        return self._ordered(merged, self.order.columns(merged.selected_columns))

    def in_order(self, rows: Any, picked: Picked) -> Any:
        """What is made of the rows of a page, the first first."""
        if not self.backward:
            return rows
        return self._ordered(rows, self.order.columns(picked.c), again=True)

    def total(self) -> Sql:
        """How many rows there are."""
        source = self._source()
        counts = [source.rows([func.count()], *each) for each in self._walks(source)]
        return reduce(add, (each.scalar_subquery() for each in counts))

    def outside(self, cursor: Param, *, forward: bool) -> Iterator[Sql]:
        """Whether there are rows on the other side of a cursor; any of the conditions says so."""
        source = self._source()
        columns = self.order.columns(source.walked.c)
        outside = ~self._beyond(columns, cursor, forward=not forward)
        for conditions in self._walks(source):
            yield source.rows([_ONE], *conditions, outside).exists()

    def place(self, row: Any) -> Sql:
        """The JSON text that is the cursor of a row once it is encoded."""
        statement = self._statement
        position = statement.present if statement.moment is None else statement.moment
        return array(literal(self.order_name), position, *self.order.columns(row.c))

    def from_cursor(self, cursor: Param, n: int, type_: Any) -> Sql:
        """A value of a cursor: the position first, then those of the columns that order the rows."""
        table = self.view.table if self._page.via is None else self._page.via
        arity, name = len(self.order.columns(table.c)), self.order_name
        return self._statement.bind(cursor, lambda value: decode(value, name, arity)[n], type_)

    def _source(self) -> Source:
        return Source(self._statement, self.view, self._page, self._made)

    @cached_property
    def _made(self) -> FromClause | None:
        around = At(None, up=self._at, arguments=self._arguments)
        return None if self._page.made is None else self._page.made(self._statement, around)

    def _ordered(self, rows: Any, columns: list[Sql], *, again: bool = False) -> Any:
        """Rows in the order in which they are read, or that in which they are shown again."""
        falling = self.order.descending != (self.backward and not again)
        return rows.order_by(*(each.desc() if falling else each.asc() for each in columns))

    def _conditions(self, source: Source) -> list[Sql]:
        conditions = list(source.conditions)
        if self._page.on is not None:
            conditions.append(self._page.on(self._statement, source.walked.c, self._at))
        here = At(source.row, up=self._at, arguments=narrowing(self._arguments))
        return conditions + fitting(self._statement, self._page, here)

    def _walks(self, source: Source) -> Iterator[list[Sql]]:
        """The conditions of each walk through an index of its own; a row is met by the first walk that it fits."""
        conditions = self._conditions(source)
        choices = (_apart(each) for each in conditions if isinstance(each, Either))
        rest = [each for each in conditions if not isinstance(each, Either)]
        for chosen in product(*choices):
            yield [*rest, *chain(*chosen)]

    def _beyond(self, columns: list[Sql], cursor: Param, *, forward: bool) -> Sql:
        values = [self.from_cursor(cursor, n, c.type) for n, c in enumerate(columns, 1)]
        place, bound = (
            (columns[0], values[0]) if len(columns) == 1 else (tuple_(*columns), tuple_(*values))
        )
        return place > bound if forward != self.order.descending else place < bound


def _apart(either: Either) -> Iterator[list[Sql]]:
    """Its conditions, none true of a row that one before is true of; they are about columns that are never null."""
    before = list[Sql]()
    for each in either.conditions:
        yield [each, *before]
        before.append(~each)
