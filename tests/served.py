"""How does a test talk to the API?  An opened system on a file of its own, and a client of its application, in one process."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from api.access.keys import new_key
from api.app import create_app
from api.composition import System, opened
from api.front import Front
from api.server import address, listen, serve
from api.settings import Settings
from seeds.dossier import load
from seeds.ingest import ingest
from tests import postgres
from tests.commands import DOSSIER, invoke


async def until(client: AsyncClient, status: int, reason: str = "") -> None:
    """Return when `/readyz` answers with a status, and says why."""
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("/readyz")
            if answer.status_code == status and reason in answer.json().get("reason", ""):
                return
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Api:
    """An opened system with its application, and a client of it."""

    system: System
    app: Starlette
    client: AsyncClient

    async def post(self, query: Any, **variables: Any) -> Response:
        """Send an operation."""
        return await self.client.post("/graphql", json={"query": query, "variables": variables})

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        response = await self.post(query, **variables)
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def code(self, query: str, **variables: Any) -> str:
        """The code of the error that an answer begins with."""
        error, *_ = (await self.post(query, **variables)).json()["errors"]
        assert error["message"]
        return str(error["extensions"]["code"])

    async def head(self) -> int:
        return await self.system.log.head()


@cache
def with_article() -> bytes:
    """A database with the real article in it."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "communique.db"
        assert invoke(path, "ingest", DOSSIER).exit_code == 0
        return path.read_bytes()


ENGINES = ("sqlite", "postgres")
"""What the API works on."""


@asynccontextmanager
async def on(engine: str, directory: Path, *, article: bool, **more: Any) -> AsyncIterator[Api]:
    """The API on an engine, over an empty log or over that of the real article; with more settings."""
    if engine == "sqlite":
        path = directory / "communique.db"
        async with served_article(path, **more) if article else served(path, **more) as api:
            yield api
        return
    template = await postgres.kept(_ingested) if article else "template1"
    async with postgres.database(template) as url, served(url, **more) as api:
        yield api


async def _ingested(url: str) -> None:
    async with opened(Settings(database_url=url), follow=False) as system:
        await ingest(system.log, load(DOSSIER), "tester")
        await system.views.catch_up()


@asynccontextmanager
async def served(place: Path | str, **more: Any) -> AsyncIterator[Api]:
    """The API over a file, which is made if there is none, or over the database of a URL; with more settings.

    The client may record: it shows a token.
    """
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    settings = Settings(database_url=url, recorder="tester", **more)
    async with opened(settings, follow=True) as system:
        token = new_key()
        app = create_app(system, trial=token)
        transport, headers = ASGITransport(app), {"authorization": f"Bearer {token}"}
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=transport, base_url="http://here", headers=headers) as client,
        ):
            yield Api(system, app, client)


@asynccontextmanager
async def served_article(path: Path, **more: Any) -> AsyncIterator[Api]:
    """The API over a new file with the real article in it; with more settings."""
    path.write_bytes(await asyncio.to_thread(with_article))  # it runs a loop of its own
    async with served(path, **more) as api:
        yield api


@asynccontextmanager
async def listening(
    place: Path | str, trial: str | None = None, **more: Any
) -> AsyncIterator[tuple[System, str]]:
    """The API over a file or a URL, on a port of its own in this process; gives its URL, too.

    `trial` is a token with which its clients may record.
    """
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    settings = Settings(database_url=url, recorder="tester", **more)
    async with opened(settings, follow=True) as system:
        with listen("127.0.0.1", 0) as socket:
            url, app, started = address(socket), create_app(system, trial), asyncio.Event()

            @asynccontextmanager
            async def held() -> AsyncIterator[None]:
                async with app.router.lifespan_context(app):
                    started.set()
                    yield

            running = asyncio.create_task(serve(Front(app), socket, settings, held()))
            await started.wait()
            try:
                yield system, url
            finally:
                signal.raise_signal(signal.SIGTERM)
                await running
