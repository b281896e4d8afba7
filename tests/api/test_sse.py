"""Are operations followed by server-sent events: one to a stream, or many on one, and from where a client stopped?"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands import EVENTS, SLUG, Server, serving
from tests.live import FOLLOW, Event, events_of, positions, streaming, taken
from tests.served import with_article

LAVROV = '{ actor(slug: "lavrov") { name } }'
ANSWER = {"actor": {"name": "Sergey Lavrov"}}
RETRACT = f'mutation {{ retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x"}}) {{ __typename }} }}'
TOKEN = "x-graphql-event-stream-token"
STREAM = {"accept": "text/event-stream"}
FETCH = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
"""What urql's fetch exchange accepts, for queries, too."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("events") / "communique.db"
    path.write_bytes(with_article())
    limits = {
        "COMMUNIQUE_INIT_TIMEOUT": "1",
        "COMMUNIQUE_KEEP_ALIVE": "0.3",
        "COMMUNIQUE_OPERATIONS_PER_CONNECTION": "3",
    }
    with serving(path, "serve", **limits) as server:
        yield server
        assert server.stop(15) == (0, "")


@pytest.fixture
def url(server: Server) -> str:
    return str(server.client.base_url)


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=20, verify=False) as client:
        yield client


def asking(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


async def test_log_from_a_position(url: str):
    async with streaming(url, json=asking(FOLLOW, after=100)) as events:
        assert positions(await taken(events, EVENTS - 100)) == list(range(101, EVENTS + 1))


@pytest.mark.parametrize("last", [0, 57, EVENTS - 1])
async def test_reconnecting_goes_on_after_the_last_event(last: int, url: str):
    """Whatever the operation says about where to begin, by a variable or by itself."""
    for asked in (asking(FOLLOW, after=3), asking(FOLLOW.replace("$after)", "$after)"), after=119)):
        headers = {"last-event-id": str(last)}
        async with streaming(url, json=asked, headers=headers) as events:
            assert positions(await taken(events, 1)) == [last + 1]
    literal = "subscription { log(after: 5) { position } }"
    async with streaming(url, json=asking(literal), headers={"last-event-id": "60"}) as events:
        assert positions(await taken(events, 1)) == [61]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", "9" * 400])
async def test_last_event_that_is_no_position(last: str, client: httpx.AsyncClient):
    headers = [(b"accept", b"text/event-stream"), (b"last-event-id", last.encode())]
    response = await client.post("/graphql", json=asking(FOLLOW), headers=headers)
    assert response.status_code == 400
    assert "Last-Event-ID" in response.json()["errors"][0]["message"]


async def test_get_as_browsers_do(url: str):
    params = {"query": FOLLOW, "variables": json.dumps({"after": 117})}
    async with streaming(url, "GET", params=params) as events:
        assert positions(await taken(events, 2)) == [118, 119]


async def test_query_whose_client_takes_nothing_else(url: str):
    async with streaming(url, json=asking(LAVROV)) as events:
        (result, complete) = [each async for each in events]
    assert result.data["data"] == ANSWER
    assert result.id == str(result.data["extensions"]["position"])
    assert complete == Event("complete", None)


@pytest.mark.parametrize(
    "query",
    ["{", "{ nobody }", "subscription { nobody }", "subscription { log(after: -1) { id } }"],
)
async def test_what_is_not_valid_is_told_in_the_stream(query: str, url: str):
    async with streaming(url, json=asking(query)) as events:
        (result, complete) = [each async for each in events]
    assert result.data["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL"
    assert complete.name == "complete"


async def test_text_of_many_lines_stays_on_one(server: Server, url: str):
    query = f'{{ article(slug: "{SLUG}") {{ text }} }}'
    async with streaming(url, json=asking(query)) as events:
        (result, _) = [each async for each in events]
    assert result.data == server.client.post("/graphql", json=asking(query)).json()
    assert "\n" in result.data["data"]["article"]["text"]


async def test_wrong_variable_is_told_in_the_stream(url: str):
    async with streaming(url, json=asking(FOLLOW, after=-1)) as events:
        (result, _) = [each async for each in events]
    assert result.data["errors"][0]["extensions"]["code"] == "INVALID_GRAPHQL"


async def test_mutation_by_get(client: httpx.AsyncClient):
    response = await client.get("/graphql", params={"query": RETRACT}, headers=STREAM)
    assert response.status_code == 405


async def test_signs_of_life(client: httpx.AsyncClient):
    asked = asking(FOLLOW, after=10**6)
    async with client.stream("POST", "/graphql", json=asked, headers=STREAM) as response:
        async with asyncio.timeout(10):
            lines = response.aiter_lines()
            assert [await anext(lines) for _ in range(6)] == [":", ""] * 3


ACCEPTS: dict[str, tuple[str | None, str, str]] = {
    "nothing said": (None, "application/json", "error"),
    "anything": ("*/*", "application/json", "error"),
    "urql": (FETCH, "application/graphql-response+json", "stream"),
    "apollo": (
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json",
        "application/json",
        "error",
    ),
    "JSON": ("application/json", "application/json", "error"),
    "both": ("text/event-stream, application/json;q=0.5", "application/json", "stream"),
    "both in capitals": ("Text/Event-Stream , Application/JSON", "application/json", "stream"),
    "anything, events by name": ("text/event-stream, */*;q=0.1", "application/json", "stream"),
    "only events": ("text/event-stream", "text/event-stream", "stream"),
    "only events with a parameter": (
        "text/event-stream;charset=utf-8;q=0.9",
        "text/event-stream",
        "stream",
    ),
    "events, and JSON not": (
        "text/event-stream, application/json;q=0, */*",
        "text/event-stream",
        "stream",
    ),
    "events not": ("text/event-stream;q=0, application/json", "application/json", "error"),
    "events not, by anything": ("*/*, text/event-stream;q=0", "application/json", "error"),
    "nonsense": (";;,=,q=x", "application/json", "error"),
}


@pytest.mark.parametrize("name", ACCEPTS)
async def test_form_that_a_client_accepts(name: str, client: httpx.AsyncClient):
    accept, query_gets, subscription_gets = ACCEPTS[name]
    del client.headers["accept"]
    headers = {"accept": accept} if accept is not None else {}
    response = await client.post("/graphql", json=asking(LAVROV), headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{query_gets}; charset=utf-8"
    asked = asking(FOLLOW)
    async with client.stream("POST", "/graphql", json=asked, headers=headers) as response:
        streams = response.headers["content-type"].startswith("text/event-stream")
        assert streams == (subscription_gets == "stream")
        if not streams:
            assert response.status_code == 400
            message = json.loads(await response.aread())["errors"][0]["message"]
            assert "graphql-transport-ws" in message
            assert "text/event-stream" in message


async def reserved(client: httpx.AsyncClient) -> dict[str, str]:
    """The header that names a new reservation."""
    response = await client.put("/graphql")
    assert response.status_code == 201
    assert response.headers["content-type"].startswith("text/plain")
    return {TOKEN: response.text}


async def started(
    client: httpx.AsyncClient, token: dict[str, str], id_: str, query: str, **variables: Any
) -> httpx.Response:
    asked = asking(query, **variables) | {"extensions": {"operationId": id_}}
    return await client.post("/graphql", json=asked, headers=token)


async def test_many_operations_share_a_stream(client: httpx.AsyncClient):
    token = await reserved(client)
    async with client.stream("GET", "/graphql", headers=STREAM | token) as response:
        events = events_of(response)
        for id_, after in (("a", 117), ("b", 118)):
            assert (await started(client, token, id_, FOLLOW, after=after)).status_code == 202
        assert (await started(client, token, "c", LAVROV)).status_code == 202
        found: dict[str, list[Any]] = {"a": [], "b": [], "c": []}
        for event in await taken(events, 5):
            found[event.data["id"]].append(event.data.get("payload", event.name))
            assert event.name == "complete" or event.id is not None
    assert [each["data"]["log"]["position"] for each in found["a"]] == [118, 119]
    assert [each["data"]["log"]["position"] for each in found["b"]] == [119]
    assert found["c"][0]["data"] == ANSWER
    assert found["c"][1] == "complete"


async def test_token_may_stand_in_the_address(client: httpx.AsyncClient):
    token = (await reserved(client))[TOKEN]
    params = {"token": token}
    async with client.stream("GET", "/graphql", params=params, headers=STREAM) as response:
        extensions = json.dumps({"operationId": "a"})
        query = {"query": LAVROV, "extensions": extensions, "token": token}
        assert (await client.get("/graphql", params=query)).status_code == 202
        (event,) = await taken(events_of(response), 1)
    assert event.data["payload"]["data"] == ANSWER


async def test_operation_may_start_before_the_stream_is_opened(client: httpx.AsyncClient):
    token = await reserved(client)
    assert (await started(client, token, "a", FOLLOW, after=0)).status_code == 202
    async with client.stream("GET", "/graphql", headers=STREAM | token) as response:
        events = await taken(events_of(response), EVENTS)
    assert [int(each.id or 0) for each in events] == list(range(1, EVENTS + 1))


async def test_operation_on_a_shared_stream_goes_on_where_it_was(client: httpx.AsyncClient):
    token = await reserved(client)
    async with client.stream("GET", "/graphql", headers=STREAM | token) as response:
        await started(client, token | {"last-event-id": "60"}, "a", FOLLOW, after=0)
        (event,) = await taken(events_of(response), 1)
    assert event.id == "61"


async def test_operation_is_stopped(client: httpx.AsyncClient):
    token = await reserved(client)
    async with client.stream("GET", "/graphql", headers=STREAM | token) as response:
        events = events_of(response)
        await started(client, token, "a", FOLLOW, after=EVENTS - 1)
        await taken(events, 1)
        for _ in range(2):
            stopped = await client.delete("/graphql", params={"operationId": "a"}, headers=token)
            assert stopped.status_code == 200
        assert (await started(client, token, "a", LAVROV)).status_code == 202
        (event,) = await taken(events, 1)
        assert event.data["payload"]["data"] == ANSWER


async def test_what_is_refused_on_a_shared_stream(client: httpx.AsyncClient):
    token = await reserved(client)
    async with client.stream("GET", "/graphql", headers=STREAM | token) as response:
        await started(client, token, "a", FOLLOW, after=10**6)
        again = await client.get("/graphql", headers=STREAM | token)
        assert again.status_code == 409
        assert (await started(client, token, "a", LAVROV)).status_code == 409
        assert (await started(client, token, "", LAVROV)).status_code == 400
        for query in ("{", "{ nobody }"):
            assert (await started(client, token, "b", query)).status_code == 400
        assert (await client.delete("/graphql", headers=token)).status_code == 400
        for id_ in ("c", "d"):
            assert (await started(client, token, id_, FOLLOW, after=10**6)).status_code == 202
        refused = await started(client, token, "e", LAVROV)
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
        await started(client, token | {"last-event-id": "0"}, "f", LAVROV)
        assert response.status_code == 200


async def test_token_that_names_nothing(client: httpx.AsyncClient):
    token = {TOKEN: "x"}
    assert (await client.get("/graphql", headers=STREAM | token)).status_code == 404
    assert (await started(client, token, "a", LAVROV)).status_code == 404
    params = {"operationId": "a"}
    assert (await client.delete("/graphql", params=params, headers=token)).status_code == 404


async def test_reservation_ends(client: httpx.AsyncClient):
    """With its stream, or after a while if it is not opened."""
    unused, token = await reserved(client), await reserved(client)
    async with client.stream("GET", "/graphql", headers=STREAM | token):
        await asyncio.sleep(1.2)
        assert (await started(client, unused, "a", LAVROV)).status_code == 404
        assert (await started(client, token, "a", LAVROV)).status_code == 202
    async with asyncio.timeout(5):
        while (await started(client, token, "a", LAVROV)).status_code != 404:
            pass


async def test_streams_of_an_address_are_limited(tmp_path: Path):
    with serving(tmp_path / "a.db", "serve", COMMUNIQUE_CONNECTIONS_PER_ADDRESS="2") as server:
        url = server.client.base_url
        asked = asking(FOLLOW)
        async with httpx.AsyncClient(base_url=url, verify=False) as client:
            await reserved(client)
            async with streaming(url, json=asked):
                refused = await client.post("/graphql", json=asked, headers=STREAM)
                assert refused.status_code == 429
                assert (await client.put("/graphql")).status_code == 429
                assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_CONNECTIONS"
                assert (await client.post("/graphql", json=asking(LAVROV))).status_code == 200


async def test_stop_ends_streams_without_complete(tmp_path: Path):
    with serving(tmp_path / "a.db", "serve") as server:
        async with streaming(server.client.base_url, json=asking(FOLLOW)) as events:
            stopped = asyncio.create_task(asyncio.to_thread(server.stop, 15))
            assert [each async for each in events] == []
            assert await stopped == (0, "")
