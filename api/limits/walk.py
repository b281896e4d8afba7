"""Does a document ask for too much?  One walk over what was parsed, before it is validated: each definition is looked at once.

What a fragment asks for is remembered, so that fragments that double forty times cost as much as forty fragments.  The walk ends where a
limit is exceeded, and takes nothing for granted: names may be unknown, fragments go in circles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    value_from_ast_untyped,
)

from api.limits.bounds import INTROSPECTION_OFF, Limits
from api.limits.cost import MOST, Cost, Form, Sum, Variables, put_off
from api.limits.kinds import NOWHERE, UNKNOWN, Kind, Leading, kinds_of

SELECTIONS: Final = 20
"""How much more it is to compare two fields with selections, or two fragments, than two values; as measured on graphql-core."""
FACING: Final = 2
"""How much more it is to compare a selection and a fragment."""


@dataclass(slots=True)
class Names:
    """The fields of a definition that answer to one name in one place."""

    values: int = 0
    objects: int = 0
    """How many of them have a selection."""
    below: "Answers" = field(default_factory=dict)


Answers = dict[str, Names]
"""What fields answer to, by its names."""


class Asked(NamedTuple):
    """What a selection asks for."""

    depth: int = 0
    fields: int = 0
    """Its own, and those of its fragments."""
    reached: int = 0
    """The fragments that it leads to by fragments alone: a bit for each."""
    fixed: Cost = 0
    element: Cost = 0
    """What each element of the page costs, if it is a page."""


NONE: Final = Asked()


@dataclass(frozen=True, slots=True)
class Costs:
    """What an operation costs."""

    cost: Cost
    defaults: Mapping[str, Any]
    """Of its variables."""

    def of(self, variables: Variables) -> int:
        """The cost with these variables, which need not be valid."""
        if not isinstance(self.cost, Form):
            return self.cost
        return self.cost.of({**self.defaults, **variables} if self.defaults else variables, {})


class Walker:
    """Walks over documents for a schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self.limits = limits
        self.kinds = kinds_of(schema)
        self.roots = {
            operation: self.kinds[type_.name]
            for operation, type_ in (
                ("query", schema.query_type),
                ("mutation", schema.mutation_type),
                ("subscription", schema.subscription_type),
            )
            if type_ is not None
        }

    def walk(self, document: DocumentNode) -> dict[str | None, Costs]:
        """The costs of the operations by their names.  Raises GraphQLError."""
        return _Walk(self, document).operations()


class _Walk:
    def __init__(self, walker: Walker, document: DocumentNode) -> None:
        self._limits, self._kinds, self._roots = walker.limits, walker.kinds, walker.roots
        self._document = document
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._bits = {name: 1 << n for n, name in enumerate(self._fragments)}
        self._asked: dict[str, Asked] = {}
        self._fields = self._aliases = self._directives = self._comparisons = 0
        self._facing = self._between = 0
        """Pairs of a selection and a fragment, and of two fragments, that may have to be compared."""

    def operations(self) -> dict[str | None, Costs]:
        found: dict[str | None, Costs] = {}
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                found[node.name.value if node.name else None] = self._operation(node)
            elif isinstance(node, FragmentDefinitionNode):
                if self._fragments[node.name.value] is node:
                    self._fragment(node.name.value, 0, node)
                else:  # another one has its name, and validation looks at both
                    self._selection(node.selection_set, UNKNOWN, {}, 1)
        number = len(self._fragments)
        between = min(self._between, number * (number - 1) // 2)
        self._comparisons += FACING * self._facing + SELECTIONS * between
        if self._comparisons > self._limits.max_comparisons:
            raise self._too_alike(self._document)
        return found

    def _operation(self, node: OperationDefinitionNode) -> Costs:
        variables = node.variable_definitions or ()
        used: tuple[OperationDefinitionNode | VariableDefinitionNode, ...] = (node, *variables)
        for each in used:
            if each.directives:
                self._direct(each)
        root = self._roots.get(node.operation.value, UNKNOWN)
        asked = self._selection(node.selection_set, root, {}, 1)
        if asked.fields > self._limits.max_root_fields:
            message = f"the operation has {min(asked.fields, MOST)} root fields"
            raise self._limits.exceeded("max_root_fields", message, node)
        self._facing += asked.reached.bit_count()
        defaults = {
            variable.variable.name.value: value_from_ast_untyped(variable.default_value)
            for variable in variables
            if variable.default_value is not None
        }
        return Costs(asked.fixed, defaults)

    def _fragment(self, name: str, level: int, used: Node) -> Asked:
        """What a fragment asks for that is used this deep; nothing if there is none of the name, or it is within itself."""
        asked = self._asked.get(name)
        if asked is None:
            self._asked[name] = asked = NONE
            node = self._fragments.get(name)
            if node is not None:
                if node.directives:
                    self._direct(node)
                kind = self._kinds.get(node.type_condition.name.value, UNKNOWN)
                asked = self._selection(node.selection_set, kind, {}, level + 1)
                self._asked[name] = asked
        if level + asked.depth > self._limits.max_depth:
            raise self._too_deep(used)
        return asked

    def _selection(self, node: SelectionSetNode, kind: Kind, answers: Answers, level: int) -> Asked:
        """What a selection asks for that stands this deep; `answers` is what fields answer to in the same place."""
        limits, nodes = self._limits, node.selections
        if level > limits.max_depth:
            raise self._too_deep(node)
        if len(nodes) > limits.max_breadth:
            message = f"the selection has {len(nodes)} fields and fragments"
            raise limits.exceeded("max_breadth", message, nodes[limits.max_breadth])
        leading = kind.fields
        fixed, element = Sum(), Sum()
        depth = fields = own = reached = spreads = 0
        for each in nodes:
            if each.directives:
                fixed.add(1, self._direct(each))
            if isinstance(each, FieldNode):
                own += 1
                name = key = each.name.value
                if each.alias is not None:
                    key = each.alias.value
                    self._alias(each)
                within = self._compare(each, key, answers)
                if each.selection_set is None:
                    continue
                leads = leading.get(name, NOWHERE)
                below = self._selection(each.selection_set, leads.to, within, level + 1)
                if name.startswith("__") and not limits.introspection:
                    raise _hidden(each)
                depth = max(depth, below.depth)
                _add(element if leads.is_element else fixed, leads, each, below)
                continue
            if isinstance(each, InlineFragmentNode):
                on = each.type_condition
                inner = kind if on is None else self._kinds.get(on.name.value, UNKNOWN)
                below = self._selection(each.selection_set, inner, answers, level + 1)
            else:
                assert isinstance(each, FragmentSpreadNode)  # noqa: S101 - there is nothing else
                name, spreads = each.name.value, spreads + 1
                below = self._fragment(name, level, each)
                bit = self._bits.get(name, 0)
                if reached & bit:
                    continue  # what is used twice in one place counts once
                reached |= bit
            fields += below.fields
            reached |= below.reached
            depth = max(depth, below.depth)
            fixed.add(1, below.fixed)
            element.add(1, below.element)
        self._fields += own
        if self._fields > limits.max_fields:
            raise limits.exceeded("max_fields", "the document has too many fields", node)
        if reached:
            self._face(reached.bit_count(), several=spreads > 1)
        return Asked(depth + 1, fields + own, reached, fixed.total(), element.total())

    def _face(self, number: int, *, several: bool) -> None:
        """Note that a selection leads to so many fragments, by several or only one of its own."""
        self._facing += number
        if several:
            self._between += number * (number - 1) // 2

    def _alias(self, node: FieldNode) -> None:
        self._aliases += 1
        if self._aliases > self._limits.max_aliases:
            message = "the document gives too many fields another name"
            raise self._limits.exceeded("max_aliases", message, node)

    def _direct(self, node: Any) -> int:
        """Note the directives of a node; gives what they cost."""
        self._directives += len(node.directives)
        if self._directives > self._limits.max_directives:
            message = "the document uses too many directives"
            raise self._limits.exceeded("max_directives", message, node)
        return put_off(node.directives)

    def _too_deep(self, node: Node) -> GraphQLError:
        message = "fields and fragments are nested too deeply here"
        return self._limits.exceeded("max_depth", message, node)

    def _compare(self, node: FieldNode, key: str, answers: Answers) -> Answers:
        """Note that a field may have to be compared to those that answer to the same name; gives what answers in it."""
        names = answers.get(key)
        if names is None:
            names = answers[key] = Names()
        self._comparisons += names.values
        names.values += 1
        if node.selection_set is not None:
            self._comparisons += (SELECTIONS - 1) * names.objects
            names.objects += 1
        if self._comparisons > self._limits.max_comparisons:
            raise self._too_alike(node)
        return names.below

    def _too_alike(self, node: Node) -> GraphQLError:
        message = "fields of the same name, and fragments in the same place, make too many pairs to compare"
        return self._limits.exceeded("max_comparisons", message, node)


def _add(to: Sum, leads: Leading, node: FieldNode, below: Asked) -> None:
    """Add the cost of a field that leads to objects."""
    if leads.length is None:
        to.add(leads.number, below.fixed, 1)
    elif leads.to.is_page:
        to.add(1, below.fixed, 1)
        to.add(leads.length(node), below.element)
    else:
        to.add(leads.length(node), below.fixed, 1)


def _hidden(node: FieldNode) -> GraphQLError:
    message = "this server does not show its schema"
    return GraphQLError(message, node, extensions={"code": INTROSPECTION_OFF})
