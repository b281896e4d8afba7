"""Is the log followed over a WebSocket: from any position, in order, once, and live?"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.commands import EVENTS, SLUG, Server, serving
from tests.served import with_article

PROTOCOL = Subprotocol("graphql-transport-ws")
LEGACY = Subprotocol("graphql-ws")
FOLLOW = "subscription ($a: Position, $f: LogFilter) { log(after: $a, filter: $f) { position kind record report { ref } } }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("live") / "communique.db"
    path.write_bytes(with_article())
    with serving(path, "serve") as server:
        yield server


def address(server: Server) -> str:
    return str(server.client.base_url.copy_with(scheme="ws").join("/graphql"))


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        message: dict[str, Any] = json.loads(await socket.recv())
        return message


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[ClientConnection]:
    # What was sent and not read does not hold up the end.
    async with connect(address(server), subprotocols=[PROTOCOL], close_timeout=0.1) as socket:
        await send(socket, type="connection_init")
        assert (await receive(socket))["type"] == "connection_ack"
        yield socket


@asynccontextmanager
async def following(server: Server, **variables: Any) -> AsyncIterator[ClientConnection]:
    async with connected(server) as socket:
        payload = {"query": FOLLOW, "variables": variables}
        await send(socket, id="1", type="subscribe", payload=payload)
        yield socket


async def entries(socket: ClientConnection, number: int) -> list[Any]:
    """The next entries."""
    messages = [await receive(socket) for _ in range(number)]
    assert [message["type"] for message in messages] == ["next"] * number, messages
    return [message["payload"]["data"]["log"] for message in messages]


def record(server: Server, place: str) -> int:
    """Record a report; gives its position."""
    mutation = f"""mutation {{ record(input: {{article: "{SLUG}", reports: [
      {{sessionOpened: {{body: "ldf", place: "{place}", evidence: [{{exact: "online session"}}]}}}}]}}) {{ ... on Recorded {{ first }} }} }}"""
    answer = server.client.post("/graphql", json={"query": mutation}).json()
    return int(answer["data"]["record"]["first"])


async def test_from_the_beginning(server: Server):
    async with following(server, a=0) as socket:
        found = await entries(socket, EVENTS)
    assert [entry["position"] for entry in found] == list(range(1, EVENTS + 1))
    assert found[0]["kind"] == "ArticleIngested"
    assert json.loads(found[0]["record"])["position"] == 1


async def test_after_a_position(server: Server):
    async with following(server, a=61) as socket:
        (found, *_) = await entries(socket, 3)
    assert found["position"] == 62
    assert found["report"] == {"ref": "russia-supports-haftar"}


async def test_live_after_what_was_there(server: Server):
    async with following(server, a=EVENTS - 1) as socket:
        await entries(socket, 1)
        seen = server.position - EVENTS
        await entries(socket, seen)
        for place in ("Tunis", "Bouznika", "Geneva"):
            position = await asyncio.to_thread(record, server, place)
            (entry,) = await entries(socket, 1)
            assert (entry["position"], entry["kind"]) == (position, "SessionOpened")
            assert entry["report"] is not None


async def test_filter(server: Server):
    async with following(server, a=0, f={"kinds": ["MeetingHeld", "VoteScheduled"]}) as socket:
        found = await entries(socket, 4)
    assert [entry["kind"] for entry in found] == ["MeetingHeld"] * 2 + ["VoteScheduled"] * 2


async def test_two_clients_get_all_of_it(server: Server):
    async with following(server, a=100) as one, following(server, a=110) as other:
        first, second = await asyncio.gather(entries(one, 19), entries(other, 9))
    assert first[10:] == second


async def test_query_runs_over_the_socket_too(server: Server):
    async with connected(server) as socket:
        payload = {"query": '{ actor(slug: "lavrov") { name } }'}
        await send(socket, id="1", type="subscribe", payload=payload)
        message = await receive(socket)
        assert message["payload"]["data"] == {"actor": {"name": "Sergey Lavrov"}}
        assert (await receive(socket))["type"] == "complete"


@pytest.mark.parametrize(
    "query",
    ["subscription { nothing }", "subscription { log(after: -1) { position } }"],
)
async def test_subscription_that_is_not_valid(query: str, server: Server):
    async with connected(server) as socket:
        await send(socket, id="1", type="subscribe", payload={"query": query})
        message = await receive(socket)
        assert message["type"] == "error"
        assert message["payload"][0]["message"]


async def test_complete_stops_it(server: Server):
    async with following(server, a=server.position) as socket:
        await send(socket, id="1", type="complete")
        await asyncio.to_thread(record, server, "Cairo")
        await send(socket, type="ping")
        assert (await receive(socket))["type"] == "pong"


async def test_legacy_protocol_is_not_spoken(server: Server):
    with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it closes when it likes
        async with connect(address(server), subprotocols=[LEGACY]) as socket:
            assert socket.subprotocol is None
            await send(socket, type="connection_init")
            await receive(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4406
