"""What does a GraphQL operation ask for?  A validated document becomes a selection that knows no GraphQL.

The selection depends on the document and on the *shape* of the variables: which are null, which are truth values, which orders they name.
All other values get a slot each and are bound when the statement runs.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
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
    InlineFragmentNode,
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

from projections.reading.selection import Argument, Field, Param, Selections

Shape = Any
"""None, a truth value, the name of an order, a mapping of shapes, or `VALUE`."""
VALUE: Final = "…"
"""The shape of every value that is bound."""

Variables = Mapping[str, Any]
Getter = Callable[[Variables], Any]


class NotSelectable(Exception):
    """The operation has something that is not read from a view, such as introspection or @defer."""


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


@dataclass
class Selected:
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
        self._schema, self._fragments, self._shapes = schema, fragments, shapes
        self.hidden, self._typenames = hidden, typenames
        self._getters: list[Getter] = []
        self._fields: dict[Hashable, Field] = {}

    @property
    def shapes(self) -> tuple[Hashable, ...]:
        """What of the variables the selection depends on."""
        return tuple(self._shapes.items())

    def root(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Selected:
        """The selection of root fields.  Raises NotSelectable."""
        fields = self._object(type_, self._collect(type_, sets), typename=False)
        return Selected(fields, tuple(self._getters))

    def root_field(
        self, type_: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]
    ) -> Selected:
        """The selection of one root field as it stands in the document."""
        return Selected(self._object(type_, {key: nodes}, typename=False), tuple(self._getters))

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
        selections = self._selections(definition, nodes)
        return Selected((Field(key, name, bound, selections),), tuple(self._getters))

    def _object(
        self,
        type_: GraphQLObjectType,
        collected: Mapping[str, Sequence[FieldNode]],
        *,
        typename: bool = True,
    ) -> tuple[Field, ...]:
        fields = []
        for key, nodes in collected.items():
            name = nodes[0].name.value
            if name == "__typename":
                fields.append(Field(key, name))
            elif name.startswith("__"):
                raise NotSelectable
            else:
                fields.append(self._field(key, type_.fields[name], nodes))
        if self._typenames and typename and "__typename" not in collected:
            fields.append(Field("__typename", "__typename"))
        return tuple(fields)

    def _field(self, key: str, definition: GraphQLField, nodes: Sequence[FieldNode]) -> Field:
        """One field; the same one for all types that have it from an interface, or nested interfaces would multiply."""
        known = (key, str(definition.type), *map(id, nodes))
        if known not in self._fields:
            arguments = self._arguments(definition.args, nodes[0])
            selections = self._selections(definition, nodes)
            self._fields[known] = Field(key, nodes[0].name.value, arguments, selections)
        return self._fields[known]

    def _selections(self, definition: GraphQLField, nodes: Sequence[FieldNode]) -> Selections:
        sets = [node.selection_set for node in nodes if node.selection_set]
        type_ = get_named_type(definition.type)
        match type_:
            case GraphQLObjectType():
                return {type_.name: self._object(type_, self._collect(type_, sets))}
            case GraphQLInterfaceType() | GraphQLUnionType():
                return {
                    each.name: self._object(each, self._collect(each, sets))
                    for each in self._schema.get_possible_types(type_)
                    if each.name not in self.hidden
                }
            case _:
                return {}

    def _collect(
        self,
        type_: GraphQLObjectType,
        sets: Iterable[SelectionSetNode],
        into: dict[str, list[FieldNode]] | None = None,
        visited: set[str] | None = None,
    ) -> dict[str, list[FieldNode]]:
        """The fields of an object by the key that they answer to; a fragment counts once, as the GraphQL specification says."""
        into = {} if into is None else into
        visited = set() if visited is None else visited
        for each in sets:
            for node in each.selections:
                if not self._included(node.directives or ()):
                    continue
                if isinstance(node, FieldNode):
                    into.setdefault(node.alias.value if node.alias else node.name.value, []).append(
                        node
                    )
                    continue
                fragment: InlineFragmentNode | FragmentDefinitionNode
                if isinstance(node, InlineFragmentNode):
                    fragment = node
                else:
                    assert isinstance(node, FragmentSpreadNode)  # noqa: S101 - there is nothing else
                    if node.name.value in visited:
                        continue
                    visited.add(node.name.value)
                    fragment = self._fragments[node.name.value]
                if self._applies(fragment, type_):
                    self._collect(type_, [fragment.selection_set], into, visited)
        return into

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.get_type(fragment.type_condition.name.value)
        if isinstance(condition, GraphQLInterfaceType | GraphQLUnionType):
            return self._schema.is_sub_type(condition, type_)
        return condition is type_

    def _included(self, directives: Iterable[Any]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name not in {"skip", "include"}:
                raise NotSelectable
            value = directive.arguments[0].value
            condition = (
                self._shapes[value.name.value] if isinstance(value, VariableNode) else value.value
            )
            if condition == (name == "skip"):
                return False
        return True

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
