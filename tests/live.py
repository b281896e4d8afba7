"""How does a test follow the API: over a WebSocket, or by server-sent events?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
LEGACY = Subprotocol("graphql-ws")
FOLLOW = "subscription ($after: Position, $filter: LogFilter) { log(after: $after, filter: $filter) { position kind } }"
EVENTS = {"accept": "text/event-stream"}


@dataclass(frozen=True)
class Talk:
    """One WebSocket, from the side of the client."""

    socket: ClientConnection

    async def say(self, type_: str, **more: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **more}))

    async def hear(self) -> dict[str, Any]:
        """The next message, other than the server's pings."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                if message != {"type": "ping"}:
                    return message

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        await self.say("subscribe", id=id_, payload={"query": query, "variables": variables})

    async def follow(self, after: int = 0, **filter_: Any) -> None:
        """Follow the log, as operation `1`."""
        await self.subscribe("1", FOLLOW, after=after, filter=filter_ or None)

    async def positions(self, number: int) -> list[int]:
        """The positions of the next results."""
        return [await self.position() for _ in range(number)]

    async def position(self) -> int:
        message = await self.hear()
        assert message["type"] == "next", message
        payload = message["payload"]
        position = int(payload["data"]["log"]["position"])
        assert payload["extensions"] == {"position": position, "cursor": str(position)}
        return position

    async def result(self, id_: str, query: str, **variables: Any) -> Any:
        """The payload of the only message that an operation gets, but for `complete`."""
        await self.subscribe(id_, query, **variables)
        message = await self.hear()
        assert message["id"] == id_, message
        if message["type"] == "next":
            assert await self.hear() == {"type": "complete", "id": id_}
        return message["payload"]


@asynccontextmanager
async def opened(url: object, **more: Any) -> AsyncIterator[Talk]:
    """A WebSocket to the server at a URL, before anything was said."""
    address = str(httpx.URL(str(url)).copy_with(scheme="ws").join("/graphql"))
    # What was sent and not read does not hold up the end.
    options = {"subprotocols": [PROTOCOL], "close_timeout": 0.1, "max_size": None, **more}
    socket = await connect(address, **options)
    try:
        yield Talk(socket)
    finally:
        with suppress(AttributeError):  # CPython 3.11 cannot abort what broke off while it was sent
            await socket.close()


@asynccontextmanager
async def talking(url: object, **more: Any) -> AsyncIterator[Talk]:
    """A WebSocket that was acknowledged."""
    async with opened(url, **more) as talk:
        await talk.say("connection_init")
        assert await talk.hear() == {"type": "connection_ack"}
        yield talk


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    name: str
    data: Any
    id: str | None = None

    @classmethod
    def parse(cls, lines: list[str]) -> Self:
        fields = dict(line.split(": ", 1) for line in lines)
        data = fields["data"]
        return cls(fields["event"], json.loads(data) if data else None, fields.get("id"))


@asynccontextmanager
async def streaming(
    url: object, method: str = "POST", **more: Any
) -> AsyncIterator[AsyncIterator[Event]]:
    """The events that a request gets; by default it asks for nothing else."""
    more["headers"] = EVENTS | more.get("headers", {})
    async with (
        httpx.AsyncClient(base_url=str(url), timeout=20, verify=False) as client,
        client.stream(method, "/graphql", **more) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield events_of(response)


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    lines: list[str] = []
    async for line in response.aiter_lines():
        if line and not line.startswith(":"):
            lines.append(line)
        elif lines:
            yield Event.parse(lines)
            lines = []


async def taken(events: AsyncIterator[Event], number: int) -> list[Event]:
    async with asyncio.timeout(20):
        return [await anext(events) for _ in range(number)]


def positions(events: list[Event]) -> list[int]:
    """The positions of results of `FOLLOW`, which are the ids of their events, too."""
    found = [event.data["data"]["log"]["position"] for event in events]
    assert [event.id for event in events] == list(map(str, found))
    return found
