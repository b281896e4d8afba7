"""Does somebody who replays the log leave others their time?"""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.logs import append, sqlite_log
from tests.served import served

pytestmark = pytest.mark.fault

TOTAL = 4_000
QUERY = "subscription { log { id position kind stream record report { id ref } } }"


async def test_nobody_waits_long(tmp_path: Path):
    """While one client takes as fast as it can, others have their turn every few milliseconds."""
    path = tmp_path / "communique.db"
    async with sqlite_log(path) as log:
        for start in range(0, TOTAL, 500):
            turn = range(start, start + 500)
            await asyncio.gather(*(append(log, f"actor/a{n}", f"actor {n}") for n in turn))
    taken, turns = 0, [perf_counter()]

    async def send(message: Any) -> None:
        nonlocal taken
        taken += message.get("body", b"").count(b"event: next")

    async with served(path) as api:
        await api.system.views.catch_up()
        replay = asyncio.create_task(api.app(scope(), body(), send))
        while taken < TOTAL:
            await asyncio.sleep(0)
            turns.append(perf_counter())
        replay.cancel()
        await asyncio.gather(replay, return_exceptions=True)
    waits = sorted(after - before for before, after in pairwise(turns))
    assert len(waits) > TOTAL
    assert waits[int(len(waits) * 0.99)] < 0.05


def scope() -> dict[str, Any]:
    """A request for a stream of events, of which nothing is lost on the way."""
    headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream")]
    address = {"method": "POST", "path": "/graphql", "query_string": b"", "http_version": "1.1"}
    return {"type": "http", "headers": headers, **address}


def body() -> Any:
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": json.dumps({"query": QUERY}).encode()}

    return receive
