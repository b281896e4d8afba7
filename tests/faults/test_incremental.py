"""What becomes of an answer in parts whose client goes, or takes nothing, or whose server stops?"""

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from api.access.authentication import Authentication
from api.access.callers import ANONYMOUS
from api.app import operations_of
from api.engines import reader_of
from api.live.accepting import NEWER
from api.live.limits import Connections
from api.live.multipart import MultipartAnswers
from api.live.sse import EventStreams
from api.requests import Asked, BadRequest
from api.settings import Settings
from projections.reading.reader import Reader
from tests.served import Api, served_article

pytestmark = pytest.mark.fault

PARTS = 20
PUT_OFF = (
    f"... @defer {{ k{n}: actors(first: {n + 1}) {{ nodes {{ name }} }} }}" for n in range(PARTS)
)
QUERY = f"{{ status {{ head }} {' '.join(PUT_OFF)} }}"


@dataclass
class Client:
    """The client of one request, as an ASGI application meets it."""

    stalls: bool = False
    """Whether it takes nothing after the first part."""
    goes: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has the first part."""
    body: bytes = b""

    async def receive(self) -> MutableMapping[str, Any]:
        await self.goes.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.body += message.get("body", b"")
        if self.body and not self.begun.is_set():
            self.begun.set()
        elif self.stalls and message.get("more_body"):
            await self.goes.wait()


@dataclass
class Served:
    """What answers in parts, to one client at a time, and how many statements it has run."""

    answers: MultipartAnswers
    stopping: asyncio.Event
    reader: Reader

    async def begin(self, client: Client) -> asyncio.Task[None]:
        """Answer the query until the client has the first part."""
        scope: dict[str, Any] = {"type": "http", "client": ("there", 1), "headers": []}
        response = await self.answers.answer(
            Request(scope), Asked(QUERY, None, {}), ANONYMOUS, NEWER
        )
        running = asyncio.create_task(response(scope, client.receive, client.send))
        await client.begun.wait()
        return running


def served(api: Api) -> Served:
    settings, connections = Settings(), Connections(1)
    reader = reader_of(api.system.file, settings.query_timeout)
    operations = operations_of(api.system.log, api.system.views, reader, settings)
    streams = EventStreams(operations, connections, Authentication(settings), settings)
    return Served(MultipartAnswers(operations, connections, streams), streams.stopping, reader)


@pytest.mark.parametrize("end", ["client", "server"])
async def test_reading_ends_with_who_wants_it(end: str, tmp_path: Path):
    """Nothing more is read, the answer lacks its last boundary, and the connection counts no more."""
    async with served_article(tmp_path / "communique.db") as api:
        it, client = served(api), Client()
        running = await it.begin(client)
        (client.goes if end == "client" else it.stopping).set()
        await running
        assert it.reader.statements <= 3
        assert not client.body.endswith(b"--\r\n")
        before = it.reader.statements
        await asyncio.sleep(0.05)
        assert it.reader.statements == before
        it.stopping.clear()
        another = Client()
        await (await it.begin(another))
        assert another.body.endswith(b"--\r\n")
        assert it.reader.statements == before + 1 + PARTS


async def test_who_takes_nothing_is_read_nothing_for(tmp_path: Path):
    """At most what goes with the part that waits for the client; and no second answer is begun beside it."""
    async with served_article(tmp_path / "communique.db") as api:
        it, client = served(api), Client(stalls=True)
        running = await it.begin(client)
        await asyncio.sleep(0.3)
        before = it.reader.statements
        assert before <= 3
        with pytest.raises(BadRequest, match="1 connections open already"):
            await (await it.begin(Client()))
        await asyncio.sleep(0.3)
        assert it.reader.statements == before
        client.goes.set()
        await running
