"""Which queries can there be?  Random valid documents over the schema, with their variables.

Made from the schema itself, so a new field or filter takes part at once.  Every key but that of a plain field is new, so that no two
fields of a document contradict each other.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st

ABSENT: Final = object()
"""The value of a variable that the request leaves out."""


class Pools(dict[str, list[Any]]):
    """Values to choose from: by the name of an argument or field, else by the name of its type."""

    def __repr__(self) -> str:
        return "…"


@dataclass
class Document:
    """A query and what is sent with it."""

    source: str
    variables: dict[str, Any]


@dataclass
class _Making:
    """A document being made."""

    draw: st.DrawFn
    schema: GraphQLSchema
    pools: Pools
    later: bool
    """Whether parts of it are put off."""
    types: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    keys: int = 0

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == one_in

    def pick(self, among: Any) -> Any:
        return self.draw(st.sampled_from(list(among)))

    # Selections

    def selection(self, type_: Any, depth: int) -> str:
        """A selection set on a composite type."""
        fields = type_.fields if hasattr(type_, "fields") else {}
        usable = [
            name
            for name, each in fields.items()
            if depth > 0 or is_leaf_type(get_named_type(each.type))
        ]
        chosen = self.draw(st.lists(st.sampled_from(usable), max_size=4)) if usable else []
        parts = [self.field(type_, name, fields[name], depth) for name in chosen]
        if self.chance(4) or not parts:
            parts.append("__typename")
        if self.chance(3):
            parts.append(self.fragment(type_, depth))
        if self.chance(8) and not any("@stream" in part for part in parts):
            parts.append(self.pick(parts))
        return "{ " + " ".join(parts) + " }"

    def field(self, parent: Any, name: str, definition: GraphQLField, depth: int) -> str:
        arguments = self.arguments(name, definition)
        named = get_named_type(definition.type)
        shared = any(name in each.fields for each in getattr(parent, "interfaces", ()))
        plain = not arguments and (shared or not isinstance(parent, GraphQLObjectType))
        key = "" if plain and not self.chance(4) else f"{self.key()}: "
        inner = "" if is_leaf_type(named) else self.selection(named, depth - 1)
        stream = self.stream(definition) if key else ""
        return f"{key}{name}{arguments}{self.directive()}{stream} {inner}"

    def fragment(self, type_: Any, depth: int) -> str:
        """An inline fragment, or one with a name, perhaps on another type that the object can have."""
        possible = (
            [type_, *self.schema.get_possible_types(type_)]
            if isinstance(type_, GraphQLInterfaceType)
            else [type_, *type_.interfaces]
        )
        on = self.pick(possible)
        inner = self.selection(on, depth - 1)
        if self.chance(2):
            condition = "" if on is type_ and self.chance(2) else f"on {on.name}"
            return f"... {condition}{self.directive()}{self.defer()} {inner}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on.name} {inner}")
        return f"...{name}{self.directive()}{self.defer()}"

    def directive(self) -> str:
        if not self.chance(8):
            return ""
        flag: Any = self.schema.type_map["Boolean"]
        condition = self.given(GraphQLNonNull(flag), "if")
        return f" @{self.pick(['skip', 'include'])}(if: {condition})"

    def defer(self) -> str:
        if not self.later or self.chance(3):
            return ""
        return f" @defer{self.condition()}"

    def stream(self, definition: GraphQLField) -> str:
        many = isinstance(get_nullable_type(definition.type), GraphQLList)
        if not self.later or not many or self.chance(2):
            return ""
        return f" @stream(initialCount: {self.few()}){self.condition()}".replace(")(", ", ")

    def condition(self) -> str:
        flag: Any = self.schema.type_map["Boolean"]
        return f"(if: {self.given(GraphQLNonNull(flag), 'if')})" if self.chance(4) else ""

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    # Arguments

    def arguments(self, name: str, definition: GraphQLField) -> str:
        connection = get_named_type(definition.type).name
        wanted = {
            name: argument
            for name, argument in definition.args.items()
            if is_required_argument(argument) or self.chance(4)
        }
        if "first" in wanted and not self.chance(20):
            wanted.pop("last", None)
        given = [
            f"{each}: {self.argument(each, argument, connection)}"
            for each, argument in wanted.items()
        ]
        return f"({', '.join(given)})" if given else ""

    def argument(self, name: str, argument: GraphQLArgument, connection: str) -> str:
        if name in {"after", "before"}:
            cursor = self.pick(self.pools[connection])
            return self.given(argument.type, name, cursor)
        return self.given(argument.type, name)

    def given(self, type_: GraphQLInputType, name: str, value: Any = ABSENT) -> str:
        """A literal or a variable."""
        if self.chance(3):
            return self.variable(type_, name, value)
        return self.literal(type_, name, value)

    def variable(self, type_: GraphQLInputType, name: str, value: Any = ABSENT) -> str:
        value = self.value(type_, name) if value is ABSENT else value
        known = f"v{len(self.types)}"
        declared = str(type_)
        if not isinstance(type_, GraphQLNonNull):
            declared += self.pick(["", "", "!"])
        if not declared.endswith("!"):
            value = self.pick([value, value, value, None, ABSENT])
        elif value is None:
            declared = declared[:-1]
        default = ""
        if self.chance(5):
            default = f" = {self.literal(type_, name, variables=False)}"
            value = self.pick([value, ABSENT])
        self.types.append(f"${known}: {declared}{default}")
        if value is not ABSENT:
            self.values[known] = value
        return f"${known}"

    def literal(
        self, type_: GraphQLInputType, name: str, value: Any = ABSENT, *, variables: bool = True
    ) -> str:
        if value is not ABSENT:
            return json.dumps(value)
        if not isinstance(type_, GraphQLNonNull) and self.chance(10) and variables:
            return "null"
        inner: Any = get_nullable_type(type_)
        if isinstance(inner, GraphQLInputObjectType):
            of = self.given if variables else self.constant
            parts = [f"{each}: {of(kind, each)}" for each, kind in self.fields(inner)]
            return "{" + ", ".join(parts) + "}"
        if isinstance(inner, GraphQLList):
            if self.chance(5):
                return self.literal(inner.of_type, name, variables=False)
            of = self.given if variables else self.constant
            return "[" + ", ".join(of(inner.of_type, name) for _ in range(self.few())) + "]"
        chosen = self.leaf(inner, name)
        return str(chosen) if isinstance(inner, GraphQLEnumType) else json.dumps(chosen)

    def constant(self, type_: GraphQLInputType, name: str) -> str:
        """A literal without variables in it, such as a default."""
        return self.literal(type_, name, variables=False)

    def value(self, type_: GraphQLInputType, name: str) -> Any:
        """A value as a request sends it."""
        if not isinstance(type_, GraphQLNonNull) and self.chance(10):
            return None
        inner: Any = get_nullable_type(type_)
        if isinstance(inner, GraphQLInputObjectType):
            return {each: self.value(kind, each) for each, kind in self.fields(inner)}
        if isinstance(inner, GraphQLList):
            if self.chance(5):
                member: Any = get_nullable_type(inner.of_type)
                return self.value(GraphQLNonNull(member), name)
            return [self.value(inner.of_type, name) for _ in range(self.few())]
        return self.leaf(inner, name)

    def fields(self, type_: GraphQLInputObjectType) -> list[tuple[str, Any]]:
        """Which fields an input gets, and their types."""
        names = sorted(type_.fields)
        if type_.name == "AsOf":
            name = self.pick(names)
            return [(name, GraphQLNonNull(get_nullable_type(type_.fields[name].type)))]
        chosen = self.draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        return [(name, type_.fields[name].type) for name in chosen]

    def leaf(self, type_: Any, name: str) -> Any:
        if isinstance(type_, GraphQLEnumType):
            return self.pick(type_.values)
        pool = self.pools.get(name) or self.pools[type_.name]
        return self.pick(pool)

    def few(self) -> int:
        return self.draw(st.integers(0, 3))


@st.composite
def documents(
    draw: st.DrawFn, schema: GraphQLSchema, pools: Pools, depth: int = 5, *, later: bool = False
) -> Document:
    """Valid queries; `later`: with parts that are put off."""
    making = _Making(draw, schema, pools, later)
    selection = making.selection(schema.query_type, depth)
    declared = f"query Q({', '.join(making.types)}) " if making.types else "query Q "
    source = "\n".join([declared + selection, *making.fragments])
    return Document(source, making.values)
