"""How is a query answered?  From its document to bytes by one statement; what is no plain reading goes to Strawberry's executor.

Planning is done once for each operation and shape of its variables, and kept in a bounded cache.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

import orjson
from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
)

from api import awaiting
from api.access.needs import NOTHING, hidden_from
from api.collecting import FIRST, NotSelectable, Part, may_put_off
from api.limits.bounds import Limits
from api.remembered import Remembered
from api.requests import Asked
from api.selecting import (
    PartSelector,
    Selected,
    Selector,
    Shape,
    given_as,
    shape_of,
)
from api.validating import Declared, Document, Operation, Validator, Variables, declared_by
from projections.reading.plan import Plan, plan
from projections.reading.reader import Reader
from projections.reading.selection import Field, Param
from projections.views.roots import PASSING, ROOTS, VIEWS
from projections.views.touching import NOTICED

PLANS: Final = 1000
"""Plans that are remembered."""

PartReader = Callable[[Part, int | None], Awaitable[tuple[int, Any]]]
"""Reads a part of a query, as of a position or in the present: (position of the views, data)."""


@dataclass(frozen=True)
class Planned:
    """A plan and how to get the values that it needs out of the variables."""

    plan: Plan
    getters: Sequence[Callable[[Variables], Any]]
    moments: Sequence[int] = ()
    """Which of the values are the positions that all is read as of; none if something is read as of the present."""
    repeatable: bool = True
    """Whether the same position always gives the same answer."""

    def values(self, variables: Variables) -> list[Any]:
        return [get(variables) for get in self.getters]


class Found(NamedTuple):
    """What a query found."""

    position: int
    """What the answer reflects."""
    data: bytes
    """The JSON of the data."""
    settled: bool
    """Whether it is the same for ever: all is read as of positions that the log has passed."""
    repeatable: bool = True
    """Whether it is the same as long as the position is."""


Outcome = Found | list[GraphQLError] | None
"""What a query comes to: what it found, errors in its variables, or none if it is not all reading."""


class Reading:
    """Answers the queries of a schema from the views."""

    def __init__(self, schema: GraphQLSchema, reader: Reader, limits: Limits | None = None) -> None:
        """`limits` are the default ones if nothing is said."""
        self.schema, self._reader, self.limits = schema, reader, limits or Limits()
        self._validator = Validator(schema, self.limits)
        assert schema.query_type is not None  # noqa: S101 - ours has one
        self._query: GraphQLObjectType = schema.query_type
        self._plans: Remembered[Planned | None] = Remembered(PLANS)

    @property
    def caches(self) -> Iterator[tuple[str, Remembered[Any]]]:
        """What is remembered, each with what it is of."""
        yield "documents", self._validator.documents
        yield "plans", self._plans

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return self._reader.statements

    def document(self, source: str) -> Document:
        """The document of a source text, parsed and validated once."""
        return self._validator.document(source)

    def values(self, operation: Operation, given: Variables) -> dict[str, Any] | list[GraphQLError]:
        """The coerced values of an operation's variables, or what is wrong with those that were given."""
        hidden = not self.limits.introspection
        return operation.values(self.schema, given, hide_suggestions=hidden)

    async def answer(
        self, source: str, name: str | None, given: Variables, hidden: frozenset[str] = NOTHING
    ) -> Outcome:
        """What a query found that is all reading; errors in its variables; none if it is not.

        The document must be valid and have the operation; no node is of a type that is hidden.
        Raises the refusals of values that cannot be bound.
        """
        operation = self.document(source).operations[name]
        values = self.values(operation, given)
        if isinstance(values, list):
            return values
        if operation.kind is not OperationType.QUERY:
            return None
        shapes = _shapes(operation.declared, values)
        planned = self._plans.get(
            (source, name, hidden, *shapes.items()),
            lambda: self._planned(operation, shapes, hidden),
        )
        if planned is None:
            return None
        bound = planned.values(values)
        position, data = await self._reader.run(planned.plan, bound)
        latest = max((bound[slot] for slot in planned.moments), default=None)
        settled = latest is not None and latest <= position
        return Found(position, data.encode(), settled, planned.repeatable)

    def in_parts(
        self, operation: Operation, asked: Asked, hidden: frozenset[str] = NOTHING
    ) -> PartReader | None:
        """How an operation is read part by part; none if nothing in it is put off.  No node is of a type that is hidden."""
        if operation.kind is not OperationType.QUERY or not may_put_off(asked.query):
            return None
        values = self.values(operation, asked.variables)
        if isinstance(values, list):
            return None
        shapes = _shapes(operation.declared, values)

        def selected(part: Part) -> tuple[Selected, bool]:
            selector = PartSelector(self.schema, operation.fragments, shapes, hidden, part)
            return selector.root(self._query, operation.node.selection_set), selector.puts_off

        def planned(part: Part) -> Planned:
            fields, getters = selected(part)[0]
            as_of = None if part == FIRST else Param(len(getters))
            return Planned(self._plan_of(fields, as_of), getters)

        async def read(part: Part, position: int | None) -> tuple[int, Any]:
            key = (asked.query, asked.operation_name, hidden, tuple(shapes.items()), part)
            found = self._plans.get(key, lambda: planned(part))
            assert found is not None  # noqa: S101 - a part can be planned
            bound = [*found.values(values), *(() if position is None else (position,))]
            reflected, data = await self._reader.run(found.plan, bound)
            return reflected, orjson.loads(data)

        return read if selected(FIRST)[1] else None

    async def field(self, info: GraphQLResolveInfo[Any]) -> Any:
        """The value of a root field that Strawberry's executor has come to."""
        coerced, selector = self._selector(info)
        key = str(info.path.key)
        planned = self._plan(selector.root_field(self._query, key, info.field_nodes))
        _, data = await self._reader.run(planned.plan, planned.values(coerced))
        return orjson.loads(data)[key]

    def prepared(
        self, info: GraphQLResolveInfo[Any], root: str, *names: str
    ) -> Callable[..., Awaitable[Any]]:
        """How the field that Strawberry's executor has come to is read as a root field: a function of the named arguments.

        Its other arguments are those of the document.
        """
        coerced, selector = self._selector(info)
        key = str(info.path.key)
        definition = info.parent_type.fields[info.field_name]
        place = (info.operation.loc and info.operation.loc.source.body, *info.path.as_list(), root)
        planned = self._plans.get(
            (
                *place,
                info.operation.name and info.operation.name.value,
                selector.hidden,
                *selector.shapes,
            ),
            lambda: self._plan(selector.field(key, root, definition, info.field_nodes, names)),
        )
        assert planned is not None  # noqa: S101 - a single field can be planned

        async def read(*values: Any) -> Any:
            given = {**coerced, **dict(zip(map(given_as, names), values, strict=True))}
            _, data = await self._reader.run(planned.plan, planned.values(given))
            return orjson.loads(data)[key]

        return read

    async def touched(self, type_: str, after: int, until: int) -> list[list[Any]]:
        """What the rows of a type say that were touched behind a position, up to another one: the `COLUMNS` of the type."""
        asked = Field(type_, type_, {"after": Param(0), "until": Param(1)})
        _, found = await self._reader.run(self._noticed(asked), (after, until))
        return cast("list[list[Any]]", orjson.loads(found)[type_])

    async def standing(self, slug: str) -> str:
        """The slug of the actor that stands for a slug."""
        asked = Field("standing", "standing", {"slug": Param(0)})
        _, found = await self._reader.run(self._noticed(asked), (slug,))
        return str(orjson.loads(found)["standing"])

    def _noticed(self, asked: Field) -> Plan:
        """The plan of a field that only says whom it may concern."""
        planned = self._plans.get(
            asked.name,
            lambda: Planned(plan((asked,), NOTICED, {}, "", self._reader.dialect), ()),
        )
        assert planned is not None  # noqa: S101 - each of these can be planned
        return planned.plan

    def _selector(self, info: GraphQLResolveInfo[Any]) -> tuple[dict[str, Any], Selector]:
        coerced = cast("dict[str, Any]", info.variable_values)  # all that Strawberry passes on
        shapes = _shapes(declared_by(self.schema, info.operation), coerced)
        hidden = hidden_from(info.context.caller.rights)
        return coerced, Selector(self.schema, info.fragments, shapes, hidden, typenames=True)

    def known_position(self) -> int:
        """The newest position that is known to be reflected, without asking a server."""
        return self._reader.position()

    async def position(self) -> int:
        """The position that the views reflect."""
        planned = self._plans.get((), lambda: Planned(self._plan_of(()), ()))
        assert planned is not None  # noqa: S101 - to read nothing can be planned
        return (await self._reader.run(planned.plan, ()))[0]

    def _planned(
        self, operation: Operation, shapes: Mapping[str, Shape], hidden: frozenset[str]
    ) -> Planned | None:
        if any(each.name.value != awaiting.NAME for each in operation.node.directives or ()):
            return None
        try:
            selector = Selector(self.schema, operation.fragments, shapes, hidden)
            selected = selector.root(self._query, operation.node.selection_set)
        except NotSelectable:
            return None
        return None if selector.puts_off else self._plan(selected)

    def _plan(self, selected: Selected) -> Planned:
        fields, getters = selected.fields, selected.getters
        repeatable = all(each.name not in PASSING for each in fields)
        return Planned(self._plan_of(fields), getters, _moments(fields), repeatable)

    def _plan_of(self, fields: Sequence[Field], as_of: Param | None = None) -> Plan:
        return plan(fields, ROOTS, VIEWS, self._query.name, self._reader.dialect, as_of)


def _shapes(declared: Iterable[Declared], values: Variables) -> dict[str, Shape]:
    return {name: shape_of(values[name], type_) for name, type_, _ in declared if name in values}


def _moments(fields: Iterable[Field]) -> list[int]:
    """The slots of the positions that root fields are read as of; none if one is not."""
    slots = []
    for each in fields:
        if each.name == "__typename":
            continue
        as_of = each.arguments.get("asOf")
        position = as_of.get("position") if isinstance(as_of, dict) else None
        if not isinstance(position, Param):
            return []
        slots.append(position.slot)
    return slots
