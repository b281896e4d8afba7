"""May pages of other sites ask?  Those of the list may, and are told all they need; no other one, in no way that a browser has."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.served import served

DESK = "https://desk.example.org"
ASKED = {"query": "{ status { head } }"}
EVIL = "https://evil.example"

FOREIGN = {
    "another origin": {"origin": EVIL},
    "no origin": {"origin": "null"},
    "another port": {"origin": "http://here:8001"},
    "a name that begins alike": {"origin": f"{DESK}.evil.example"},
    "an image": {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"},
    "a sibling's script": {"sec-fetch-site": "same-site", "sec-fetch-dest": "script"},
    "a link": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
}
OWN = {
    "a program": {},
    "its own page": {"origin": "http://here", "sec-fetch-site": "same-origin"},
    "the address bar": {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
    "a page of the list": {"origin": DESK, "sec-fetch-site": "cross-site"},
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(tmp_path / "x.db", allowed_origins=DESK) as api:
        yield api.client


async def test_foreign_page_is_refused(client: httpx.AsyncClient):
    for why, headers in FOREIGN.items():
        got = await client.get("/graphql", params=ASKED, headers=headers)
        posted = await client.post("/graphql", json=ASKED, headers=headers)
        reserved = await client.put("/graphql", headers=headers)
        for refused in (got, posted, reserved):
            assert refused.status_code == 403, why
            assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            assert "access-control-allow-origin" not in refused.headers


async def test_own_page_is_answered(client: httpx.AsyncClient):
    for why, headers in OWN.items():
        got = await client.get("/graphql", params=ASKED, headers=headers)
        assert got.json()["data"], why
        assert "access-control-allow-credentials" not in got.headers


async def test_page_of_the_list_may_read_the_answer(client: httpx.AsyncClient):
    got = await client.get("/graphql", params=ASKED, headers={"origin": DESK})
    refused = await client.post("/graphql", json=5, headers={"origin": DESK})
    assert (got.status_code, refused.status_code) == (200, 400)
    for answer in (got, refused):
        assert answer.headers["access-control-allow-origin"] == DESK
        assert "Origin" in answer.headers["vary"]
        assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("origin", "headers", "status"),
    [
        (DESK, "authorization, content-type", 200),
        (DESK, "x-graphql-event-stream-token, last-event-id", 200),
        (DESK, "x-something-else", 400),
        (EVIL, "content-type", 400),
    ],
)
async def test_preflight(origin: str, headers: str, status: int, client: httpx.AsyncClient):
    for method in ("POST", "GET", "PUT", "DELETE"):
        asked = {
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": headers,
        }
        answer = await client.options("/graphql", headers=asked)
        assert answer.status_code == status
        allowed = DESK if origin == DESK else None
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert "*" not in answer.headers.values()


async def test_nobody_is_told_anything_where_there_is_no_list(tmp_path: Path):
    asked = {"origin": DESK, "access-control-request-method": "POST"}
    async with served(tmp_path / "x.db") as api:
        answer = await api.client.options("/graphql", headers=asked)
    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]
