"""Is GraphQL served over HTTP as its specification says, beyond what the audit in tests/clients checks?"""

from pathlib import Path
from typing import Any

import pytest

from api.live.accepting import Accepted
from tests.served import Api, served

LAVROV = '{ actor(slug: "lavrov") { name } }'
FOLLOW = "subscription { log { position } }"
GRAPHQL = "application/graphql-response+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"application/json, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.5, application/json", "application/json"),
        (f"{GRAPHQL};q=0, application/json", "application/json"),
        (f"{GRAPHQL};q=0.1, application/json;q=0", GRAPHQL),
        (f"{GRAPHQL};charset=utf-8", GRAPHQL),
        (f"{GRAPHQL};charset=utf-16, application/json", "application/json"),
        ("application/json;q=0, */*", None),
        ("text/event-stream; Q=0.000", None),
        ("text/*", None),
        ("text/html", None),
        ("image/*, text/plain", None),
    ],
)
def test_json_that_is_preferred(header: str, answer: str | None):
    assert Accepted(header).json == answer


@pytest.mark.parametrize("query", [LAVROV, "{ nobody }"])
async def test_head_is_get_without_a_body(query: str, api: Api):
    asked: dict[str, Any] = {"params": {"query": query}, "headers": {"accept": GRAPHQL}}
    got = await api.client.get("/graphql", **asked)
    head = await api.client.head("/graphql", **asked)
    assert head.content == b""
    assert (head.status_code, head.headers) == (got.status_code, got.headers)


async def test_head_opens_no_stream(api: Api):
    for accept in ("text/event-stream", f"{GRAPHQL}, text/event-stream"):
        head = await api.client.head(
            "/graphql", params={"query": FOLLOW}, headers={"accept": accept}
        )
        assert head.status_code == 200
        assert head.headers["content-type"].startswith("text/event-stream")
        assert head.content == b""


async def test_empty_parameters_are_none(api: Api):
    empty = {"variables": "", "extensions": "", "operationName": ""}
    response = await api.client.get("/graphql", params={"query": LAVROV, **empty})
    assert response.json()["data"] == {"actor": {"name": "Sergey Lavrov"}}


async def test_no_mutation_by_get_on_a_shared_stream(api: Api):
    token = {"X-GraphQL-Event-Stream-Token": (await api.client.put("/graphql")).text}
    mutation = (
        'mutation { retract(input: {article: "x", report: "y", reason: "z"}) { __typename } }'
    )
    asked = {"query": mutation, "extensions": '{"operationId": "1"}'}
    for method in ("GET", "HEAD"):
        response = await api.client.request(method, "/graphql", params=asked, headers=token)
        assert response.status_code == 405


async def test_options_names_the_methods(api: Api):
    response = await api.client.options("/graphql")
    assert response.status_code == 204
    assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON ; charset=UTF-8",
        'application/json; charset="utf8"; x=y',
    ],
)
async def test_forms_of_the_same_content_type(content_type: str, api: Api):
    response = await api.client.post(
        "/graphql", json={"query": LAVROV}, headers={"content-type": content_type}
    )
    assert response.json()["data"] == {"actor": {"name": "Sergey Lavrov"}}


async def test_browser_gets_a_page_and_a_program_an_answer(api: Api):
    for accept, content_type in [
        (BROWSER, "text/html"),
        ("text/html, application/json", "application/json"),
        ("text/html;q=0, */*", "application/json"),
    ]:
        response = await api.client.get(
            "/graphql", params={"query": LAVROV}, headers={"accept": accept}
        )
        assert response.headers["content-type"] == f"{content_type}; charset=utf-8"
        assert response.headers["vary"].startswith("Accept")


async def test_no_graphiql_where_it_is_switched_off(tmp_path: Path):
    asked: dict[str, Any] = {
        "params": {"query": "{ status { head } }"},
        "headers": {"accept": BROWSER},
    }
    async with served(tmp_path / "communique.db", graphiql=False) as api:
        answer = await api.client.get("/graphql", **asked)
        assert answer.json()["data"] == {"status": {"head": 0}}
        assert (await api.client.get("/static/graphiql/start.js")).status_code == 404
        assert (await api.client.get("/")).status_code == 200
