"""Is somebody held up who asks too often, and nobody else?"""

from pathlib import Path

import httpx
from httpx import ASGITransport

from tests.keys import Keys, bearer
from tests.live import talking
from tests.served import Api, listening, served

ASKED = {"query": "{ status { head } }"}


async def ask(api: Api, address: str, token: str | None = None) -> httpx.Response:
    transport = ASGITransport(api.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.post("/graphql", json=ASKED, headers=bearer(token) if token else {})


async def test_address_that_asks_too_often(tmp_path: Path):
    async with served(tmp_path / "x.db", requests_per_minute=2) as api:
        for _ in range(2):
            assert (await ask(api, "192.0.2.1")).status_code == 200
        refused = await ask(api, "192.0.2.1")
        other = await ask(api, "192.0.2.2")
    assert (refused.status_code, other.status_code) == (429, 200)
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_network_of_a_client_is_one_address(tmp_path: Path):
    async with served(tmp_path / "x.db", requests_per_minute=1) as api:
        statuses = [
            (await ask(api, address)).status_code
            for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "::ffff:192.0.2.1")
        ]
    assert statuses == [200, 429, 200, 200]


async def test_subject_is_one_wherever_it_asks_from(tmp_path: Path):
    keys = Keys(tmp_path)
    first, second = keys.key("reader", "ann"), keys.key("reader", "ann")
    other = keys.key("reader", "bob")
    async with served(tmp_path / "x.db", requests_per_minute=1, **keys.settings) as api:
        assert (await ask(api, "192.0.2.1", first)).status_code == 200
        assert (await ask(api, "192.0.2.2", second)).status_code == 429
        assert (await ask(api, "192.0.2.1", other)).status_code == 200
        assert (await ask(api, "192.0.2.1")).status_code == 200


async def test_who_guesses_tokens_is_held_up(tmp_path: Path):
    async with served(tmp_path / "x.db", requests_per_minute=2) as api:
        statuses = [(await ask(api, "192.0.2.1", f"cmq_{n}")).status_code for n in range(4)]
    assert statuses == [401, 401, 429, 429]


async def test_operations_over_a_socket_count(tmp_path: Path):
    async with (
        listening(tmp_path / "x.db", requests_per_minute=2) as (_, url),
        talking(url) as talk,
    ):
        for number in range(2):
            assert "data" in await talk.result(f"{number}", ASKED["query"])
        (refused,) = await talk.result("3", ASKED["query"])
        assert refused["extensions"]["code"] == "TOO_MANY_REQUESTS"
