"""Which slices make the schema, and how do its fields get their values?

Types that are shown of the views have no resolvers of their own: what stands below a root field was read with it, in one statement, and is
found under its key in the answer.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api import awaiting
from api.changes import Update as Told
from api.incremental import at_once
from api.live.updates import Update
from api.mutation import Mutation
from api.nodes import REPORTS
from api.query import Query
from api.results import LEADS_TO
from api.scalars import SCALARS
from api.subscription import Subscription

WITH_RESOLVERS: Final = frozenset(
    {"Query", "Mutation", "Subscription", "Recorded", "CaughtUp", "Gap"}
)


class Schema(strawberry.Schema):
    """A schema that does not log errors: whoever shows them does, without the document that Strawberry would repeat."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Do nothing."""


class Checked(SchemaExtension):
    """Takes documents as they were parsed and validated before, once for each."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.graphql_document = at_once(context.context.reading.document(context.query).tree)
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []  # an operation with errors does not get here
        yield


@cache
def schema() -> strawberry.Schema:
    """The schema, made once."""
    made = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=list(REPORTS.values()),
        extensions=[Checked],
        config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
    )
    awaiting.add_to(made._schema)
    _bind(made._schema)
    return made


def sdl() -> str:
    """The schema in GraphQL's schema definition language."""
    return schema().as_str() + "\n"


def _bind(graph: GraphQLSchema) -> None:
    """Give the fields of the views their way to be read."""
    others = WITH_RESOLVERS | {t.name for t in graph.get_possible_types(graph.type_map["Problem"])}  # type: ignore[arg-type]
    others |= {name for name in graph.type_map if name.startswith("__")}
    for type_ in graph.type_map.values():
        if isinstance(type_, GraphQLInterfaceType) and type_.name != "Problem":
            type_.resolve_type = _typename
        if isinstance(type_, GraphQLUnionType) and type_.name.endswith("Change"):
            type_.resolve_type = _typename
        if isinstance(type_, GraphQLObjectType) and type_.name not in others:
            type_.is_type_of = None
            for field in type_.fields.values():
                field.resolve = _from_enum if _is_enum(field.type) else _from_row
    assert graph.query_type is not None  # noqa: S101 - ours has one
    for field in graph.query_type.fields.values():
        field.resolve = _read
    assert graph.subscription_type is not None  # noqa: S101 - as above
    for field in graph.subscription_type.fields.values():
        field.resolve = _told
    recorded: Any = graph.type_map["Recorded"]
    for name in LEADS_TO:
        recorded.fields[name].resolve = _lead


def _is_enum(type_: Any) -> bool:
    return isinstance(get_named_type(type_), GraphQLEnumType)


def _typename(value: dict[str, Any] | Told, *_: Any) -> str:
    return type(value).__name__ if isinstance(value, Told) else str(value["__typename"])


def _from_row(row: dict[str, Any], info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return row[str(info.path.key)]


def _from_enum(row: dict[str, Any], info: GraphQLResolveInfo[Any]) -> Any:
    enum: Any = get_named_type(info.return_type)
    name = row[str(info.path.key)]
    return None if name is None else enum.values[name].value


def _read(row: dict[str, Any] | None, info: GraphQLResolveInfo[Any], **__: Any) -> Any:
    return info.context.reading.field(info) if row is None else _from_row(row, info)


def _told(update: Update, *_: Any, **__: Any) -> Any:
    return update.value


def _lead(recorded: Any, info: GraphQLResolveInfo[Any]) -> Any:
    root, arguments = LEADS_TO[info.field_name](recorded)
    return info.context.reading.prepared(info, root, *arguments)(*arguments.values())
