"""Has somebody committed to a PostgreSQL database?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar, Final

from asyncpg import Connection, InterfaceError, InternalClientError, PostgresError

from events.watch import Watch

PAUSE: Final = 0.5
"""Seconds between two attempts to listen."""
CHANNEL: Final = "communique"

FAILURES: Final = (OSError, TimeoutError, PostgresError, InterfaceError, InternalClientError)
"""What can come of a connection; whoever reads meets the same, and tells it."""


class PostgresWatch(Watch):
    """Tells of commits: of this process at once, of others as they are notified, of all by a slow poll.

    A notification is a hint, and may get lost together with the connection that listens, or in a
    pooler; the poll does not.
    """

    FIRST: ClassVar = 1.0
    POLL: ClassVar = 1.0

    def __init__(
        self, name: str, token: str, connect: Callable[[], Awaitable["Connection[Any]"]] | None
    ) -> None:
        """Listen with a connection of its own, if there is a way to make one.

        This process notifies others with a token, so as to ignore what it said itself.
        """
        super().__init__(name)
        self._token = token
        self._task = None if connect is None else asyncio.create_task(self._listen(connect))

    def others_committed(self) -> bool:
        return True

    def close(self) -> None:
        super().close()
        if self._task is not None:
            self._task.cancel()

    async def _listen(self, connect: Callable[[], Awaitable["Connection[Any]"]]) -> None:
        while True:
            with suppress(*FAILURES):
                connection = await connect()
                try:
                    await self._hear(connection)
                finally:
                    connection.terminate()
            await asyncio.sleep(PAUSE)

    async def _hear(self, connection: "Connection[Any]") -> None:
        """Listen for as long as a connection lives."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, self._notified)
        self.committed()  # what was committed before, nobody heard
        await lost.wait()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload != self._token:
            self.committed()
