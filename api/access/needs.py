"""Which rights does an operation need?  Seen from its document alone, before it runs, whatever its variables will be.

Everything needs the views; a mutation needs recording; a field that leads to records of the log needs the log, wherever it stands: at the
root, as `entry` of a reason, as `cause` of a change.  What is behind `@include` counts.  A node that is asked for by its id may be
anything: to who may not read the log, an id of one of its records is that of nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)

from api.access.callers import READING, RECORDING, Right, Rights

RECORDS: Final = frozenset({"LogEntry", "LogEntryConnection"})
"""The types of fields that lead to the log's records."""
HIDDEN: Final = frozenset({"LogEntry"})
"""The types of which there is none for who may not read the log."""
NOTHING: Final[frozenset[str]] = frozenset()


def hidden_from(rights: Rights) -> frozenset[str]:
    """The types of which no node exists for somebody with these rights."""
    return NOTHING if Right.LOG in rights else HIDDEN


def needs(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Rights]:
    """What the operations of a valid document need, by their names; each fragment is looked at once."""
    return _Walk(schema, document).operations()


class _Walk:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema, self._document = schema, document
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._reads_log: dict[str, bool] = {}

    def operations(self) -> dict[str | None, Rights]:
        return {
            node.name.value if node.name else None: self._operation(node)
            for node in self._document.definitions
            if isinstance(node, OperationDefinitionNode)
        }

    def _operation(self, node: OperationDefinitionNode) -> Rights:
        rights = RECORDING if node.operation is OperationType.MUTATION else READING
        root = self._schema.get_root_type(node.operation)
        return rights | {Right.LOG} if self._leads_to_log(node.selection_set, root) else rights

    def _leads_to_log(self, selection: SelectionSetNode | None, type_: Any) -> bool:
        """Whether a selection on a type has a field that leads to the log."""
        return selection is not None and any(
            self._selects_log(each, type_) for each in selection.selections
        )

    def _selects_log(self, node: Any, type_: Any) -> bool:
        if isinstance(node, FieldNode):
            name = node.name.value
            if name.startswith("__"):
                return False
            leads = get_named_type(type_.fields[name].type)
            return leads.name in RECORDS or self._leads_to_log(node.selection_set, leads)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        on = node.type_condition
        within = type_ if on is None else self._schema.get_type(on.name.value)
        return self._leads_to_log(node.selection_set, within)

    def _fragment(self, name: str) -> bool:
        if name not in self._reads_log:
            node = self._fragments[name]
            on = self._schema.get_type(node.type_condition.name.value)
            self._reads_log[name] = self._leads_to_log(node.selection_set, on)
        return self._reads_log[name]
