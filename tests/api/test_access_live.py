"""Are subscriptions of those who may have them, and only as long as their tokens hold?"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.issuer import AUDIENCE, ISSUER, SECRET, secret_token
from tests.keys import Keys, bearer
from tests.live import EVENTS, FOLLOW, Talk, events_of, opened, taken, talking
from tests.served import listening, with_article

STATUS = "{ status { head } }"
ACK = {"type": "connection_ack"}


@pytest.fixture(autouse=True)
def _looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.access.keys.LOOK", -1)
    monkeypatch.setattr("api.access.authentication.LOOK", 0.05)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
async def url(tmp_path: Path, keys: Keys) -> AsyncIterator[str]:
    """A server that lets nobody read without a token."""
    path = tmp_path / "communique.db"
    path.write_bytes(await asyncio.to_thread(with_article))
    tokens: dict[str, Any] = {
        "jwt_secret": SECRET,
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "jwt_leeway": 0,
    }
    async with listening(path, open_to="nothing", **keys.settings, **tokens) as (_, url):
        yield url


async def close_of(talk: Talk) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it closes when it likes
        async with asyncio.timeout(20):
            while True:
                await talk.socket.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def begin(talk: Talk, payload: Any) -> None:
    await talk.say("connection_init", payload=payload)
    assert await talk.hear() == ACK


@pytest.mark.parametrize("form", ["Authorization", "authorization", "token"])
async def test_first_message_says_who_it_is(form: str, url: str, keys: Keys):
    key = keys.key("auditor")
    async with opened(url) as talk:
        await begin(talk, {form: key if form == "token" else f"Bearer {key}"})
        await talk.follow(0)
        assert await talk.position() == 1


async def test_header_says_who_it_is(url: str, keys: Keys):
    async with talking(url, additional_headers=bearer(keys.key("reader"))) as talk:
        assert "data" in await talk.result("1", STATUS)
        (refused,) = await talk.result("2", "{ log { totalCount } }")
        assert refused["extensions"]["code"] == "NOT_PERMITTED"


@pytest.mark.parametrize("payload", [None, {"token": "cmq_none"}, {"Authorization": "Bearer x.y"}])
async def test_socket_without_a_good_token_is_forbidden(payload: Any, url: str):
    """By a code after which clients come back, perhaps with a better one."""
    async with opened(url) as talk:
        await talk.say("connection_init", payload=payload)
        code, reason = await close_of(talk)
    assert (code, reason.partition(":")[0]) == (4403, "Forbidden")


async def test_bad_token_in_the_header_of_a_socket(url: str):
    with pytest.raises(InvalidStatus) as refused:
        async with opened(url, additional_headers=bearer("cmq_none")):
            pass
    assert refused.value.response.status_code == 401
    assert "WWW-Authenticate" in refused.value.response.headers


async def test_token_expires_on_a_socket(url: str):
    async with opened(url) as talk:
        await begin(talk, {"token": secret_token(role="auditor", exp=int(time.time()) + 2)})
        await talk.follow(118)
        assert await talk.position() == 119
        assert await close_of(talk) == (4403, "Forbidden: the token holds no longer")


async def test_key_is_revoked_while_it_is_used(url: str, keys: Keys):
    key = keys.key("auditor")
    async with (
        opened(url) as talk,
        httpx.AsyncClient(base_url=url, timeout=20) as client,
        client.stream(
            "POST",
            "/graphql",
            json={"query": FOLLOW, "variables": {"after": 118}},
            headers=EVENTS | bearer(key),
        ) as response,
    ):
        await begin(talk, {"token": key})
        events = events_of(response)
        await taken(events, 1)
        keys.path.write_text("")
        assert (await close_of(talk))[0] == 4403
        assert [event async for event in events] == []  # no `complete`, so that clients come back


async def test_token_expires_on_an_event_stream(url: str):
    token = secret_token(role="auditor", exp=int(time.time()) + 2)
    asked = {"query": FOLLOW, "variables": {"after": 118}}
    async with (
        httpx.AsyncClient(base_url=url, timeout=20, headers=EVENTS | bearer(token)) as client,
        client.stream("POST", "/graphql", json=asked) as response,
    ):
        names = [event.name async for event in events_of(response)]
    assert names == ["next"]


@pytest.mark.parametrize("role", ["nobody", "reader"])
async def test_stream_of_what_one_may_not_have(role: str, url: str, keys: Keys):
    headers = {} if role == "nobody" else bearer(keys.key(role))
    async with httpx.AsyncClient(base_url=url, headers=headers | EVENTS) as client:
        response = await client.post("/graphql", json={"query": FOLLOW})
    assert response.status_code == (401 if role == "nobody" else 403)
    assert json.loads(response.content)["errors"]


async def test_shared_stream_is_there_for_nobody_else(url: str, keys: Keys):
    """Whoever learns its token learns nothing: it is as one that there is not."""
    end = datetime.now(UTC) + timedelta(hours=1)
    owner, other = bearer(keys.key("auditor", "ann", end)), bearer(keys.key("auditor", "bob"))
    renewed = bearer(keys.key("auditor", "ann"))
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        stream = (await client.put("/graphql", headers=owner)).text
        named = {"x-graphql-event-stream-token": stream}
        asked = {"query": FOLLOW, "extensions": {"operationId": "1"}}
        for headers in (other, renewed):
            started = await client.post("/graphql", json=asked, headers=headers | named)
            assert started.status_code == (404 if headers is other else 202)
        missing = await client.get(
            "/graphql", headers=other | EVENTS | {"x-graphql-event-stream-token": "x"}
        )
        hidden = await client.get("/graphql", headers=other | EVENTS | named)
        assert (missing.status_code, missing.content) == (404, hidden.content)
        async with client.stream("GET", "/graphql", headers=owner | EVENTS | named) as response:
            (first,) = await taken(events_of(response), 1)
            assert first.data["payload"]["data"]["log"]["position"] == 1
