"""How does a load generator speak graphql-transport-ws?  With as little as possible between the bytes and a time stamp."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import orjson
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

PROTOCOL: Final = Subprotocol("graphql-transport-ws")
BROWSERS: Final = ClientPerMessageDeflateFactory(client_max_window_bits=True)
"""What browsers offer."""
PATIENCE: Final = 60
"""Seconds that the server may take to acknowledge a connection."""


class Heard(NamedTuple):
    """A message about an operation."""

    type: str
    id: str
    payload: Any
    at: int
    """When its bytes came, in monotonic ns."""


class Socket(asyncio.Protocol):
    """One WebSocket; what it hears of operations it hands on."""

    def __init__(
        self, url: str, heard: Callable[[Heard], None], token: str, *, compressed: bool
    ) -> None:
        self._heard, self._token = heard, token
        self._protocol = ClientProtocol(
            parse_uri(url),
            subprotocols=[PROTOCOL],
            extensions=[BROWSERS] if compressed else None,
            max_size=None,
        )
        self._acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended = False

    @classmethod
    async def opened(
        cls,
        server: str,
        heard: Callable[[Heard], None],
        token: str = "",
        *,
        compressed: bool = False,
    ) -> Self:
        """A socket over which operations may begin; `server` is an http URL, and `token` says who asks."""
        address, loop = urlsplit(server), asyncio.get_running_loop()
        url = address._replace(scheme="ws", path="/graphql").geturl()
        host, port = str(address.hostname), int(address.port or 80)
        async with asyncio.timeout(PATIENCE):
            _, socket = await loop.create_connection(
                lambda: cls(url, heard, token, compressed=compressed), host, port
            )
            await socket._acknowledged
        return socket

    def start(self, id_: str, query: str, variables: dict[str, Any]) -> None:
        """Start an operation."""
        self._say(
            {"id": id_, "type": "subscribe", "payload": {"query": query, "variables": variables}}
        )

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._protocol.send_close(1000)
            self._flush()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            match event:
                case Response():
                    if self._protocol.handshake_exc:
                        raise self._protocol.handshake_exc
                    said = (
                        {"payload": {"Authorization": f"Bearer {self._token}"}}
                        if self._token
                        else {}
                    )
                    self._say({"type": "connection_init", **said})
                case Frame(opcode=Opcode.TEXT, data=text):
                    self._hear(orjson.loads(text), now)
                case Frame(opcode=Opcode.CLOSE):
                    self._lost()
                case _:
                    pass  # pings are answered by the protocol
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._lost()

    def _hear(self, message: dict[str, Any], now: int) -> None:
        match message["type"]:
            case "connection_ack":
                self._acknowledged.set_result(None)
            case "ping":
                self._say({"type": "pong"})
            case type_:
                self._heard(Heard(type_, message["id"], message.get("payload"), now))

    def _lost(self) -> None:
        if not self._ended:
            self._ended = True
            self._heard(Heard("lost", "", str(self._protocol.close_rcvd), time.monotonic_ns()))

    def _say(self, message: dict[str, Any]) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_text(orjson.dumps(message))
            self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.write_eof()
