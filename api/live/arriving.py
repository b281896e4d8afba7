"""What becomes of a client that does not finish its request?  It has a while from the first byte to the last one, however many it sends.

uvicorn would wait for ever.  Between two requests its own time-out applies; while a request is answered, none.
"""

import asyncio
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from api.errors import error
from api.live.patience import PatientHttp

HEAD: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b"
)


class PromptHttp(PatientHttp):
    """HTTP, with an end for clients that do not read, or take their time to ask."""

    _timer: asyncio.TimerHandle | None = None

    def __init__(self, seconds: float, arrival: float, **more: Any) -> None:
        """`arrival`: seconds that a request may take to arrive; `seconds` as for `PatientHttp`."""
        super().__init__(seconds, **more)
        self._arrival = arrival

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        self._expect()
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect()

    def on_message_complete(self) -> None:
        self._has_arrived()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._has_arrived()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._arrival, self._give_up)

    def _has_arrived(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        cycle: RequestResponseCycle | None = self.cycle
        answered = None if cycle is None or cycle.response_complete else cycle
        if answered is not None and not answered.more_body:
            return  # what came meanwhile is no request yet
        if answered is None or not answered.response_started:
            message = f"the request did not arrive within {self._arrival:g} s"
            body = orjson.dumps({"errors": [error(message, "REQUEST_TIMEOUT")]})
            self.transport.write(HEAD % (len(body), body))
        self.transport.close()
