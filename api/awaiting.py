"""How is it asked that an answer reflects at least a position?  By a directive on the operation, since all of it is one state."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_directive_values,
    get_variable_values,
)

NAME: Final = "atLeast"


def add_to(graph: GraphQLSchema) -> None:
    """Let the operations of a schema have the directive."""
    position = graph.type_map["Position"]
    assert isinstance(position, GraphQLScalarType)  # noqa: S101 - tells the type checker what it is
    directive = GraphQLDirective(
        NAME,
        [DirectiveLocation.QUERY],
        {
            "position": GraphQLArgument(
                GraphQLNonNull(position),
                description="The position, such as that of a mutation's `last`.",
            )
        },
        description=(
            "The answer reflects at least this position of the log: it is waited for, some seconds at most, and the error"
            " `POSITION_NOT_REACHED` says that it did not come."
        ),
    )
    graph.directives = (*graph.directives, directive)


def least(
    graph: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> int | None:
    """The position that an answer must reflect; none if any will do, or the variables are not valid."""
    if not operation.directives:
        return None
    values = get_variable_values(graph, operation.variable_definitions or (), dict(given))
    directive = graph.get_directive(NAME)
    if isinstance(values, list) or directive is None:
        return None
    found = get_directive_values(directive, operation, values)
    return None if found is None else int(found["position"])
