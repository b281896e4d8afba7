"""What does a server say while a start takes long?  That it lives, is not ready, and why; and it can be stopped."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from api.cli.serving import _serve_on
from api.server import address, listen
from api.settings import Settings
from events.refusals import LogDamaged
from events.sqlite_library import sqlite3
from projections.sqlite_turn import turn
from tests.commands import EVENTS
from tests.live import opened
from tests.served import until, with_article

pytestmark = pytest.mark.fault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database whose views another version of the program wrote."""
    path = tmp_path / "communique.db"
    path.write_bytes(with_article())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE checkpoints SET version = 0")
    return path


@asynccontextmanager
async def starting(path: Path) -> AsyncIterator[tuple[asyncio.Task[None], httpx.AsyncClient]]:
    """The command `serve`, once its port is open."""
    settings = Settings(database_url=f"sqlite:///{path}")
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(_serve_on(listening, settings, load=False))
        async with httpx.AsyncClient(base_url=address(listening), timeout=30) as client:
            try:
                yield serving, client
            finally:
                if not serving.done():
                    signal.raise_signal(signal.SIGTERM)
                await serving


async def test_it_answers_while_views_are_rebuilt(path: Path):
    """The rebuild waits for its turn, as long as somebody else has it."""
    async with starting(path) as (_, client):
        async with turn(path):
            await until(client, 503, "it is rebuilding articles, actors")
            alive = await client.get("/healthz")
            assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
            refused = await client.post("/graphql", json={"query": "{ status { head } }"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert refused.headers["x-request-id"]
            (error,) = refused.json()["errors"]
            assert error["extensions"] == {"code": "STARTING"}
            assert "it is rebuilding articles" in error["message"]
            stream = await client.get("/graphql", headers={"accept": "text/event-stream"})
            assert (stream.status_code, stream.text) == (200, ":\n\n")
            assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
            with pytest.raises(InvalidStatus) as denied:
                async with opened(client.base_url):
                    pass
            assert denied.value.response.status_code == 503
        await until(client, 200)
        asked = {"query": "{ status { position } }"}
        answer = await client.post("/graphql", json=asked)
        assert answer.json()["data"] == {"status": {"position": EVENTS}}


async def test_it_answers_while_tables_are_made(tmp_path: Path):
    """The migration waits, as long as somebody else writes."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        async with starting(path) as (_, client):
            await until(client, 503, "bringing its tables to their newest form")
            assert (await client.get("/healthz")).status_code == 200
            connection.execute("ROLLBACK")
            await until(client, 200)


async def test_it_can_be_stopped_meanwhile(path: Path):
    async with turn(path), starting(path) as (serving, client):
        await until(client, 503, "it is rebuilding")
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await serving


async def test_start_that_fails_ends_the_server(tmp_path: Path):
    path = tmp_path / "communique.db"
    path.write_text("Not a database, but long enough to be taken for one. " * 100)
    with pytest.raises(LogDamaged):
        async with asyncio.timeout(10), starting(path) as (serving, _):
            await serving
