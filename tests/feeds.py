"""How does a test follow a list, without a server between?"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import orjson

from api.access.callers import ANONYMOUS
from api.app import operations_of
from api.operations import Operations
from api.reading import Reading
from api.requests import Asked
from api.settings import Settings
from projections.reading.reader import Reader
from tests.histories import History
from tests.views import ENGINES, Opened

KNOWN: dict[str, Reading] = {}
"""By engine, a reading that knows what was planned before: planning takes longer than what is read here."""


@dataclass(frozen=True)
class Told:
    """What a subscription told."""

    cursor: str
    kind: str
    value: Any

    @property
    def position(self) -> int:
        return int(self.value["position"])


@dataclass(frozen=True)
class Followed:
    """A log with its views, and what can be asked of them."""

    system: Opened
    operations: Operations

    async def know(self, history: History) -> None:
        """Let the log have what of a history it has not yet, and the views know it."""
        head = await self.system.log.head()
        await self.system.append(history.records[head:])
        await self.system.views.catch_up()

    async def told(
        self, document: str, *, until: str = "CaughtUp", most: int = 10_000, **variables: Any
    ) -> list[Told]:
        """What a subscription tells, up to what is of a kind, or so many."""
        found: list[Told] = []
        async with aclosing(self.follow(document, **variables)) as updates:
            async for each in updates:
                found.append(each)
                if each.kind == until or len(found) == most:
                    break
        return found

    async def follow(self, document: str, **variables: Any) -> AsyncGenerator[Told]:
        """What a subscription tells, without end."""
        asked = Asked(document, None, variables)
        async with aclosing(self.operations.answers(asked, ANONYMOUS)) as answers:
            async for answer in answers:
                body = orjson.loads(answer.body)
                assert "errors" not in body, body
                (value,) = body["data"].values()
                assert answer.cursor is not None
                assert answer.cursor == body["extensions"]["cursor"] == value["cursor"]
                assert body["extensions"]["position"] == value["position"]
                yield Told(answer.cursor, value["__typename"], value)

    async def read(self, document: str, **variables: Any) -> Any:
        """The data of a query."""
        asked = Asked(document, None, variables)
        body = orjson.loads(
            (await self.operations.answer(self.operations.call(asked, ANONYMOUS))).body
        )
        assert "errors" not in body, body
        return body["data"]


@asynccontextmanager
async def following(engine: str) -> AsyncIterator[Followed]:
    """A log and its views, on some engine, that were not used before."""
    async with ENGINES[engine]() as open_views, open_views() as it:
        with closing(it.reader()) as reader:
            yield Followed(it, operations_on(engine, it, reader))


def operations_on(engine: str, it: Opened, reader: Reader) -> Operations:
    """The operations on a log and its views; what was planned once for its engine is known."""
    operations = operations_of(it.log, it.views, reader, Settings(position_timeout=20))
    (reading,) = operations.readings
    known = KNOWN.setdefault(engine, reading)
    reading._validator, reading._plans = known._validator, known._plans
    return operations
