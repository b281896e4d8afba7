"""Does what `@defer` and `@stream` put off come later, of the same state, and only to those who can read an answer in parts?"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api import later
from api.access.callers import ANONYMOUS, READING, Caller
from api.app import operations_of
from api.engines import reader_of
from api.live.accepting import NEWER, OLDER
from api.operations import Operations
from api.requests import Asked, BadRequest
from api.settings import Settings
from projections.reading.reader import Reader, TooSlow
from tests.commands import EVENTS, SLUG, Server, serving
from tests.live import streaming, talking
from tests.parts import Payload, merged, merged_by_path
from tests.served import Api, with_article

ACTOR = """query ($later: Boolean = true) {
  actor(slug: "lavrov") { name ... @defer(if: $later, label: "more") { relations { totalCount nodes @stream { predicate } } } }
}"""
AT_ONCE = {"actor": {"name": "Sergey Lavrov", "relations": {"totalCount": 2, "nodes": [{"predicate": "HOLDS_OFFICE"}, {"predicate": "MET_WITH"}]}}}  # fmt: skip
GRAPHQL = "application/graphql-response+json"
RETRACT = f"""mutation {{ retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x"}}) {{
  ... on Recorded @defer {{ last }} }} }}"""

VIEWS = f"""{{
  status {{ head }}
  ... @defer {{ article(slug: "{SLUG}") {{ version }} actor(slug: "haftar") {{ relations {{ pageInfo {{ endCursor }} nodes {{ holds count because {{ effect }} }} }} }} }}
  ... @defer {{ timeline(filter: {{article: "{SLUG}"}}) {{ totalCount edges {{ cursor node {{ ref retraction {{ reason }} }} }} }} }}
  ... @defer {{ log(last: 1) {{ totalCount nodes {{ position kind }} }} diff(from: 60) {{ totalCount nodes {{ change after {{ id }} }} }} }}
  ... @defer {{ to: diff(from: 60, to: 500) {{ totalCount }} search(text: "arms") {{ totalCount nodes {{ id }} }} }}
  ... @defer {{ node(id: "Relation:supports.russia.haftar") {{ ... on Relation {{ history {{ position until }} }} }} }}
}}"""


def asked(query: str, **variables: Any) -> Asked:
    return Asked(query, None, variables)


@pytest.fixture
async def reader(api: Api) -> Reader:
    return reader_of(api.system.file, 20)


@pytest.fixture
def operations(api: Api, reader: Reader) -> Operations:
    return operations_of(api.system.log, api.system.views, reader, Settings())


async def told(operations: Operations, query: str, **variables: Any) -> AsyncGenerator[Payload]:
    async with aclosing(operations.answers(asked(query, **variables), ANONYMOUS)) as answers:
        async for answer in answers:
            yield orjson.loads(answer.body)


async def data_of(operations: Operations, query: str) -> Any:
    answer = await operations.answer(operations.call(asked(query), ANONYMOUS))
    return orjson.loads(answer.body)["data"]


async def test_all_parts_are_of_one_state(api: Api, operations: Operations):
    """Much happens between the first part and the second, and nothing of it is told."""
    before = await data_of(operations, VIEWS)
    parts = told(operations, VIEWS)
    first = await anext(parts)
    assert first["extensions"] == {"position": EVENTS}
    assert first["data"] == {"status": {"head": EVENTS}}
    assert (await api.ask(RETRACT))["retract"]["last"] > EVENTS
    data, errors = merged([first] + [each async for each in parts])
    assert errors == []
    assert data == before
    assert await data_of(operations, VIEWS) != data


async def test_each_part_is_a_statement_of_its_own(operations: Operations, reader: Reader):
    """However many objects of a list it belongs to; and none is run before it is its turn."""
    query = """{ actors(first: 5) { nodes { name ... @defer { kind } ... @defer { aliases { name } } } } }"""
    seen = [reader.statements async for _ in told(operations, query)]
    assert (seen[0], seen[-1]) == (1, 3)


async def test_nothing_is_read_for_who_has_gone(operations: Operations, reader: Reader):
    parts = told(operations, VIEWS)
    await anext(parts)
    await parts.aclose()
    await asyncio.sleep(0.1)
    assert reader.statements == 1


async def test_a_part_that_cannot_be_read_leaves_the_others(operations: Operations):
    query = """query ($c: String) { status { head } ... @defer(label: "bad") { actors(after: $c) { totalCount } }
      ... @defer { actor(slug: "lavrov") { name } } }"""
    data, (error,) = merged([each async for each in told(operations, query, c="x")])
    assert data == {"status": {"head": EVENTS}, "actor": {"name": "Sergey Lavrov"}}
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_a_first_part_that_cannot_be_read(operations: Operations):
    query = "query ($c: String) { actors(after: $c) { totalCount } ... @defer { status { head } } }"
    (only,) = [each async for each in told(operations, query, c="x")]
    assert only["data"] is None
    assert only["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_parts_together_have_a_time(
    operations: Operations, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(later, "PATIENCE", 0.0)
    data, errors = merged([each async for each in told(operations, VIEWS)])
    assert list(data) == ["status", "article", "actor"]
    assert {each["extensions"]["code"] for each in errors} == {TooSlow.code}
    assert reader.statements == 2


async def test_no_part_has_what_a_caller_may_not_see(operations: Operations):
    caller = Caller("reader", None, None, READING)
    query = '{ status { head } ... @defer { node(id: "LogEntry:7") { id } } }'
    answers = [each async for each in operations.answers(asked(query), caller)]
    data, errors = merged(orjson.loads(each.body) for each in answers)
    assert (data, errors) == ({"status": {"head": EVENTS}, "node": None}, [])
    with pytest.raises(BadRequest, match="log"):
        operations.answers(asked("{ ... @defer { log { totalCount } } }"), caller)


async def test_a_mutation_is_answered_at_once(api: Api):
    assert (await api.ask(RETRACT))["retract"]["last"] > EVENTS


# From a server that runs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("parts") / "communique.db"
    path.write_bytes(with_article())
    with serving(path, "serve") as server:
        yield server


def post(server: Server, query: str, accept: str, **variables: Any) -> httpx.Response:
    asking = {"query": query, "variables": variables}
    return server.client.post("/graphql", json=asking, headers={"accept": accept})


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("multipart/mixed;deferSpec=20220824,application/json;q=0.9", OLDER),
        (f"multipart/mixed;incrementalSpec=v0.2,{GRAPHQL},application/json;q=0.9", NEWER),
        (f"{GRAPHQL}, application/json, text/event-stream, multipart/mixed", OLDER),
        ("multipart/mixed", OLDER),
        ('Multipart/Mixed; IncrementalSpec="v0.2"', NEWER),
        ("multipart/mixed;deferSpec=1, multipart/mixed;incrementalSpec=v0.2", NEWER),
    ],
)
def test_form_that_is_accepted(accept: str, form: str, server: Server):
    response = post(server, ACTOR, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f'multipart/mixed; boundary="-"; {form}'
    assert response.headers["cache-control"] == "no-cache, no-transform"
    parts = parts_of(response.content)
    assert parts[0]["data"] == {"actor": {"name": "Sergey Lavrov"}}
    assert parts[0]["extensions"] == {"position": EVENTS}
    whole = merged_by_path if form == OLDER else merged
    assert whole(parts) == (AT_ONCE, [])


def parts_of(body: bytes) -> list[Payload]:
    """The parts of a multipart response."""
    empty, *parts, end = body.split(b"\r\n---")
    assert (empty, end) == (b"", b"--\r\n")
    heads, bodies = zip(*(part.split(b"\r\n\r\n") for part in parts), strict=True)
    assert set(heads) == {b"\r\nContent-Type: application/json; charset=utf-8"}
    return list(map(orjson.loads, bodies))


@pytest.mark.parametrize(
    "accept",
    [
        *("*/*", GRAPHQL, "application/json, multipart/mixed;q=0"),
        "application/json, multipart/mixed;deferSpec=20991231",
        "application/json, multipart/mixed;boundary=graphql;subscriptionSpec=1.0",
    ],
)
def test_who_does_not_accept_parts_is_told_what_would_do(accept: str, server: Server):
    response = post(server, ACTOR, accept)
    assert response.status_code == 406
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INCREMENTAL_NOT_ACCEPTED"
    assert "multipart/mixed;incrementalSpec=v0.2" in error["message"]


@pytest.mark.parametrize("accept", ["*/*", "application/json, multipart/mixed"])
def test_what_is_put_off_on_a_condition(accept: str, server: Server):
    query = ACTOR.replace("@stream", "@stream(if: $later)")
    response = post(server, query, accept, later=False)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json() == {"data": AT_ONCE, "extensions": {"position": EVENTS}}


def test_who_accepts_only_parts_gets_any_answer_as_one(server: Server):
    (only,) = parts_of(post(server, "{ status { head } }", "multipart/mixed").content)
    assert only["data"] == {"status": {"head": EVENTS}}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_by_get(method: str, server: Server):
    asking: Any = {"params": {"query": ACTOR}, "headers": {"accept": "multipart/mixed"}}
    response = server.client.request(method, "/graphql", timeout=4, **asking)
    assert response.headers["content-type"] == f'multipart/mixed; boundary="-"; {OLDER}'
    assert bool(response.content) == (method == "GET")


@pytest.mark.parametrize(
    "query",
    [
        "subscription { ... @defer { log { position } } }",
        "subscription { log { ... @defer { position } } }",
        "mutation { ... @defer { __typename } }",
        "{ actor @stream { name } }",
        '{ ... @defer(label: "a") { a: __typename } ... @defer(label: "a") { b: __typename } }',
        "{ actors { nodes @stream(initialCount: -1) { name } } }",
    ],
)
def test_what_is_not_valid(query: str, server: Server):
    response = post(server, query, f"{GRAPHQL}, multipart/mixed")
    if response.headers["content-type"].startswith("multipart"):
        (answer,) = parts_of(response.content)
    else:
        assert response.status_code == 400
        answer = response.json()
    assert {each["extensions"]["code"] for each in answer["errors"]} == {"INVALID_GRAPHQL"}


async def test_over_events(server: Server):
    asking = {"query": ACTOR, "variables": {}}
    async with streaming(server.client.base_url, json=asking) as events:
        *told, end = [each async for each in events]
    assert {each.name for each in told} == {"next"}
    assert end.name == "complete"
    assert merged(each.data for each in told) == (AT_ONCE, [])


async def test_over_a_websocket(server: Server):
    async with talking(server.client.base_url) as talk:
        await talk.subscribe("1", ACTOR)
        payloads = []
        while (message := await talk.hear())["type"] == "next":
            payloads.append(message["payload"])
    assert message == {"id": "1", "type": "complete"}
    assert merged(payloads) == (AT_ONCE, [])
