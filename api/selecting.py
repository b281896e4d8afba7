"""What does a GraphQL operation ask for?  A validated document becomes a selection that knows no GraphQL.

The selection depends on the document and on the *shape* of the variables: which are null, which are truth values, which orders they name.
All other values get a slot each and are bound when the statement runs.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    value_from_ast,
)

from api.collecting import Collected, Collector, NotSelectable, Part, Wanted, part_of
from projections.reading.selection import Argument, Field, Param, Selections

Shape = Any
"""None, a truth value, the name of an order, a mapping of shapes, or `VALUE`."""
VALUE: Final = "…"
"""The shape of every value that is bound."""

Variables = Mapping[str, Any]
Getter = Callable[[Variables], Any]


def shape_of(value: Any, type_: GraphQLInputType) -> Shape:
    """The shape of a coerced variable."""
    if value is None or isinstance(value, bool):
        return value
    named = get_nullable_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return tuple(
            (name, shape_of(value[out], field.type))
            for name, field in named.fields.items()
            if (out := field.out_name or name) in value
        )
    return str(value) if _is_order(named) else VALUE


def _is_order(type_: Any) -> bool:
    return isinstance(type_, GraphQLEnumType) and type_.name.endswith("Order")


class Selected(NamedTuple):
    """Root fields that are asked for, and where the values come from that they need."""

    fields: tuple[Field, ...]
    getters: tuple[Getter, ...]


class Selector:
    """Turns selection sets of one document into selections."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        shapes: Mapping[str, Shape],
        hidden: Collection[str] = (),
        *,
        typenames: bool = False,
    ) -> None:
        """`hidden`: types of which there is no node for who asks.

        `typenames`: whether every object also gets its `__typename`, for an executor that must tell types apart.
        """
        self._schema, self._shapes = schema, shapes
        self.hidden, self._typenames = hidden, typenames
        self._collector = Collector(schema, fragments, shapes)
        self._getters: list[Getter] = []
        self._fields: dict[Hashable, Field] = {}

    @property
    def shapes(self) -> tuple[Hashable, ...]:
        """What of the variables the selection depends on."""
        return tuple(self._shapes.items())

    @property
    def puts_off(self) -> bool:
        """Whether anything selected is put off by `@defer` or `@stream`."""
        return self._collector.puts_off

    def root(self, type_: GraphQLObjectType, set_: SelectionSetNode) -> Selected:
        """The selection of root fields.  Raises NotSelectable."""
        collected = self._collector.collect(type_, [(set_, ())])
        fields = self._object(type_, collected, typename=False)
        return Selected(fields, tuple(self._getters))

    def root_field(
        self, type_: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]
    ) -> Selected:
        """The selection of one root field as it stands in the document."""
        wanted = {key: list(map(Wanted, nodes))}
        return Selected(self._object(type_, wanted, typename=False), tuple(self._getters))

    def field(
        self,
        key: str,
        name: str,
        definition: GraphQLField,
        nodes: Sequence[FieldNode],
        arguments: Iterable[str],
    ) -> Selected:
        """The selection of one root field some of whose arguments are no part of the document: `given_as` names their values."""
        bound = self._arguments(definition.args, nodes[0])
        bound |= {each: self._slot(itemgetter(given_as(each))) for each in arguments}
        selections = self._selections(definition, list(map(Wanted, nodes)))
        return Selected((Field(key, name, bound, selections),), tuple(self._getters))

    def _object(
        self,
        type_: GraphQLObjectType,
        collected: Collected,
        *,
        typename: bool = True,
    ) -> tuple[Field, ...]:
        fields = []
        for key, wanted in collected.items():
            name = wanted[0].node.name.value
            if name == "__typename":
                fields.append(Field(key, name))
            elif name.startswith("__"):
                raise NotSelectable
            else:
                fields.append(self._field(key, type_.fields[name], wanted))
        if self._typenames and typename and "__typename" not in collected:
            fields.append(Field("__typename", "__typename"))
        return tuple(fields)

    def _field(self, key: str, definition: GraphQLField, wanted: Sequence[Wanted]) -> Field:
        """One field; the same one for all types that have it from an interface, or nested interfaces would multiply."""
        known = (key, str(definition.type), *((id(each.node), each.usage) for each in wanted))
        if known not in self._fields:
            node = wanted[0].node
            arguments = self._arguments(definition.args, node)
            selections = self._selections(definition, wanted)
            self._fields[known] = Field(key, node.name.value, arguments, selections)
        return self._fields[known]

    def _selections(self, definition: GraphQLField, wanted: Sequence[Wanted]) -> Selections:
        sets = [(set_, usage) for node, usage in wanted if (set_ := node.selection_set)]
        collect = self._collector.collect
        type_ = get_named_type(definition.type)
        match type_:
            case GraphQLObjectType():
                return {type_.name: self._object(type_, collect(type_, sets))}
            case GraphQLInterfaceType() | GraphQLUnionType():
                return {
                    each.name: self._object(each, collect(each, sets))
                    for each in self._schema.get_possible_types(type_)
                    if each.name not in self.hidden
                }
            case _:
                return {}

    def _arguments(
        self, definitions: Mapping[str, GraphQLArgument], node: FieldNode
    ) -> dict[str, Argument]:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        found = {}
        for name, definition in definitions.items():
            if name in given:
                argument = self._argument(given[name], definition.type)
                if argument is not Undefined:
                    found[name] = argument
        return found

    def _argument(self, node: ValueNode, type_: GraphQLInputType) -> Any:
        named = get_nullable_type(type_)
        match node:
            case NullValueNode():
                return None
            case VariableNode():
                name = node.name.value
                if name not in self._shapes:
                    return Undefined
                return self._shaped(self._shapes[name], lambda variables: variables[name], named)
            case ObjectValueNode() if isinstance(named, GraphQLInputObjectType):
                given = {each.name.value: each.value for each in node.fields}
                found = {
                    name: self._argument(given[name], field.type)
                    for name, field in named.fields.items()
                    if name in given
                }
                return {name: value for name, value in found.items() if value is not Undefined}
            case ListValueNode() if isinstance(named, GraphQLList):
                members = [self._member(each, named.of_type) for each in node.values]
                return self._slot(lambda variables: [member(variables) for member in members])
            case _:
                value = value_from_ast(node, type_)
                return self._shaped(shape_of(value, type_), lambda _: value, named)

    def _member(self, node: ValueNode, type_: GraphQLInputType) -> Getter:
        if isinstance(node, VariableNode):
            name = node.name.value
            return lambda variables: variables.get(name)
        value = value_from_ast(node, type_)
        return lambda _: value

    def _shaped(self, shape: Shape, get: Getter, type_: Any) -> Argument:
        if shape is None or isinstance(shape, bool):
            return shape
        if isinstance(shape, tuple):
            return {
                name: self._shaped(
                    inner, _member_of(get, _out_name(type_, name)), _type_of(type_, name)
                )
                for name, inner in shape
            }
        if isinstance(type_, GraphQLList):
            return self._slot(lambda variables: _listed(get(variables)))
        return shape if shape != VALUE else self._slot(get)

    def _slot(self, get: Getter) -> Param:
        self._getters.append(get)
        return Param(len(self._getters) - 1)


def given_as(name: str) -> str:
    """Where the value of an argument stands among the variables, none of which has such a name."""
    return f"argument {name}"


def _member_of(get: Getter, name: str) -> Getter:
    return lambda variables: get(variables)[name]


def _out_name(type_: GraphQLInputObjectType, name: str) -> str:
    field: GraphQLInputField = type_.fields[name]
    return field.out_name or name


def _type_of(type_: GraphQLInputObjectType, name: str) -> Any:
    return get_nullable_type(type_.fields[name].type)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class PartSelector(Selector):
    """Selects one part of an operation that an executor answers: its fields, and those that lead to them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        shapes: Mapping[str, Shape],
        hidden: Collection[str],
        part: Part,
    ) -> None:
        super().__init__(schema, fragments, shapes, hidden, typenames=True)
        self._part = part

    def _object(
        self, type_: GraphQLObjectType, collected: Collected, *, typename: bool = True
    ) -> tuple[Field, ...]:
        fields = [Field("__typename", "__typename")] if typename else []
        for key, wanted in collected.items():
            name = wanted[0].node.name.value
            if not name.startswith("__"):  # the executor knows these
                field = self._field(key, type_.fields[name], wanted)
                if part_of(wanted) == self._part or _leads_on(field):
                    fields.append(field)
        return tuple(fields)


def _leads_on(field: Field) -> bool:
    """Whether any object that the field leads to has more than its type selected."""
    return any(len(fields) > 1 for fields in field.selections.values())
