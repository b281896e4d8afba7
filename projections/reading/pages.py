"""How is a page of a list written?  A Relay connection with keyset cursors, forwards and backwards, in one pass over its rows."""

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, literal_column, or_, select
from sqlalchemy.types import BigInteger, String

from events.refusals import Refusal
from projections.reading.fields import At, Page, Sql
from projections.reading.functions import as_cursor
from projections.reading.json_sql import Text, as_text, listed, literal, written
from projections.reading.picked import Picked
from projections.reading.selection import Argument, Field, Param, Selections
from projections.reading.walks import Walk

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


class Connection:
    """One connection of a statement.

    Its rows are numbered, and there is one more of them than is shown, only where somebody asks for what that tells.
    """

    def __init__(self, statement: "Statement", page: Page, asked: Field, at: At) -> None:
        arguments = asked.arguments
        if arguments.get("first") is not None and arguments.get("last") is not None:
            raise BadPage("a page is the first or the last edges; ask for one of them")
        self.statement, self.asked, self.at = statement, asked, at
        self.walk = Walk(statement, page, at, arguments)
        size = arguments.get("last" if self.walk.backward else "first")
        self.size: Sql = literal_column(str(DEFAULT_SIZE))
        if isinstance(size, Param):
            self.size = statement.bind(size, check_size, BigInteger())
        ((self.typename, self.fields),) = asked.selections.items()
        self.numbered = any(map(self._needs_numbers, self.fields))
        self.name = statement.name()
        self.items: list[Sql] = []
        """What is made of each row: the columns x1, x2 … of what has the name."""
        self.placed = False
        """Whether a cursor is asked for."""

    def text(self) -> Sql:
        """The JSON text of the connection, read as of the position that its cursor names."""
        moment = self.statement.moment
        for cursor in (self.walk.before, self.walk.after):
            if isinstance(cursor, Param):
                moment = self.walk.from_cursor(cursor, 0, BigInteger())
        with self.statement.at_moment(moment):
            return self._text()

    def _text(self) -> Sql:
        picked = self.walk.picked()
        text = Text("{")
        for n, each in enumerate(self.fields):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{self.typename}"')
                case "totalCount":
                    text.add(written(self.walk.total(), "number"))
                case "pageInfo":
                    text.add(self._page_info(each))
                case "edges":
                    self.statement.charge()
                    text.add(self._listed(self._edge(each, picked)))
                case _:
                    self.statement.charge()
                    text.add(self._listed(self._node(each.selections, picked)))
        text.add("}")
        if not self.numbered and not any(each.name in {"edges", "nodes"} for each in self.fields):
            return text.sql()
        return select(text.sql()).select_from(self._rows(picked)).scalar_subquery()

    def _needs_numbers(self, asked: Field) -> bool:
        """Whether a field of the connection tells where the page ends."""
        counted = "hasPreviousPage" if self.walk.backward else "hasNextPage"
        told = {counted, "startCursor", "endCursor"}
        return asked.name == "pageInfo" and any(
            each.name in told for fields in asked.selections.values() for each in fields
        )

    def _rows(self, picked: Picked) -> Any:
        """What is made of each row of the page, and what its cursor is made of; numbered from where the page begins."""
        columns: list[Any] = [item.label(f"x{n}") for n, item in enumerate(self.items, 1)]
        if self.placed:
            columns.append(self.walk.place(picked).label("place"))
        if self.numbered:
            columns.append(func.row_number().over().label("n"))
        # A sum even if nothing is added: a bare parameter in a LIMIT lets SQLite prepare the statement anew whenever it is bound.
        size = self.size + literal_column("1" if self.numbered else "0")
        page = self.walk.page(picked, size, literal_column(str(MAX_SIZE + 1)))
        rows = select(*columns or [size]).select_from(page).correlate_except(page)
        return self.walk.in_order(rows, picked).subquery(self.name)

    def _node(self, selections: Selections, picked: Picked) -> Sql:
        """The node of a row, which is made below."""
        at = At(picked, None, self.at, self.asked.arguments)
        self.items.append(self.statement.object(self.walk.view, selections, at))
        return self._column(f"x{len(self.items)}")

    def _edge(self, asked: Field, picked: Picked) -> Sql:
        ((typename, fields),) = asked.selections.items()
        text = Text("{")
        for n, each in enumerate(fields):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{typename}"')
                case "cursor":
                    self.placed = True
                    text.add('"').add(as_cursor(self._column("place"))).add('"')
                case _:
                    text.add(self._node(each.selections, picked))
        return text.add("}").sql()

    def _column(self, name: str) -> Sql:
        """A column of what is made of the rows."""
        return literal_column(f"{self.name}.{name}", String())

    @property
    def _number(self) -> Sql:
        return literal_column(f"{self.name}.n", BigInteger())

    def _listed(self, item: Sql) -> Text:
        return listed(case((self._number <= self.size, item)) if self.numbered else item)

    def _page_info(self, asked: Field) -> Text:
        ((typename, fields),) = asked.selections.items()
        more = func.count(self._number) > self.size
        left, right = (more, None) if self.walk.backward else (None, more)
        text = Text("{")
        for n, each in enumerate(fields):
            text.add(f'{"," if n else ""}"{each.key}":')
            match each.name:
                case "__typename":
                    text.add(f'"{typename}"')
                case "hasNextPage":
                    text.add(self._has(right, self.walk.before, forward=True))
                case "hasPreviousPage":
                    text.add(self._has(left, self.walk.after, forward=False))
                case end:
                    first = (end == "startCursor") != self.walk.backward
                    text.add(written(self._end(func.min if first else func.max), "text"))
        return text.add("}")

    def _end(self, least_or_greatest: Any) -> Sql:
        """The cursor of the row with the least or greatest number that is on the page."""
        self.placed = True
        place = self._column("place")
        numbered = as_text(self._number + literal_column(str(_NUMBERED))).op("||")(place)
        behind_number: Sql = literal_column(str(len(str(_NUMBERED)) + 1))
        found = least_or_greatest(case((self._number <= self.size, numbered)))
        return as_cursor(func.substr(found, behind_number))

    def _has(self, more: Sql | None, cursor: Argument, *, forward: bool) -> Sql:
        """Whether there are rows beyond the page: one that it left out, or those on the other side of a cursor."""
        found = [] if more is None else [more]
        if isinstance(cursor, Param):
            found += self.walk.outside(cursor, forward=forward)
        return written(or_(*found), "flag") if found else literal("false")
