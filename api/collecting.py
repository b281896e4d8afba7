"""Which fields does an object get?  Those of its selections and fragments, and with each, by which `@defer` it is put off.

As the GraphQL specification collects fields, and its proposal of incremental delivery: https://github.com/graphql/graphql-spec/pull/1110.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

Usage = tuple[int, ...]
"""Where the `@defer` stands that puts a field off, and those around it, innermost first; nothing if it is not put off."""
Part = frozenset[Usage]
"""What is delivered together: the fields that the same `@defer`s put off."""

FIRST: Final[Part] = frozenset()
"""The part that nothing puts off."""


class NotSelectable(Exception):
    """The operation has something that is not read from a view, such as introspection, or that is not answered at once."""


class Wanted(NamedTuple):
    """A field as it stands in a document, and what puts it off."""

    node: FieldNode
    usage: Usage = ()


Collected = dict[str, list[Wanted]]
"""The fields of an object by the key that they answer to."""


def part_of(wanted: Iterable[Wanted]) -> Part:
    """The part that a field belongs to, which may be wanted in several places: the earliest ones decide."""
    usages = {each.usage for each in wanted}
    if () in usages:
        return FIRST
    return frozenset(
        usage
        for usage in usages
        if not any(usage[around:] in usages for around in range(1, len(usage)))
    )


class Collector:
    """Collects the fields of one document for one shape of its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        shapes: Mapping[str, Any],
    ) -> None:
        self._schema, self._fragments, self._shapes = schema, fragments, shapes
        self.puts_off = False
        """Whether anything collected so far is put off, by `@defer` or `@stream`."""

    def collect(
        self, type_: GraphQLObjectType, sets: Iterable[tuple[SelectionSetNode, Usage]]
    ) -> Collected:
        """The fields of an object.  Raises NotSelectable."""
        into: Collected = {}
        visited: dict[str, set[Usage]] = {}
        for set_, usage in sets:
            self._visit(type_, set_, usage, into, visited)
        return into

    def _visit(
        self,
        type_: GraphQLObjectType,
        set_: SelectionSetNode,
        usage: Usage,
        into: Collected,
        visited: dict[str, set[Usage]],
    ) -> None:
        for node in set_.selections:
            if not self._included(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                into.setdefault(key, []).append(Wanted(node, usage))
                continue
            within = self._usage(node.directives or (), usage)
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                assert isinstance(node, FragmentSpreadNode)  # noqa: S101 - there is nothing else
                seen = visited.setdefault(node.name.value, set())
                if () in seen or within[:1] in seen:
                    continue  # a fragment counts once
                seen.add(within[:1])
                fragment = self._fragments[node.name.value]
            if self._applies(fragment, type_):
                self._visit(type_, fragment.selection_set, within, into, visited)

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.get_type(fragment.type_condition.name.value)
        if isinstance(condition, GraphQLInterfaceType | GraphQLUnionType):
            return self._schema.is_sub_type(condition, type_)
        return condition is type_

    def _included(self, directives: Sequence[DirectiveNode]) -> bool:
        for directive in directives:
            match directive.name.value:
                case "skip" | "include" as name:
                    if self._is_on(directive) == (name == "skip"):
                        return False
                case "stream":
                    self.puts_off |= self._is_on(directive)
                case "defer":
                    pass
                case _:
                    raise NotSelectable
        return True

    def _usage(self, directives: Sequence[DirectiveNode], around: Usage) -> Usage:
        for directive in directives:
            if directive.name.value == "defer" and self._is_on(directive):
                self.puts_off = True
                return place(directive), *around
        return around

    def _is_on(self, directive: DirectiveNode) -> bool:
        for argument in directive.arguments or ():
            if argument.name.value == "if":
                value = argument.value
                if isinstance(value, VariableNode):
                    return self._shapes.get(value.name.value, True) is not False
                return bool(getattr(value, "value", True))
        return True


def may_put_off(source: str) -> bool:
    """Whether a document can have `@defer` or `@stream`, as seen at once."""
    return "defer" in source or "stream" in source


def place(directive: DirectiveNode) -> int:
    """Where a directive stands in the text of its document, which tells it from the others."""
    assert directive.loc is not None  # noqa: S101 - the parser says where
    return directive.loc.start
