"""How does a selection become one statement?  Objects nest as sub-selects, each giving its JSON text; every value is bound.

A statement is built once per shape of an operation; running it binds the values and gives the finished answer.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    FromClause,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import String, TypeEngine

from events.refusals import Refusal
from projections.reading import moments
from projections.reading.fields import (
    AnyField,
    At,
    Feed,
    Fields,
    Inside,
    Items,
    Many,
    Nodes,
    One,
    Page,
    Scalar,
    Sql,
    Then,
    View,
)
from projections.reading.functions import Either
from projections.reading.json_sql import NULL, Text, listed, literal, written
from projections.reading.members import Member, absent, members, objects
from projections.reading.pages import Connection
from projections.reading.selection import Field, Param, Selections
from projections.reading.tables import CHECKPOINTS

Convert = Callable[..., Any]

MAX_WORK: Final = 5_000
"""How much a statement may ask for: a value counts 1, whatever reads rows of its own counts `ROWS`."""
ROWS: Final = 10
"""How much more it is to read rows than a value."""
MAX_DEPTH: Final = 24
"""How deeply fields that read rows may be nested."""


class TooComplex(Refusal):
    """The query asks for more at once than one statement should."""

    code = "TOO_COMPLEX"


@dataclass(frozen=True, slots=True)
class Bind:
    """How a bound value is made of the values that come with a request."""

    name: str
    slots: tuple[int, ...]
    """Its own, and those of values that decide with it."""
    convert: Convert | None


class Statement:
    """A statement being built."""

    def __init__(self, views: Mapping[str, View], dialect: Dialect) -> None:
        self.views, self.dialect = views, dialect
        self.binds: list[Bind] = []
        self.moment: Sql | None = None
        """The position as of which rows are read; none for the present."""
        self._names = count(1)
        self._work = self._depth = 0

    def bind(
        self,
        param: Param,
        convert: Convert | None = None,
        type_: TypeEngine[Any] | None = None,
        *beside: Param,
    ) -> BindParameter[Any]:
        """A place for a value; `convert` may refuse it when it is bound, and looks at the ones beside it, too."""
        name = f"p{len(self.binds) + 1}"
        self.binds.append(Bind(name, tuple(each.slot for each in (param, *beside)), convert))
        return bindparam(name, type_=type_ or String())

    def alias(self, of: FromClause) -> Any:
        """The table under a name of its own."""
        return of.alias(f"t{next(self._names)}")

    def name(self) -> str:
        """A name not used before."""
        return f"t{next(self._names)}"

    def visible(self, row: Any, view: View | None = None) -> Sql:
        """The condition that a version is read at this moment."""
        if view is not None and not view.versioned:
            return true()
        return moments.visible(row, self.moment)

    def rows(
        self, table: Any, name: str | None = None, asked: Collection[str] | None = None
    ) -> Any:
        """The rows of a versioned table that are read at this moment, under a name of their own.

        `asked` are the columns that are needed, if not all are.
        """
        lateral = self.dialect.name == "postgresql"
        return moments.listed(table, self.moment, name or self.name(), asked, lateral=lateral)

    def any_of(self, columns: Any, *conditions: Sql) -> Sql:
        """Any of some conditions on `rows`, on columns that are never null; each by an index of its own."""
        return Either(moments.indexed(columns, self.moment), *conditions)

    def row(self, row: Any, which: Callable[[Any], Sql], view: View | None = None) -> Sql:
        """The condition that a row (an alias) is read at this moment, and is the only one that another condition is true of."""
        if view is not None and not view.versioned:
            return which(row.c)
        return moments.standing(row, self.moment, which)

    @property
    def present(self) -> Sql:
        """The position that the views reflect."""
        return select(func.min(CHECKPOINTS.c.position)).scalar_subquery()

    @contextmanager
    def at_moment(self, moment: Sql | None) -> Iterator[None]:
        """Read what is inside as of another position."""
        before, self.moment = self.moment, moment
        try:
            yield
        finally:
            self.moment = before

    def fields(self, fields: Fields, asked: Sequence[Field], at: At, typename: str | Sql) -> Text:
        """The JSON object with the fields that are asked for."""
        text = Text("{")
        for n, each in enumerate(asked):
            text.add(f'{"," if n else ""}"{each.key}":')
            if each.name == "__typename":
                text.add(
                    f'"{typename}"' if isinstance(typename, str) else written(typename, "text")
                )
            else:
                text.add(self.value(fields[each.name], each, at))
        return text.add("}")

    def charge(self, *, rows: bool = True) -> None:
        """Count what is asked for: rows, or one value.  Raises TooComplex when it becomes too much."""
        self._work += ROWS if rows else 1
        if self._work > MAX_WORK:
            raise TooComplex("the query asks for too many fields at once; ask in several queries")

    def value(self, meaning: AnyField, asked: Field, at: At) -> Text | Sql:
        """The JSON text of one field.  Raises TooComplex."""
        self.charge(rows=not isinstance(meaning, Scalar | Inside))
        if isinstance(meaning, Scalar):
            return written(meaning.sql(self, at), meaning.form)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooComplex(
                f"the query nests more than {MAX_DEPTH} fields; ask in several queries"
            )
        text = self._structure(meaning, asked, at)
        self._depth -= 1
        return text

    def _structure(
        self,
        meaning: Inside | Items | One | Nodes | Many | Page | Then | Feed,
        asked: Field,
        at: At,
    ) -> Text | Sql:
        match meaning:
            case Inside():
                return self._inside(meaning, asked.selections, at)
            case Items():
                return self._items(meaning, asked.selections, at)
            case One():
                at = At(at.table, at.value, at.up, asked.arguments) if asked.arguments else at
                return self._one(meaning, asked.selections, at)
            case Nodes():
                return self._nodes(meaning, asked.selections, at)
            case Many():
                return self._many(meaning, asked.selections, at)
            case Page():
                return Connection(self, meaning, asked, at).text()
            case Then():
                with self.at_moment(meaning.moment(self, at)):
                    return self._structure(meaning.what, asked, at)
            case Feed():
                return self._feed(meaning, asked.selections, at)

    def object(self, view: View, selections: Selections, at: At) -> Sql:
        """The JSON object of a row."""
        if view.points:
            return self.node(at.c.type, at.c.target, selections)
        if view.kinds is None:
            ((typename, asked),) = selections.items()
            return self.fields(view.fields(), asked, at, typename).sql()
        return self._by_kind(view.fields(), view.kinds(), selections, at)

    def _by_kind(
        self, base: Fields, kinds: Mapping[str, Fields], selections: Selections, at: At
    ) -> Sql:
        """The JSON object of a row of one of several kinds; what all or most are asked for is written once."""
        common: tuple[tuple[Field, ...], Sql] | None = None
        special: list[tuple[Sql, Sql]] = []
        for kind, asked in selections.items():
            if kind not in kinds:  # of a union that has members which are in no table
                continue
            if common is not None and common[0] == asked:
                continue
            if common is None and all(
                each.name in base or each.name == "__typename" for each in asked
            ):
                common = (asked, self.fields(base, asked, at, at.c.kind).sql())
                continue
            text = self.fields({**base, **kinds[kind]}, asked, at, kind).sql()
            special.append((at.c.kind == literal(kind), text))
        otherwise = literal("{}") if common is None else common[1]
        return case(*special, else_=otherwise) if special else otherwise

    def node(self, type_: Sql, key: Sql, selections: Selections) -> Sql:
        """The JSON object of the row that a type and a key name, or null; `Report` stands for every kind of report."""
        found = []
        for name, view in self.views.items():
            kinds = view.kinds() if view.kinds else {view.name: None}
            asked = {kind: fields for kind, fields in selections.items() if kind in kinds}
            if asked and view.node:
                row, which = self.alias(view.table), partial(_has_key, self, view, key)
                found.append(
                    select(self.object(view, asked, At(row)))
                    .select_from(row)
                    .where(type_ == literal(name), self.row(row, which, view))
                    .correlate_except(row)
                    .scalar_subquery()
                )
        return func.coalesce(*found, literal(NULL))

    def _inside(self, meaning: Inside, selections: Selections, at: At) -> Sql:
        ((typename, asked),) = selections.items()
        value = meaning.value(at) if meaning.value else None
        here = At(None, value, at) if value is not None else at
        text = self.fields(meaning.fields(), asked, here, typename).sql()
        return text if value is None else case((absent(value), literal(NULL)), else_=text)

    def _items(self, meaning: Items, selections: Selections, at: At) -> Sql:
        if callable(meaning.item):
            return self._objects(meaning.array(at), meaning.item(), selections, at)
        each = members(meaning.array(at), self.name())
        own: tuple[Any, ...] = (each,)
        if isinstance(meaning.item, str):
            query = select(written(each.c.value, meaning.item).label("x")).select_from(each)
        else:
            view, on = self.views[meaning.item.view], meaning.item.on
            row, here = self.alias(view.table), At(None, each.c.value, at)
            query = (
                select(self.object(view, selections, At(row)).label("x"))
                .where(self.row(row, lambda c: on(self, c, here), view))
                .select_from(each.join(row, literal_column("1") == literal_column("1")))
            )
            own = (each, row)
        rows = query.order_by(each.c.key).correlate_except(*own).subquery(self.name())
        return select(listed(rows.c.x).sql()).scalar_subquery()

    def _objects(self, array: Sql, fields: Fields, selections: Selections, at: At) -> Sql:
        """The objects of a JSON array, which are in its order by themselves.

        They are made by a select of their own: an aggregate in which only columns of the rows around it stand would be one over those.
        """
        ((typename, asked),) = selections.items()
        each = objects(array, self.name())
        item = self.fields(fields, asked, At(None, each.c.value, at), typename).sql()
        rows = select(item.label("x")).select_from(each).correlate_except(each)
        return select(listed(rows.subquery(self.name()).c.x).sql()).scalar_subquery()

    def _one(self, meaning: One, selections: Selections, at: At) -> Sql:
        view = self.views[meaning.view]
        row = self.alias(view.table)
        found = (
            select(self.object(view, selections, At(row)))
            .select_from(row)
            .where(self.row(row, lambda c: meaning.on(self, c, at), view))
            .limit(literal_column("1"))
            .correlate_except(row)
            .scalar_subquery()
        )
        return func.coalesce(found, literal(NULL))

    def _many(self, meaning: Many, selections: Selections, at: At) -> Sql:
        view = self.views[meaning.view]
        table = view.table if meaning.table is None else meaning.table
        row = self.rows(table) if view.versioned else self.alias(table)
        rows = (
            select(self.object(view, selections, At(row, up=at)).label("x"))
            .select_from(row)
            .where(meaning.on(self, row.c, at))
            .order_by(*meaning.order(row.c))
            .correlate_except(row)
            .subquery(self.name())
        )
        return select(listed(rows.c.x).sql()).scalar_subquery()

    def _feed(self, meaning: Feed, selections: Selections, at: At) -> Text:
        told, until = meaning.told(self, at)
        view = self.views[meaning.view]
        each = Text("[", written(told.c.cursor, "text"), ",", written(told.c.kind, "text"), ",")
        rows = (
            select(each.add(self.object(view, selections, At(told))).add("]").sql().label("x"))
            .select_from(told)
            .order_by(told.c.n)
            .correlate_except(told)
            .subquery(self.name())
        )
        found = select(listed(rows.c.x).sql()).scalar_subquery()
        return Text('{"told":', found, ',"until":', written(until, "text"), "}")

    def _nodes(self, meaning: Nodes, selections: Selections, at: At) -> Sql:
        each = members(meaning.ids(self, at), self.name())
        found = self.node(_member(each.c.value, 0), _member(each.c.value, 1), selections)
        if not meaning.many:
            return select(found).select_from(each).correlate_except(each).scalar_subquery()
        rows = (
            select(found.label("x"))
            .select_from(each)
            .order_by(each.c.key)
            .correlate_except(each)
            .subquery(self.name())
        )
        return select(listed(rows.c.x).sql()).scalar_subquery()


def _has_key(s: Statement, view: View, key: Sql, columns: Any) -> Sql:
    return view.key(s, columns, key)


def _member(pair: Sql, ordinal: int) -> Sql:
    return Member(pair, ordinal)
