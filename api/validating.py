"""Which documents may run?  Those within the limits that are valid; each is parsed and validated once, and kept.

What can be known of an operation without its variables is found out then, too, so that a request pays for its variables alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    coerce_input_value,
    get_variable_values,
    parse,
    specified_rules,
    type_from_ast,
    validate,
)
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.limits import text
from api.limits.bounds import Limits
from api.limits.walk import Costs, Walker
from api.remembered import Remembered

DOCUMENTS: Final = 1_000_000
"""Characters of documents that are remembered; what was made of a character takes some 250 bytes."""
SHORT: Final = 2_000
"""As how many characters a shorter document counts."""
MAX_ERRORS: Final = 20
"""Validation errors that are told at once."""
RULES: Final = (*specified_rules, OneOfInputValidationRule)
"""What makes a document valid: GraphQL's own rules, and that of the inputs with exactly one field, which Strawberry keeps apart."""

Variables = Mapping[str, Any]


class Declared(NamedTuple):
    """A variable as an operation declares it."""

    name: str
    type: GraphQLInputType
    may_be_absent: bool
    """Whether it then simply is absent: it is not required, and has no default."""


def declared_by(schema: GraphQLSchema, node: OperationDefinitionNode) -> list[Declared]:
    """The variables of a valid operation."""
    declared = []
    for each in node.variable_definitions or ():
        type_ = cast("GraphQLInputType", type_from_ast(schema, each.type))
        may_be_absent = each.default_value is None and not isinstance(type_, GraphQLNonNull)
        declared.append(Declared(each.variable.name.value, type_, may_be_absent))
    return declared


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of a valid document."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    costs: Costs
    declared: Sequence[Declared]

    @property
    def kind(self) -> OperationType:
        return self.node.operation

    def values(
        self, schema: GraphQLSchema, given: Variables, *, hide_suggestions: bool
    ) -> dict[str, Any] | list[GraphQLError]:
        """The coerced values of the variables, or what is wrong with those that were given."""
        found = {}
        for name, type_, may_be_absent in self.declared:
            if name in given:
                found[name] = coerce_input_value(given[name], type_)
            elif not may_be_absent:
                break
        else:
            if Undefined not in found.values():
                return found
        values = get_variable_values(
            schema,
            self.node.variable_definitions or (),
            dict(given),
            max_errors=MAX_ERRORS,
            hide_suggestions=hide_suggestions,
        )
        return values if isinstance(values, list) else values.coerced


@dataclass(frozen=True)
class Document:
    """A document that was parsed and, if it is within the limits, validated."""

    ast: DocumentNode | None
    errors: Sequence[GraphQLError]
    operations: Mapping[str | None, Operation] = field(default_factory=dict)
    """By their names; the only one of a document also by no name."""

    @property
    def tree(self) -> DocumentNode:
        """What was parsed, of a document without errors."""
        assert self.ast is not None  # noqa: S101 - the caller looked at its errors
        return self.ast


class Validator:
    """Parses and validates documents for a schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema, self._limits = schema, limits
        self._walker = Walker(schema, limits)
        self._documents: Remembered[Document] = Remembered(
            DOCUMENTS, lambda source, _: max(len(source), SHORT)
        )

    def document(self, source: str) -> Document:
        """The document of a source text; one that is too long is not remembered."""
        if len(source) > self._limits.max_document_bytes:
            return self._validated(source)
        return self._documents.get(source, lambda: self._validated(source))

    def _validated(self, source: str) -> Document:
        try:
            text.check(source, self._limits)
            ast = parse(source)
            costs = self._walker.walk(ast)
        except GraphQLError as error:
            return Document(None, [error])
        hidden = not self._limits.introspection
        errors = validate(self._schema, ast, RULES, max_errors=MAX_ERRORS, hide_suggestions=hidden)
        return Document(ast, errors, {} if errors else self._operations(ast, costs))

    def _operations(
        self, ast: DocumentNode, costs: Mapping[str | None, Costs]
    ) -> dict[str | None, Operation]:
        fragments = {
            each.name.value: each
            for each in ast.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        found: dict[str | None, Operation] = {}
        for node in ast.definitions:
            if isinstance(node, OperationDefinitionNode):
                name = node.name.value if node.name else None
                found[name] = Operation(
                    node, fragments, costs[name], declared_by(self._schema, node)
                )
        if len(found) == 1:
            found[None] = next(iter(found.values()))
        return found
