"""What do clients cost that do not read, or hardly?  Bounded memory, nobody else's time, and in the end their connection."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import perf_counter

import pytest
from websockets.exceptions import ConnectionClosed

from events.log import Write
from tests.commands import Server, serving
from tests.histories import ingested
from tests.live import talking
from tests.logs import PROVENANCE, sqlite_log

pytestmark = pytest.mark.fault

ARTICLES, LETTERS = 100, 200_000
MEGABYTES = ARTICLES * LETTERS / 1e6
"""What there is to send: more than the system keeps for a connection."""
QUERY = "subscription { log { record } }"
STATUS = "{ status { head } }"
LAST_CHUNK = b"0\r\n\r\n"
"""How a response ends that is complete."""
POST = (
    "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Accept: text/event-stream\r\nContent-Length: {length}\r\n\r\n{body}"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slow") / "communique.db"
    texts = [f"{number} " + "x" * LETTERS for number in range(ARTICLES)]
    writes = [Write(f"article/a{n}", [ingested(text)]) for n, text in enumerate(texts)]
    asyncio.run(append_all(path, writes))
    return path


async def append_all(path: Path, writes: list[Write]) -> None:
    async with sqlite_log(path) as log:
        await log.append(writes, PROVENANCE)


@pytest.fixture
def server(path: Path) -> Iterator[Server]:
    with serving(path, "serve", COMMUNIQUE_SLOW_TIMEOUT="0.5") as server:
        yield server
        assert server.stop(15) == (0, "")


def memory(server: Server) -> float:
    """Megabytes that the server holds."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


@contextmanager
def small(server: Server) -> Iterator[socket.socket]:
    """A connection whose client has hardly any room for what it does not read."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((server.client.base_url.host, server.client.base_url.port))
        yield connection


def follow_events(connection: socket.socket) -> None:
    body = json.dumps({"query": QUERY})
    connection.sendall(POST.format(length=len(body), body=body).encode())


async def others_are_served(server: Server, seconds: float) -> None:
    """Queries are answered meanwhile, and soon."""
    until = perf_counter() + seconds
    async with talking(server.client.base_url) as talk:
        while perf_counter() < until:
            began = perf_counter()
            assert (await talk.result("1", STATUS))["data"]["status"]["head"] == ARTICLES
            assert perf_counter() - began < 2
            await asyncio.sleep(0.05)


async def test_client_that_stops_reading_a_socket(server: Server):
    """It finds all that was sent before, and then a code that brings it back."""
    room = {"compression": None, "max_queue": 1}
    with small(server) as connection:
        async with talking(server.client.base_url, sock=connection, **room) as talk:
            await talk.subscribe("1", QUERY)
            await talk.hear()
            talk.socket.transport.pause_reading()
            await others_are_served(server, 4)
            talk.socket.transport.resume_reading()
            taken = 1
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it closes when it likes
                while await talk.hear():
                    taken += 1
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
    assert 1 < taken < ARTICLES


async def test_client_that_stops_reading_events(server: Server):
    with small(server) as connection:
        follow_events(connection)
        await others_are_served(server, 4)
        connection.settimeout(10)
        received = bytearray()
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
        assert 0 < len(received) < MEGABYTES * 1e6
        assert not received.endswith(LAST_CHUNK)


async def test_memory_is_bounded(path: Path):
    """Ten such clients, half of which take a byte a second, do not make the server hold what they should have taken: 200 MB."""
    with serving(path, "serve") as server:
        with small(server) as one:
            follow_events(one)
            await asyncio.sleep(1)
        before = memory(server)
        with ExitStack() as stack:
            clients = [stack.enter_context(small(server)) for _ in range(10)]
            for client in clients:
                follow_events(client)
                client.settimeout(5)
            for _ in range(5):
                await others_are_served(server, 1)
                assert all(client.recv(1) for client in clients[::2])
            grown = memory(server) - before
        assert grown < 80
        print(f"{grown:.0f} MB for 10 clients")  # noqa: T201 - a figure worth to be seen


async def test_server_stops_in_spite_of_them(path: Path):
    with serving(path, "serve") as server, small(server) as one, small(server) as other:
        follow_events(one)
        follow_events(other)
        await others_are_served(server, 1)
        began = perf_counter()
        assert await asyncio.to_thread(server.stop, 15) == (0, "")
        assert perf_counter() - began < 8


async def test_flood_whose_answers_are_not_read(path: Path):
    """It comes to a halt: nothing more is read from a client that does not read itself."""
    wrong = json.dumps({"query": "{ " + f"{'x' * 300} " * 20 + "}"})
    message = f'{{"type": "subscribe", "id": "ID", "payload": {wrong}}}'
    with serving(path, "serve") as server, small(server) as connection:
        room = {"compression": None, "max_queue": 1}
        async with talking(server.client.base_url, sock=connection, **room) as talk:
            talk.socket.transport.pause_reading()
            before, sent = memory(server), 0
            with pytest.raises(TimeoutError):  # noqa: PT012 - it comes to a halt when it likes
                while True:
                    async with asyncio.timeout(3):
                        await talk.socket.send(message.replace("ID", str(sent)))
                    sent += 1
            await others_are_served(server, 0.5)
            assert memory(server) - before < 80
            talk.socket.transport.abort()
