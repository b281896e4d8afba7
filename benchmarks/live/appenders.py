"""Who appends?  A client of the server, by mutations over one WebSocket; or another process, to the log that the server follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from benchmarks.history import PROVENANCE
from benchmarks.live.said import RECORD, SAID
from benchmarks.live.sockets import Heard, Socket
from benchmarks.live.trial import Overwhelmed
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog

Append = Callable[[int, int], Awaitable[int]]
"""Appends something about a key, with a number of its own; gives its position once it is acknowledged."""


class Appender(Protocol):
    """Somebody who appends; a value that can be handed to another process."""

    def appending(self, said: str) -> AbstractAsyncContextManager[Append]:
        """Begin to append what has a name in `SAID`."""


@dataclass(frozen=True)
class ByMutation:
    """A client of the server at a URL."""

    url: str
    token: str = ""
    """What lets it record, where that is asked for."""

    @asynccontextmanager
    async def appending(self, said: str) -> AsyncIterator[Append]:
        recorded = SAID[said].recorded
        assert recorded is not None, "there is a mutation"
        answers: dict[str, asyncio.Future[Any]] = {}
        numbers = count()

        def heard(message: Heard) -> None:
            if message.type == "next":
                answers[message.id].set_result(message.payload)
            elif message.type != "complete":
                for each in answers.values():
                    if not each.done():
                        each.set_exception(Overwhelmed(f"a mutation failed: {message}"))

        async def append(key: int, number: int) -> int:
            while True:
                id_, answer = str(next(numbers)), asyncio.get_running_loop().create_future()
                answers[id_] = answer
                socket.start(id_, RECORD, {"input": recorded(key, number)})
                match await answer:
                    case {"data": {"record": {"last": int(position)}}}:
                        return position
                    case {"data": {"record": {"__typename": "VersionConflict"}}}:
                        pass  # another append to the stream was faster: decide anew
                    case refused:
                        raise Overwhelmed(f"nothing was appended: {refused}")

        socket = await Socket.opened(self.url, heard, self.token)
        yield append
        socket.close()


@dataclass(frozen=True)
class ByLog:
    """Another process that has the server's database open."""

    database: Path

    @asynccontextmanager
    async def appending(self, said: str) -> AsyncIterator[Append]:
        log = SqliteLog(SqliteFile(self.database), lambda: datetime.now(UTC), lambda: str(uuid4()))

        async def append(key: int, number: int) -> int:
            return (await log.append([SAID[said].write(key, number)], PROVENANCE)).last

        yield append
        await log.close()
