"""How does a test follow a list, without a server between?"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from api.app import operations_of
from api.composition import System
from api.operations import Operations
from api.requests import Asked
from api.settings import Settings
from tests.histories import History
from tests.views import Opened, opened


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
    """A file with a log and its views, and what can be asked of them."""

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
        async with aclosing(self.operations.answers(Asked(document, None, variables))) as answers:
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
        body = orjson.loads((await self.operations.answer(Asked(document, None, variables))).body)
        assert "errors" not in body, body
        return body["data"]


@asynccontextmanager
async def following(path: Path, batch: int = 500) -> AsyncIterator[Followed]:
    """Open a file, which is made if there is none; its views are prepared, not caught up."""
    async with opened(path, batch) as it:
        with followed(it) as found:
            yield found


@contextmanager
def followed(it: Opened) -> Iterator[Followed]:
    """Follow opened views."""
    nothing: Any = None  # what is followed is not asked of a file
    system = System(Settings(position_timeout=20), nothing, cast("Any", it.log), it.views)
    with closing(it.reader()) as reader:
        yield Followed(it, operations_of(system, reader))
