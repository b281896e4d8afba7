"""Does a server stop so that nobody loses anything?  First it is ready no more; then what runs ends, and who follows comes back."""

import asyncio
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from time import monotonic

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.commands import Server, serving
from tests.faults.processes import SOAK
from tests.live import FOLLOW, streaming, taken, talking
from tests.logs import append, sqlite_log
from tests.served import until

pytestmark = pytest.mark.fault

SLOW = {"query": "query @atLeast(position: 2) { log(first: 9) { nodes { position } } }"}
"""What is answered once there is a second event."""
ANSWER = {"log": {"nodes": [{"position": 1}, {"position": 2}]}}


async def stopped(server: Server) -> tuple[int, str]:
    return await asyncio.to_thread(server.stop, signal.SIGTERM)


async def test_what_runs_is_answered_and_who_follows_is_sent_elsewhere(tmp_path: Path):
    path = tmp_path / "communique.db"
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one")
        with serving(path, "serve", COMMUNIQUE_DRAIN="0.5") as server:
            async with AsyncExitStack() as stack:
                url = str(server.client.base_url)
                talk = await stack.enter_async_context(talking(url))
                await talk.follow()
                assert await talk.position() == 1
                events = await stack.enter_async_context(streaming(url, json={"query": FOLLOW}))
                await taken(events, 1)
                client = await stack.enter_async_context(httpx.AsyncClient(base_url=url))
                slow = asyncio.create_task(client.post("/graphql", json=SLOW))
                began = monotonic()
                stopping = asyncio.create_task(stopped(server))
                await until(client, 503, "it is about to stop")
                early = await client.post("/graphql", json={"query": "{ status { head } }"})
                assert early.status_code == 200, "requests are taken until balancers have noticed"
                with pytest.raises(ConnectionClosed) as closed:
                    await talk.socket.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1012
                with pytest.raises(StopAsyncIteration):  # and no `complete` before
                    await anext(events)
                assert not slow.done()
                with pytest.raises(httpx.ConnectError):
                    await asyncio.to_thread(httpx.get, f"{url}/healthz")
                await append(log, "actor/b", "two")
                answer = await slow
                assert (answer.status_code, answer.json()["data"]) == (200, ANSWER)
                assert await stopping == (0, "")
                assert monotonic() - began < 8


@pytest.mark.skipif(not SOAK, reason="it takes the five seconds: make soak does so")
async def test_what_does_not_end_is_not_waited_for(tmp_path: Path):
    """A request that would wait for an event that never comes has five seconds."""
    async with sqlite_log(path := tmp_path / "communique.db") as log:
        await append(log, "actor/a", "one")
    with serving(path, "serve", COMMUNIQUE_POSITION_TIMEOUT="60") as server:
        async with httpx.AsyncClient(base_url=server.client.base_url) as client:
            slow = asyncio.create_task(client.post("/graphql", json=SLOW, timeout=60))
            await asyncio.sleep(0.2)
            status, errors = await stopped(server)
            assert status == 0
            assert "Cancel 1 running task" in errors
            with suppress(httpx.RemoteProtocolError):
                assert (await slow).status_code >= 500
