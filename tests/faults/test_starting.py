"""What does a server say while a start takes long?  That it lives, is not ready, and why; and it can be stopped."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from events.sqlite_library import sqlite3
from projections.sqlite_turn import turn
from tests.commands import COMMAND, EVENTS, surroundings, wait_until_ready
from tests.live import opened
from tests.served import with_article

pytestmark = pytest.mark.fault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database whose views another version of the program wrote."""
    path = tmp_path / "communique.db"
    path.write_bytes(with_article())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE checkpoints SET version = 0")
    return path


@contextmanager
def starting(path: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server whose port is open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)],
            env=surroundings(path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        try:
            yield process, client
        finally:
            process.kill()


async def reason(client: httpx.Client, expected: str) -> httpx.Response:
    """What it answers once it is not ready for this reason."""
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await asyncio.to_thread(client.get, "/readyz")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == 503
            if expected in answer.json()["reason"]:
                return answer
            await asyncio.sleep(0.02)


async def test_it_answers_while_views_are_rebuilt(path: Path):
    """The rebuild waits for its turn, as long as somebody else has it."""
    with starting(path) as (_, client):
        async with turn(path):
            answer = await reason(client, "it is rebuilding articles, actors")
            assert answer.json()["status"] == "not ready"
            alive = client.get("/healthz")
            assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
            refused = client.post("/graphql", json={"query": "{ status { head } }"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert refused.headers["x-request-id"]
            (error,) = refused.json()["errors"]
            assert error["extensions"] == {"code": "STARTING"}
            assert "it is rebuilding articles" in error["message"]
            with pytest.raises(InvalidStatus) as denied:
                async with opened(client.base_url):
                    pass
            assert denied.value.response.status_code == 503
        await asyncio.to_thread(wait_until_ready, client)
        asked = {"query": "{ status { position } }"}
        answer = client.post("/graphql", json=asked)
        assert answer.json()["data"] == {"status": {"position": EVENTS}}


async def test_it_answers_while_tables_are_made(tmp_path: Path):
    """The migration waits, as long as somebody else writes."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE other (x)")
        connection.execute("BEGIN EXCLUSIVE")
        with starting(path) as (_, client):
            await reason(client, "bringing its tables to their newest form")
            assert client.get("/healthz").status_code == 200
            connection.execute("ROLLBACK")
            connection.execute("DROP TABLE other")
            await asyncio.to_thread(wait_until_ready, client)


async def test_it_can_be_stopped_meanwhile(path: Path):
    with starting(path) as (process, client):
        async with turn(path):
            await reason(client, "it is rebuilding")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 10) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
