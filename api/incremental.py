"""How is a query answered part by part?  What `@defer` puts off is read by a statement of its own, as of the position of the first one.

graphql-core decides what comes when and how it is told (https://github.com/graphql/graphql-spec/pull/1110); before it comes to a part that
was put off, the rows of that part are read: the root fields once more, down to what was put off and nothing else.  All is of one state, so
an object stands in each part in the same place.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Final, cast

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    GraphQLStreamDirective,
    Visitor,
    experimental_execute_incrementally,
    visit,
)
from graphql.execution.collect_fields import DeferUsage, GroupedFieldSet
from graphql.execution.executor import StreamUsage
from graphql.execution.incremental import IncrementalExecutor
from graphql.execution.incremental.build_execution_plan import DeferUsageSet
from graphql.pyutils import Path

from api.collecting import FIRST, Usage, may_put_off, place
from api.errors import Shown, shown
from api.later import Later
from api.requests import Asked
from api.validating import MAX_ERRORS

DIRECTIVES: Final = {GraphQLDeferDirective.name, GraphQLStreamDirective.name}

Payload = dict[str, Any]
"""A part of an answer as it is sent, or several: `data`, or what is `pending`, `incremental` and `completed`; and whether it `hasNext`."""


def at_once(document: DocumentNode) -> DocumentNode:
    """The document without `@defer` and `@stream`, which a server may ignore."""
    if document.loc is None or not may_put_off(document.loc.source.body):
        return document
    stripped: DocumentNode = visit(document, _AtOnce())
    return stripped


class _AtOnce(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in DIRECTIVES else None


class PartExecutor(IncrementalExecutor):
    """Has the rows of a part that is put off when it comes to it."""

    def __init__(self, *given: Any, later: Later, **more: Any) -> None:
        super().__init__(*given, **more)
        self._later = later
        self._part = self._within = FIRST

    def create_sub_executor(self, defer_usage_set: DeferUsageSet | None = None) -> "PartExecutor":
        made = cast("PartExecutor", super().create_sub_executor(defer_usage_set))
        if defer_usage_set is None:  # for an element of a stream, in which usages begin anew
            made._within = self._part
        around = made._within or {()}
        usages = map(_usage, defer_usage_set or ())
        made._part = frozenset(u + a for u in usages for a in around) or made._within
        return made

    def get_stream_usage(self, *given: Any) -> StreamUsage | None:
        try:
            return super().get_stream_usage(*given)
        except ValueError:
            raise GraphQLError("`initialCount` of `@stream` must be 0 or greater") from None

    def execute_execution_group(
        self,
        groups: Any,
        parent: Any,
        source: Any,
        path: Path | None,
        fields: GroupedFieldSet,
        *more: Any,
    ) -> Any:
        execute = super().execute_execution_group
        if all(field[0].node.name.value.startswith("__") for field in fields.values()):
            return execute(groups, parent, source, path, fields, *more)

        async def executed() -> Any:
            row = await self._later.row(self._part, path.as_list() if path else ())
            result = execute(groups, parent, row, path, fields, *more)
            return await result if self.is_awaitable(result) else result

        return executed()


async def payloads(
    graph: GraphQLSchema,
    document: DocumentNode,
    asked: Asked,
    first: Mapping[str, Any],
    later: Later,
    extensions: Mapping[str, Any],
) -> AsyncGenerator[Payload]:
    """The parts of the answer to a query of which the first one is read already; the extensions go with that."""
    result: Any = experimental_execute_incrementally(
        graph,
        document,
        first,
        variable_values=dict(asked.variables),
        operation_name=asked.operation_name,
        max_coercion_errors=MAX_ERRORS,
        executor_class=PartExecutor,
        later=later,
    )
    if isinstance(result, ExecutionResult):
        yield {**_said(result, extensions), "hasNext": False}
        return
    async with aclosing(result.subsequent_results) as others:
        told = result.initial_result
        pending = [each.formatted for each in told.pending]
        yield {**_said(told, extensions), "pending": pending, "hasNext": True}
        later.wanted.set()
        async for each in others:
            later.wanted.clear()
            yield _payload(each)
            later.wanted.set()


def _usage(usage: DeferUsage) -> Usage:
    around = usage.parent_defer_usage
    return place(usage.directive_node), *(_usage(around) if around else ())


def _said(result: Any, extensions: Mapping[str, Any]) -> Payload:
    return {**_errors(result.errors), "data": result.data, "extensions": extensions}


def _payload(result: Any) -> Payload:
    told: Payload = {}
    if result.pending:
        told["pending"] = [each.formatted for each in result.pending]
    for name in ("incremental", "completed"):
        if several := getattr(result, name):
            told[name] = [{**each.formatted, **_errors(each.errors)} for each in several]
    return {**told, "hasNext": result.has_next}


def _errors(errors: Iterable[GraphQLError] | None) -> dict[str, list[Shown]]:
    return {"errors": [shown(error) for error in errors]} if errors else {}
