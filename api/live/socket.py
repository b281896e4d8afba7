"""How does one client use the API over a WebSocket?  By the protocol graphql-transport-ws: many operations, each for itself.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.  Sending waits for the client, and so does what it
follows: nothing is read from the log that cannot be sent.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from api.access.callers import ANONYMOUS
from api.documents.resolving import Documents
from api.errors import INTERNAL, BadDocument, Shown
from api.errors import error as error_of
from api.live import messages
from api.live.limits import too_many_operations
from api.live.messages import Closing, Complete, Init, Message, Ping, Pong, Subscribe
from api.operations import Operations
from api.requests import BadRequest
from api.settings import Settings

GONE: Final = (WebSocketDisconnect, WebSocketDisconnected)
"""What is raised when something is sent to a client that has gone."""

logger = logging.getLogger("communique")


class Conversation:
    """What is said over one WebSocket, from its acceptance to its end."""

    def __init__(
        self,
        socket: WebSocket,
        operations: Operations,
        documents: Documents,
        settings: Settings,
    ) -> None:
        self._socket, self._settings = socket, settings
        self._operations, self._documents = operations, documents
        self._running: dict[str, asyncio.Task[None]] = {}
        """The operations by their ids; signs of life have the empty one."""
        self._tasks: set[asyncio.Task[None]] = set()
        """These, and those that were stopped and have not ended yet."""
        self._sending = asyncio.Lock()

    async def hold(self) -> None:
        """Talk until either side ends it."""
        closing = None
        try:
            await self._listen()
        except Closing as error:
            closing = error
        except GONE:
            pass
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if closing:
            with suppress(*GONE):
                await self._socket.close(closing.code, closing.reason)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(self._settings.init_timeout) as deadline:
                async for message in self._messages():
                    if isinstance(message, Init):
                        if deadline.when() is None:
                            raise Closing(4429, "Too many initialisation requests")
                        deadline.reschedule(None)
                        await self._send(messages.ACK)
                        self._start("", self._keep_alive())
                    else:
                        await self._heard(message, acknowledged=deadline.when() is None)
        except TimeoutError:
            raise Closing(4408, "Connection initialisation timeout") from None

    async def _messages(self) -> AsyncIterator[Message]:
        while (received := await self._socket.receive())["type"] == "websocket.receive":
            text = received.get("text")
            yield messages.message_of(received["bytes"] if text is None else text)

    async def _heard(self, message: Message, *, acknowledged: bool) -> None:
        match message:
            case Ping(payload):
                await self._send(messages.pong(payload))
            case Subscribe(id_) if not acknowledged:
                raise Closing(4401, "Unauthorized")
            case Subscribe(id_) if id_ in self._running:
                raise Closing(4409, f"Subscriber for {id_} already exists")
            case Subscribe(id_) if self._is_full:
                refused = too_many_operations(self._settings.operations_per_connection)
                await self._send(messages.error(id_, [error_of(refused.message, refused.code)]))
            case Subscribe(id_):
                self._start(id_, self._run(message))
            case Complete(id_):
                if task := self._running.pop(id_, None):
                    task.cancel()
            case Init() | Pong():
                pass

    @property
    def _is_full(self) -> bool:
        """Whether no further operation may run; those whose end nobody reads count, too."""
        most = self._settings.operations_per_connection
        return len(self._running) > most or len(self._tasks) > 2 * most

    async def _run(self, message: Subscribe) -> None:
        errors: list[Shown] = []
        try:
            errors = await self._results(message)
        except BadDocument as error:
            errors = error.errors
        except BadRequest as error:
            errors = [error_of(error.message, error.code)]
        except GONE:
            return
        except Exception:
            logger.exception("an operation over a WebSocket broke off")
            errors = [INTERNAL]
        if self._running.get(message.id) is asyncio.current_task():
            del self._running[message.id]  # before it is told, so that the id may be used at once
        with suppress(*GONE):
            end = messages.error(message.id, errors) if errors else messages.complete(message.id)
            await self._send(end)

    async def _results(self, message: Subscribe) -> list[Shown]:
        """Send all results; gives the errors with which they ended."""
        asked = self._documents.asked_by(message.payload)
        async with aclosing(self._operations.answers(asked, ANONYMOUS)) as answers:
            async for answer in answers:
                if answer.errors:
                    return list(answer.errors)
                await self._send(messages.next_(message.id, answer.body))
                del answer  # or it would be kept while the next one is waited for
                await asyncio.sleep(0)  # others have their turn while somebody replays the log
        return []

    async def _keep_alive(self) -> None:
        with suppress(*GONE):
            while True:
                await asyncio.sleep(self._settings.keep_alive)
                await self._send(messages.PING)

    async def _send(self, message: bytes) -> None:
        """Send when the client has taken what was sent before; one at a time, so that no more than one waits in memory."""
        async with self._sending:
            await self._socket.send_text(message.decode())

    def _start(self, id_: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._running[id_] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
