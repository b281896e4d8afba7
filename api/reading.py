"""How is a query answered?  From its document to bytes by one statement; what is no plain reading goes to Strawberry's executor.

Limits, parsing, validation and planning, in this order, are done once for each document and shape of variables, and kept in bounded caches.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

import orjson
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    get_variable_values,
    parse,
    specified_rules,
    type_from_ast,
    validate,
)
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api import awaiting
from api.limits import text
from api.limits.bounds import Limits
from api.limits.walk import Costs, Walker
from api.selecting import (
    NotSelectable,
    Selected,
    Selector,
    Shape,
    Variables,
    given_as,
    shape_of,
)
from projections.reading.plan import Plan, plan
from projections.reading.reader import Reader
from projections.reading.selection import Field, Param
from projections.views.roots import ROOTS, VIEWS
from projections.views.touching import NOTICED

DOCUMENTS: Final = 1_000_000
"""Characters of documents that are remembered; what was made of a character takes some 250 bytes."""
SHORT: Final = 2_000
"""As how many characters a shorter document counts."""
PLANS: Final = 1000
"""Plans that are remembered."""
MAX_ERRORS: Final = 20
"""Validation errors that are told at once."""
RULES: Final = (*specified_rules, OneOfInputValidationRule)
"""What makes a document valid: GraphQL's own rules, and that of the inputs with exactly one field, which Strawberry keeps apart."""

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A bounded cache that forgets what was not used for longest."""

    def __init__(self, size: int, weigh: Callable[[Any], int] = lambda _: 1) -> None:
        """`weigh`: how much of the size a key takes up."""
        self._left, self._weigh = size, weigh
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key in self._values:
            self.hits += 1
            self._values.move_to_end(key)
            return self._values[key]
        self.misses += 1
        value = self._values[key] = make()
        self._left -= self._weigh(key)
        while self._left < 0:
            forgotten, _ = self._values.popitem(last=False)
            self._left += self._weigh(forgotten)
        return value


@dataclass(frozen=True)
class Document:
    """A document that was parsed and validated."""

    ast: DocumentNode | None
    errors: Sequence[GraphQLError]
    costs: Mapping[str | None, Costs] = field(default_factory=dict)
    """What its operations cost, by their names."""

    @property
    def tree(self) -> DocumentNode:
        """What was parsed, of a document without errors."""
        assert self.ast is not None  # noqa: S101 - the caller looked at its errors
        return self.ast

    def cost(self, name: str | None, variables: Variables) -> int:
        """What an operation costs: the one of the name, or the only one."""
        costs = self.costs.get(name) or next(iter(self.costs.values()))
        return costs.of(variables)


@dataclass(frozen=True)
class Planned:
    """A plan and how to get the values that it needs out of the variables."""

    plan: Plan
    getters: Sequence[Callable[[Variables], Any]]

    def values(self, variables: Variables) -> list[Any]:
        return [get(variables) for get in self.getters]


class Reading:
    """Answers the queries of a schema from the views."""

    def __init__(self, schema: GraphQLSchema, reader: Reader, limits: Limits | None = None) -> None:
        """`limits` are the default ones if nothing is said."""
        self.schema, self._reader, self.limits = schema, reader, limits or Limits()
        self._walker = Walker(schema, self.limits)
        assert schema.query_type is not None  # noqa: S101 - ours has one
        self._query: GraphQLObjectType = schema.query_type
        self._documents: Remembered[Document] = Remembered(
            DOCUMENTS, lambda source: max(len(source), SHORT)
        )
        self._plans: Remembered[Planned | None] = Remembered(PLANS)

    @property
    def caches(self) -> "Mapping[str, Remembered[Any]]":
        """What is remembered, by what it is of."""
        return {"documents": self._documents, "plans": self._plans}

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return self._reader.statements

    def document(self, source: str) -> Document:
        """The document of a source text, parsed and validated once; one that is too long is not remembered."""
        if len(source) > self.limits.max_document_bytes:
            return self._validated(source)
        return self._documents.get(source, lambda: self._validated(source))

    async def answer(
        self, source: str, name: str | None, given: Mapping[str, Any]
    ) -> tuple[int, str] | list[GraphQLError] | None:
        """(position, JSON of the data) of a query that is all reading; errors in its variables; none if it is not.

        The document must be valid.  Raises the refusals of values that cannot be bound.
        """
        document = self.document(source)
        operation = get_operation_ast(document.tree, name)
        if operation is None:
            return None
        values = get_variable_values(
            self.schema,
            operation.variable_definitions or (),
            dict(given),
            max_errors=MAX_ERRORS,
            hide_suggestions=not self.limits.introspection,
        )
        if isinstance(values, list):
            return values
        if operation.operation is not OperationType.QUERY:
            return None
        shapes = self._shapes(operation, values.coerced)
        planned = self._plans.get(
            (source, name, tuple(shapes.items())),
            lambda: self._planned(document.tree, operation, shapes),
        )
        if planned is None:
            return None
        return await self._reader.run(planned.plan, planned.values(values.coerced))

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
            (*place, info.operation.name and info.operation.name.value, *selector.shapes),
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
        shapes = self._shapes(info.operation, coerced)
        return coerced, Selector(self.schema, info.fragments, shapes, typenames=True)

    async def position(self) -> int:
        """The position that the views reflect."""
        planned = self._plans.get((), lambda: Planned(self._plan_of(()), ()))
        assert planned is not None  # noqa: S101 - to read nothing can be planned
        return (await self._reader.run(planned.plan, ()))[0]

    def _validated(self, source: str) -> Document:
        try:
            text.check(source, self.limits)
            ast = parse(source)
            costs = self._walker.walk(ast)
        except GraphQLError as error:
            return Document(None, [error])
        hidden = not self.limits.introspection
        errors = validate(self.schema, ast, RULES, max_errors=MAX_ERRORS, hide_suggestions=hidden)
        return Document(ast, errors, costs)

    def _planned(
        self,
        ast: DocumentNode,
        operation: OperationDefinitionNode,
        shapes: Mapping[str, Shape],
    ) -> Planned | None:
        fragments = {
            each.name.value: each
            for each in ast.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        if any(each.name.value != awaiting.NAME for each in operation.directives or ()):
            return None
        try:
            selector = Selector(self.schema, fragments, shapes)
            return self._plan(selector.root(self._query, [operation.selection_set]))
        except NotSelectable:
            return None

    def _plan(self, selected: Selected) -> Planned:
        return Planned(self._plan_of(selected.fields), selected.getters)

    def _plan_of(self, fields: Sequence[Field]) -> Plan:
        return plan(fields, ROOTS, VIEWS, self._query.name, self._reader.dialect)

    def _shapes(
        self, operation: OperationDefinitionNode, coerced: Mapping[str, Any]
    ) -> dict[str, Shape]:
        shapes = {}
        for each in operation.variable_definitions or ():
            name = each.variable.name.value
            if name in coerced:
                shapes[name] = shape_of(
                    coerced[name], cast("GraphQLInputType", type_from_ast(self.schema, each.type))
                )
        return shapes
