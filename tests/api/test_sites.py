"""May pages of other sites ask?  Those of the list may, and are told all they need; no other one, in no way that a browser has."""

from pathlib import Path

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


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_foreign_page_is_refused(headers: dict[str, str], tmp_path: Path):
    async with served(tmp_path / "x.db", allowed_origins=DESK) as api:
        got = await api.client.get("/graphql", params=ASKED, headers=headers)
        posted = await api.client.post("/graphql", json=ASKED, headers=headers)
        reserved = await api.client.put("/graphql", headers=headers)
    for refused in (got, posted, reserved):
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
async def test_own_page_is_answered(headers: dict[str, str], tmp_path: Path):
    async with served(tmp_path / "x.db", allowed_origins=DESK) as api:
        got = await api.client.get("/graphql", params=ASKED, headers=headers)
    assert got.json()["data"]
    allowed = DESK if headers.get("origin") == DESK else None
    assert got.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in got.headers
    if allowed:
        assert "Origin" in got.headers["vary"]
        assert "ETag" in got.headers["access-control-expose-headers"]


async def test_page_of_the_list_reads_refusals(tmp_path: Path):
    async with served(tmp_path / "x.db", allowed_origins=DESK) as api:
        refused = await api.client.post("/graphql", json=5, headers={"origin": DESK})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (400, DESK)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("origin", "headers", "status"),
    [
        (DESK, "authorization, content-type", 200),
        (DESK, "x-graphql-event-stream-token, last-event-id", 200),
        (DESK, "x-something-else", 400),
        (EVIL, "content-type", 400),
    ],
)
async def test_preflight(method: str, origin: str, headers: str, status: int, tmp_path: Path):
    asked = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
    }
    async with served(tmp_path / "x.db", allowed_origins=DESK) as api:
        answer = await api.client.options("/graphql", headers=asked)
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (DESK if origin == DESK else None)
    assert "*" not in answer.headers.values()


async def test_nobody_is_told_anything_where_there_is_no_list(tmp_path: Path):
    asked = {"origin": DESK, "access-control-request-method": "POST"}
    async with served(tmp_path / "x.db") as api:
        answer = await api.client.options("/graphql", headers=asked)
    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]
