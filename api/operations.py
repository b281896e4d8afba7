"""How is an operation run, whatever brought it here?  Its document is checked; then it is answered once, or followed.

What it costs is known before it runs, and told in `extensions.cost` to those who ask for it by `"extensions": {"cost": true}`.
A query that is plain reading is answered by the text that the database finished, or a replica of it; other queries, and mutations, by
Strawberry's executor, from the database itself.
A subscription is a source of updates, each of which is executed by itself, so that its answer can say which position it reflects.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, Final

import orjson
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    create_source_event_stream,
    execute_subscription_event,
)

from api.access.callers import READING, Caller, Right
from api.access.needs import hidden_from
from api.access.refusals import not_permitted
from api.answers import Answer, Told, answered, failed, reflecting
from api.awaiting import least
from api.caching import Results
from api.calls import Call
from api.collecting import FIRST, may_put_off
from api.context import Context, PositionNotReached
from api.errors import BadDocument, internal, refused, shown
from api.incremental import at_once, payloads
from api.later import Later
from api.limits import variables
from api.live.listeners import Listeners
from api.reading import Found, Outcome, PartReader, Reading
from api.remembered import Remembered
from api.requests import Asked
from api.telemetry.work import current
from api.validating import MAX_ERRORS, Document
from events.refusals import Refusal

PAUSE: Final = 0.05
"""Seconds between two looks whether a replica has reached a position."""


class Operations:
    """Runs the operations of a schema."""

    def __init__(
        self,
        schema: strawberry.Schema,
        context: Context,
        queries: Reading,
        results: Results | None = None,
    ) -> None:
        """`queries` may read from a replica, and so reflect less than the rest; `results` keeps what they find."""
        self._schema, self._context, self._queries = schema, context, queries
        self._results = results

    @property
    def statements(self) -> int:
        """How many statements were run that read views."""
        return sum(reading.statements for reading in self.readings)

    @property
    def caches(self) -> Iterator[tuple[str, Remembered[Any] | Results]]:
        """What is remembered, each with what it is of; several may be of the same."""
        for reading in self.readings:
            yield from reading.caches
        if self._results is not None:
            yield "results", self._results

    @property
    def listeners(self) -> Listeners:
        """Those who follow something."""
        return self._context.listeners

    @property
    def readings(self) -> frozenset[Reading]:
        """What reads: one, or two if queries are read from a replica."""
        return frozenset((self._context.reading, self._queries))

    def document(self, source: str) -> Document:
        """The document of a text, with what is wrong with it."""
        return self._context.reading.document(source)

    def call(self, asked: Asked, caller: Caller) -> Call:
        """The operation that is asked for, of which nobody learns anything who may read nothing.  Raises BadDocument, BadRequest."""
        if Right.VIEWS not in caller.rights:
            raise not_permitted(caller, READING)
        operation = self._document(asked).operations.get(asked.operation_name)
        if operation is None:
            message = (
                f"the document has no operation {asked.operation_name!r}"
                if asked.operation_name
                else "say by `operationName` which operation to run"
            )
            raise BadDocument([GraphQLError(message)])
        work, name = current(), operation.node.name
        work.kind, work.operation = operation.kind.value, None if name is None else name.value
        return Call(operation, asked, caller)

    def answers(
        self, asked: Asked, caller: Caller, since: str | None = None
    ) -> AsyncGenerator[Answer]:
        """Every answer to an operation: one to a query or mutation, any number to a subscription.

        `since` takes the place of where a subscription says that it begins.  Raises BadDocument, BadRequest.
        """
        call = self.call(asked, caller)
        if call.kind is OperationType.SUBSCRIPTION:
            return self._follow(call, since)
        read = self._in_parts(call)
        return self._only(call) if read is None else self._parts(call, read)

    def comes_in_parts(self, call: Call) -> bool:
        """Whether something of a query is put off, by `@defer` or `@stream`.  Raises BadRequest."""
        return may_put_off(call.asked.query) and self._in_parts(call) is not None

    async def _only(self, call: Call) -> AsyncGenerator[Answer]:
        yield await self.answer(call)

    async def answer(self, call: Call) -> Answer:
        """The answer to a query or mutation.  Raises BadDocument, BadRequest."""
        call.permit()
        cost = self._cost(call)
        try:
            answer = await self._read(call)
        except Refusal as refusal:
            return failed([refused(refusal)])
        if isinstance(answer, list):
            raise BadDocument(answer)
        if answer is None:
            return await self._execute(call, cost)
        told = b',"cost":' + orjson.dumps(cost) if cost else b""
        body = b'{"data":%b,"extensions":{"position":%d%b}}' % (answer.data, answer.position, told)
        position = answer.position if answer.repeatable else None
        return Answer(body, str(answer.position), position=position, settled=answer.settled)

    def newest(self, call: Call) -> int | None:
        """The position that an answer would reflect at least; none if it is not known."""
        least = self._least(call)
        try:
            newest = self._newest()
        except Refusal:  # which whoever reads is told
            return None
        return newest if newest >= least else None

    def _newest(self) -> int:
        return max(self._context.views.position, self._queries.known_position())

    def _least(self, call: Call) -> int:
        """The position that the operation must reflect."""
        node = call.operation.node
        if not node.directives:
            return 0
        return least(self._schema._schema, node, call.asked.variables) or 0

    async def _read(self, call: Call) -> Outcome:
        """What `Reading.answer` gives, of the position that is asked for or later.  Raises PositionNotReached.

        That the views have reached it does not mean that a replica has; and who answers next may be another one, which is behind.
        """
        least = self._least(call)
        deadline = monotonic() + self._context.patience
        await self._context.reached(least)
        while True:
            answer = await self._found(call)
            if not isinstance(answer, Found) or answer.position >= least:
                return answer
            await self._replicated(least, deadline)

    async def _found(self, call: Call) -> Outcome:
        asked, caller = call.asked, call.caller
        read = partial(
            self._queries.answer,
            asked.query,
            asked.operation_name,
            asked.variables,
            hidden_from(caller.rights),
        )
        if self._results is None or call.kind is not OperationType.QUERY:
            return await read()
        key = (asked.query, asked.operation_name, orjson.dumps(asked.variables), caller.role)
        return await self._results.answer(key, self._newest(), read)

    async def _replicated(self, position: int, deadline: float) -> None:
        reflected = 0
        while reflected < position:
            if monotonic() >= deadline:
                raise PositionNotReached(reflected, position, self._context.patience)
            await asyncio.sleep(PAUSE)
            reflected = await self._queries.position()

    async def _execute(self, call: Call, cost: Told | None) -> Answer:
        result = await self._schema.execute(
            call.asked.query,
            variable_values=dict(call.asked.variables),
            operation_name=call.asked.operation_name,
            context_value=replace(self._context, caller=call.caller),
        )
        position = await self._context.reading.position()
        return answered(result, str(position), reflecting(cost, position=position))

    async def _follow(self, call: Call, since: str | None) -> AsyncGenerator[Answer]:
        call.permit()
        asked, cost = call.asked, self._cost(call)
        executor = self._schema.execution_context_class.build(
            self._schema._schema,
            at_once(self._document(asked).tree),
            context_value=replace(self._context, caller=call.caller, since=since),
            raw_variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            max_coercion_errors=MAX_ERRORS,
            hide_suggestions=not self._context.reading.limits.introspection,
        )
        if isinstance(executor, list):
            raise BadDocument(executor)
        updates: Any = create_source_event_stream(executor)
        if executor.is_awaitable(updates):
            updates = await updates
        if isinstance(updates, ExecutionResult):
            yield failed([shown(each) for each in updates.errors or ()])
            return
        try:
            async with aclosing(updates):
                async for update in updates:
                    each = executor.build_per_event_executor(update)
                    result: Any = execute_subscription_event(each)
                    if executor.is_awaitable(result):
                        result = await result
                    position, cursor = update.place.position, str(update.place)
                    reflects = reflecting(cost, position=position, cursor=cursor)
                    yield answered(result, cursor, reflects)
        except Refusal as refusal:
            yield failed([refused(refusal)])
        except Exception as error:  # noqa: BLE001 - it is logged where it is masked
            yield failed([internal(error)])

    def _in_parts(self, call: Call) -> PartReader | None:
        call.permit()
        hidden = hidden_from(call.caller.rights)
        return self._context.reading.in_parts(call.operation, call.asked, hidden)

    async def _parts(self, call: Call, read: PartReader) -> AsyncGenerator[Answer]:
        """The parts of an answer; from the database itself, since a replica may be behind the position of the first one."""
        asked, cost = call.asked, self._cost(call)
        try:
            await self._context.reached(self._least(call))
            position, first = await read(FIRST, None)
        except Refusal as refusal:
            yield failed([refused(refusal)])
            return
        later, reflects = Later(read, position), reflecting(cost, position=position)
        tree = self._document(asked).tree
        parts = payloads(self._schema._schema, tree, asked, first, later, reflects)
        async with aclosing(parts):
            async for part in parts:
                yield Answer(orjson.dumps(part), str(position))

    def _document(self, asked: Asked) -> Document:
        document = self.document(asked.query)
        if document.ast is None or document.errors:
            raise BadDocument(document.errors)
        return document

    def _cost(self, call: Call) -> Told | None:
        """What the operation costs, if it is asked for.  Raises BadDocument if that is too much, or its variables are too deep."""
        limits, asked = self._context.reading.limits, call.asked
        if asked.variables and variables.exceed(asked.variables, limits.max_variables_depth):
            message = "the variables are nested too deeply"
            raise BadDocument([limits.exceeded("max_variables_depth", message)])
        cost = call.operation.costs.of(asked.variables)
        if cost > limits.max_cost:
            message = f"the answer could have {cost} objects, ask for smaller pages"
            raise BadDocument([limits.exceeded("max_cost", message)])
        if asked.extensions.get("cost") is not True:
            return None
        return {"estimated": cost, "limit": limits.max_cost}
