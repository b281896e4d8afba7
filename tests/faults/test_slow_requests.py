"""What becomes of clients that never finish asking?  They are told, and let go, while others are answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.served import listening

pytestmark = pytest.mark.fault

HEADERS = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = HEADERS + b"Content-Length: 1000\r\n\r\n"
SECONDS = 0.6

DRIBBLES = {
    "nothing": (b"", b""),
    "a header": (HEADERS, b"X-Slow: 1\r\n"),
    "a letter of a header": (HEADERS, b"x"),
    "an address": (b"GET /graphql?query=", b"x"),
    "a body": (BODY, b" "),
    "a chunk": (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a body that nobody reads": (BODY.replace(b"POST", b"GET"), b" "),
    "empty lines": (b"\r\n", b"\r\n"),
    "the second request": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + HEADERS, b"X: 1\r\n"),
}


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with listening(tmp_path / "x.db", receive_timeout=SECONDS) as (_, url):
        yield url


async def dribble(url: str, first: bytes, then: bytes) -> tuple[bytes, float]:
    """Send something, and then a little of it again and again; what came back until the server closed, and when that was."""
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    began = time.monotonic()

    async def send() -> None:
        writer.write(first)
        while True:
            await asyncio.sleep(0.05)
            writer.write(then)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(20):
            received = await reader.read()
    finally:
        sending.cancel()
        writer.transport.abort()
    return received, time.monotonic() - began


async def test_clients_that_dribble_are_let_go(url: str):
    async with httpx.AsyncClient(base_url=url) as client, asyncio.TaskGroup() as group:
        slow = {name: group.create_task(dribble(url, *how)) for name, how in DRIBBLES.items()}
        while not all(each.done() for each in slow.values()):
            answer = await client.post("/graphql", json={"query": "{ status { head } }"})
            assert answer.json()["data"]["status"]["head"] == 0
            await asyncio.sleep(0.05)
    for name, each in slow.items():
        received, seconds = each.result()
        assert SECONDS * 0.9 < seconds < SECONDS + 5, name
        head, _, body = received.rpartition(b"\r\n\r\n")
        if name == "a body that nobody reads":
            assert head.startswith(b"HTTP/1.1 400"), name
            continue
        assert b"HTTP/1.1 408 Request Timeout" in head, name
        assert json.loads(body)["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT", name


async def test_answer_may_take_longer_than_the_request(url: str):
    """A stream goes on, whatever its client sends meanwhile."""
    query = json.dumps({"query": "subscription { log { position } }"}).encode()
    asked = HEADERS + b"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%b" % (
        len(query),
        query,
    )
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(asked)
    for _ in range(8):
        await asyncio.sleep(SECONDS / 4)
        writer.write(b"\r\n")
    assert b"200 OK" in await reader.read(1000)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SECONDS):
            assert await reader.read() == b"", "closed"
    writer.transport.abort()


async def test_client_that_leaves_in_the_middle_is_no_fault(
    url: str, caplog: pytest.LogCaptureFixture
):
    address = httpx.URL(url)
    _, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(BODY)
    await asyncio.sleep(0.1)
    writer.transport.abort()
    await asyncio.sleep(0.1)
    assert caplog.text == ""
