"""How is a page of a list read?  A Relay connection with keyset cursors, forwards and backwards, in one pass over its rows."""

from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import FromClause, and_, case, func, literal_column, or_, select, tuple_, union_all
from sqlalchemy.types import BigInteger

from events.refusals import Refusal
from projections.reading.cursors import decode
from projections.reading.fields import At, Order, Page, Sql, View
from projections.reading.functions import Either, array, as_cursor
from projections.reading.json_sql import Text, as_text, listed, literal, written
from projections.reading.selection import Argument, Field, Param, Selections

if TYPE_CHECKING:
    from projections.reading.statement import Statement

DEFAULT_SIZE: Final = 20
"""How many edges a page has if nobody says."""
MAX_SIZE: Final = 200
"""How many edges a page may have."""

_NUMBERED: Final = 1_000_000
"""Added to a row's number, so that numbers compare as texts do."""


class BadPage(Refusal):
    """The arguments of a connection do not describe a page."""

    code = "BAD_PAGE"


def check_size(size: Any) -> int:
    """A page size that may be asked for."""
    if type(size) is not int or not 0 <= size <= MAX_SIZE:
        raise BadPage(f"a page has 0 to {MAX_SIZE} edges, not {size}")
    return size


def narrowing(arguments: Mapping[str, Argument]) -> dict[str, Argument]:
    """The arguments of a list, those of its `filter` among them."""
    given = arguments.get("filter")
    return {**arguments, **given} if isinstance(given, Mapping) else dict(arguments)


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
        self.conditions: list[Sql] = []
        if page.via is not None:
            walked = self.walked = statement.rows(page.via)
            self.row = statement.alias(view.table)
            self.conditions.append(statement.row(self.row, lambda c: c.key == walked.c.report))
            self.own: tuple[Any, ...] = (self.walked, self.row)
            return
        if page.found:
            self.row = statement.alias(view.table)
            self.conditions.append(statement.visible(self.row))
        elif view.versioned:
            self.row = statement.rows(view.table)
        else:
            self.row = statement.alias(view.table if made is None else made)
        self.walked, self.own = self.row, (self.row,)

    @property
    def tables(self) -> Any:
        if self.walked is self.row:
            return self.row
        return self.walked.join(self.row, and_(*self.conditions))


class Connection:
    """One connection of a statement."""

    def __init__(self, statement: "Statement", page: Page, asked: Field, at: At) -> None:
        arguments = asked.arguments
        if arguments.get("first") is not None and arguments.get("last") is not None:
            raise BadPage("a page is the first or the last edges; ask for one of them")
        self.statement, self.page, self.asked, self.at = statement, page, asked, at
        self.view = statement.views[page.view]
        self.made: FromClause | None = None
        name = arguments.get("orderBy")
        self.order_name = name if isinstance(name, str) else next(iter(page.orders))
        self.order: Order = page.orders[self.order_name]
        self.after, self.before = arguments.get("after"), arguments.get("before")
        self.backward = arguments.get("last") is not None
        size = arguments.get("last" if self.backward else "first")
        self.size: Sql = literal_column(str(DEFAULT_SIZE))
        if isinstance(size, Param):
            self.size = statement.bind(size, check_size, BigInteger())

    def text(self) -> Sql:
        """The JSON text of the connection, read as of the position that its cursor names."""
        moment = self.statement.moment
        for cursor in (self.before, self.after):
            if isinstance(cursor, Param):
                moment = self._from_cursor(cursor, 0, BigInteger())
        with self.statement.at_moment(moment):
            return self._text()

    def _text(self) -> Sql:
        if self.page.made is not None:
            around = At(None, up=self.at, arguments=self.asked.arguments)
            self.made = self.page.made(self.statement, around)
        picked = self._picked()
        ((typename, asked),) = self.asked.selections.items()
        name, items, text = self.statement.name(), list[Sql](), Text("{")
        for n, each in enumerate(asked):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{typename}"')
                case "totalCount":
                    text.add(self._total())
                case "pageInfo":
                    text.add(self._page_info(each, name))
                case "edges":
                    self.statement.charge()
                    items.append(self._edge(each, picked))
                    text.add(self._listed(name, len(items)))
                case _:
                    self.statement.charge()
                    items.append(self._node(each.selections, picked))
                    text.add(self._listed(name, len(items)))
        text.add("}")
        if not any(self._needs_rows(each) for each in asked):
            return text.sql()
        return select(text.sql()).select_from(self._rows(picked, items, name)).scalar_subquery()

    def _needs_rows(self, asked: Field) -> bool:
        """Whether a field of the connection is an aggregate over the rows of the page."""
        counted = "hasPreviousPage" if self.backward else "hasNextPage"
        over_rows = {counted, "startCursor", "endCursor"}
        return asked.name in {"edges", "nodes"} or any(
            each.name in over_rows for fields in asked.selections.values() for each in fields
        )

    def _source(self) -> Source:
        return Source(self.statement, self.view, self.page, self.made)

    def _picked(self) -> Any:
        """The rows of the page and one more.

        They are picked before anything is made of them: a list that must be sorted would else make the JSON of all its rows.
        """
        source = self._source()
        columns = self.order.columns(source.walked.c)
        between = list[Sql]()
        if isinstance(self.after, Param):
            between.append(self._beyond(columns, self.after, forward=True))
        if isinstance(self.before, Param):
            between.append(self._beyond(columns, self.before, forward=False))
        walks = [
            self._first(
                select(*source.row.c)
                .select_from(source.tables)
                .where(*conditions, *between)
                .correlate_except(*source.own),
                columns,
            )
            for conditions in self._walks(source)
        ]
        if len(walks) == 1:
            return walks[0]
        either = union_all(*map(select, walks)).subquery(self.statement.name())
        return self._first(select(either), self.order.columns(either.c))

    def _first(self, rows: Any, columns: list[Sql]) -> Any:
        """As many rows as the page has and one more, from where it begins."""
        falling = self.order.descending != self.backward
        return (
            rows.order_by(*(column.desc() if falling else column.asc() for column in columns))
            .limit(self.size + literal_column("1"))
            .subquery(self.statement.name())
        )

    def _rows(self, picked: Any, items: list[Sql], name: str) -> Any:
        """The JSON of each item and the cursor for each row of the page, numbered from where it begins."""
        numbered = (
            select(
                *(item.label(f"x{n}") for n, item in enumerate(items, 1)),
                self._cursor(picked).label("cursor"),
                func.row_number().over().label("n"),
            )
            .select_from(picked)
            .correlate_except(picked)
        )
        if not self.backward:
            return numbered.subquery(name)
        rows = numbered.subquery(self.statement.name())
        return select(rows).order_by(rows.c.n.desc()).subquery(name)

    def _conditions(self, source: Source) -> list[Sql]:
        conditions = list(source.conditions)
        if self.page.on is not None:
            conditions.append(self.page.on(self.statement, source.walked.c, self.at))
        here = At(source.row, up=self.at, arguments=narrowing(self.asked.arguments))
        return conditions + fitting(self.statement, self.page, here)

    def _walks(self, source: Source) -> Iterator[list[Sql]]:
        """The conditions of each walk through an index of its own; a row is met by the first walk that it fits."""
        conditions = self._conditions(source)
        choices = (_apart(each) for each in conditions if isinstance(each, Either))
        rest = [each for each in conditions if not isinstance(each, Either)]
        for chosen in product(*choices):
            yield [*rest, *chain(*chosen)]

    def _total(self) -> Sql:
        source = self._source()
        return (
            select(func.count())
            .select_from(source.tables)
            .where(*self._conditions(source))
            .correlate_except(*source.own)
            .scalar_subquery()
        )

    def _node(self, selections: Selections, picked: Any) -> Sql:
        arguments = self.asked.arguments
        return self.statement.object(self.view, selections, At(picked, None, self.at, arguments))

    def _edge(self, asked: Field, picked: Any) -> Sql:
        ((typename, fields),) = asked.selections.items()
        text = Text("{")
        for n, each in enumerate(fields):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{typename}"')
                case "cursor":
                    text.add(written(self._cursor(picked), "text"))
                case _:
                    text.add(self._node(each.selections, picked))
        return text.add("}").sql()

    def _listed(self, rows: str, n: int) -> Text:
        item: Sql = literal_column(f"{rows}.x{n}")
        return listed(case((literal_column(f"{rows}.n") <= self.size, item)))

    def _page_info(self, asked: Field, rows: str) -> Text:
        ((typename, fields),) = asked.selections.items()
        more = func.count(literal_column(f"{rows}.n")) > self.size
        near, far = self._end(rows, func.min), self._end(rows, func.max)
        text = Text("{")
        for n, each in enumerate(fields):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{typename}"')
                case "hasNextPage":
                    text.add(self._has(None if self.backward else more, self.before, forward=True))
                case "hasPreviousPage":
                    text.add(self._has(more if self.backward else None, self.after, forward=False))
                case "startCursor":
                    text.add(written(far if self.backward else near, "text"))
                case _:
                    text.add(written(near if self.backward else far, "text"))
        return text.add("}")

    def _end(self, rows: str, least_or_greatest: Any) -> Sql:
        """The cursor of the row with the least or greatest number that is on the page."""
        number: Sql = literal_column(f"{rows}.n")
        cursor: Sql = literal_column(f"{rows}.cursor")
        numbered = as_text(number + literal_column(str(_NUMBERED))).op("||")(cursor)
        behind_number: Sql = literal_column(str(len(str(_NUMBERED)) + 1))
        return func.substr(least_or_greatest(case((number <= self.size, numbered))), behind_number)

    def _has(self, more: Sql | None, cursor: Argument, *, forward: bool) -> Sql:
        """Whether there are rows beyond the page: one that it left out, or those on the other side of a cursor."""
        found = [] if more is None else [more]
        if isinstance(cursor, Param):
            source = self._source()
            columns = self.order.columns(source.walked.c)
            outside = ~self._beyond(columns, cursor, forward=not forward)
            for conditions in self._walks(source):
                beyond: Any = (
                    select(literal_column("1"))
                    .select_from(source.tables)
                    .where(*conditions, outside)
                    .correlate_except(*source.own)
                )
                found.append(beyond.exists())
        return written(or_(*found), "flag") if found else literal("false")

    def _beyond(self, columns: list[Sql], cursor: Param, *, forward: bool) -> Sql:
        values = [self._from_cursor(cursor, n, c.type) for n, c in enumerate(columns, 1)]
        place, bound = (
            (columns[0], values[0]) if len(columns) == 1 else (tuple_(*columns), tuple_(*values))
        )
        return place > bound if forward != self.order.descending else place < bound

    def _from_cursor(self, cursor: Param, n: int, type_: Any) -> Sql:
        table = self.view.table if self.page.via is None else self.page.via
        arity, name = len(self.order.columns(table.c)), self.order_name
        return self.statement.bind(cursor, lambda value: decode(value, name, arity)[n], type_)

    def _cursor(self, row: Any) -> Sql:
        statement = self.statement
        position = statement.present if statement.moment is None else statement.moment
        columns = self.order.columns(row.c)
        return as_cursor(array(literal(self.order_name), position, *columns))


def _apart(either: Either) -> Iterator[list[Sql]]:
    """Its conditions, none true of a row that one before is true of; they are about columns that are never null."""
    before = list[Sql]()
    for each in either.clauses:
        yield [each, *before]
        before.append(~each)
