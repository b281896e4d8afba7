"""Is a server ready while its views are behind the log?  As far as the settings say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from api.app import create_app
from api.composition import Follower, opened
from api.settings import Settings
from tests.logs import append
from tests.served import served, until


@asynccontextmanager
async def standing_still(path: Path, **more: Any) -> AsyncIterator[AsyncClient]:
    """A server whose views are three events behind, and stay there, though nobody complains."""
    settings = Settings(database_url=f"sqlite:///{path}", **more)
    async with opened(settings, follow=False) as system:
        follower = Follower(system.views)
        follower.keeps_up = True
        app = create_app(replace(system, follower=follower))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://here") as client,
        ):
            assert (await client.get("/readyz")).status_code == 200
            await append(system.log, "actor/a", "one", "two", "three")
            await asyncio.sleep(0.05)
            yield client


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"max_lag": 2}, "the views are 3 positions behind the log"),
        ({"max_lag": 3}, None),
        ({"max_lag_seconds": 0.01}, "the views are 0 seconds behind the log"),
        ({"max_lag_seconds": 0}, None),
        ({}, None),
    ],
)
async def test_views_that_are_behind(settings: dict[str, Any], reason: str | None, tmp_path: Path):
    async with standing_still(tmp_path / "a.db", **settings) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == (503 if reason else 200)
    assert answer.json().get("reason") == reason
    assert answer.json()["position"] == 0


async def test_views_that_cannot_follow(tmp_path: Path):
    async with served(tmp_path / "a.db") as api:
        await api.system.log.close()
        await until(api.client, 503, "the views do not follow the log")
        assert (await api.client.get("/healthz")).status_code == 200
