"""What becomes of a client that does not take what it is sent?  It is waited for, for a while, then told to come back, and let go.

uvicorn makes whoever sends wait for such a client, but never gives up on it: even closing a connection waits for the client.  So each
connection is watched while something waits for the client; if it takes no byte of it for as long as it may, a WebSocket is closed with
code 1013, which lies behind all that the client has not taken and makes it come back, and what is still not taken is thrown away later.
"""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from api.live.one_write import OneWrite

TRY_AGAIN_LATER: Final = 1013
"""A code that clients take for a reason to come back, as they do not take 1011 or most of 44xx."""
INVALID_TEXT: Final = 1007
LINGER: Final = 10.0
"""Seconds that a client has to read the end of a closed connection."""
STOPPING: Final = 3.0
"""Seconds that it has when the server stops."""
LOOKS: Final = 4
"""How often somebody looks whether the client took something, in the time that it has."""


class Patience:
    """Watches one connection from when the client does not take more until it does."""

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport, self._seconds = transport, seconds
        self._timer: asyncio.TimerHandle | None = None
        self._waiting, self._looks = 0, 0
        _notice_the_dead(transport, seconds)

    def begin(self, give_up: Callable[[], None]) -> None:
        """Watch; `give_up` is called when the client took nothing for too long."""
        self.end()
        self._waiting, self._looks = self._transport.get_write_buffer_size(), 0
        self._look_later(give_up)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self, give_up: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds / LOOKS, self._look, give_up)

    def _look(self, give_up: Callable[[], None]) -> None:
        before, self._waiting = self._waiting, self._transport.get_write_buffer_size()
        self._looks = 0 if self._waiting < before else self._looks + 1
        if self._looks < LOOKS:
            self._look_later(give_up)
        else:
            give_up()


class PatientHttp(HttpToolsProtocol):
    """HTTP, with an end for clients that do not read."""

    def __init__(self, seconds: float, **more: Any) -> None:
        """`seconds`: how long a client may take nothing."""
        super().__init__(**more)
        self._seconds = seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", OneWrite(transport)))
        self._patience = Patience(transport, self._seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._patience.begin(self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._patience.end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.end()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        cast("OneWrite", self.transport).flush()  # the answer to HEAD has no body
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self._patience.end()
        self.transport = cast("OneWrite", self.transport).transport
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(STOPPING, self._abort_if_waiting)

    def _abort_if_waiting(self) -> None:
        if self.flow.write_paused or self.transport.is_closing():
            self.transport.abort()


class PatientWebSocket(WebSocketsSansIOProtocol):
    """WebSocket, with an end for clients that do not read; every end can be read, also by a client that still writes."""

    def __init__(self, seconds: float, **more: Any) -> None:
        """`seconds`: how long a client may take nothing."""
        super().__init__(**more)
        self._seconds = seconds
        self._lingers = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._patience = Patience(self.transport, self._seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._patience.begin(partial(self._end, TRY_AGAIN_LATER, "what was sent is not read"))

    def resume_writing(self) -> None:
        super().resume_writing()
        self._patience.end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._lingers:
            super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self._end(INVALID_TEXT, "invalid UTF-8")
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """A close stands ready already: 1002 or 1009."""
        if self.conn.close_sent is not None:
            self._end(self.conn.close_sent.code, self.conn.close_sent.reason)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # with a refusal, which uvicorn takes for a mistake
        if message["type"] == "websocket.close" and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(LINGER, self.transport.abort)

    def shutdown(self) -> None:
        if self.conn.state is State.OPEN or not self.handshake_complete:
            super().shutdown()
        self.loop.call_later(STOPPING, self.transport.abort)

    def _end(self, code: int, reason: str) -> None:
        """Close, release the application, and let what the client still sends go by, or it would be reset before it has read why."""
        if self._lingers or self.close_sent or self.transport.is_closing():
            self.transport.abort()
            return
        if self.conn.state is State.OPEN:
            self.conn.send_close(code, reason)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.write_eof()
        self._lingers = self.close_sent = self.disconnected = True
        self.writable.set()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER, self.transport.abort)


def _notice_the_dead(transport: asyncio.Transport, seconds: float) -> None:
    """Let the system end a connection whose other side is silent; the signs of life that are sent go unanswered then."""
    connection = transport.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int((seconds + 2 * LINGER) * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
