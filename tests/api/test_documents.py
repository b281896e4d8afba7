"""Can a request name its document: one of a manifest or one that was sent before, over every transport; and nothing else, if so set?"""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Misconfigured
from tests.live import Event, streaming, talking
from tests.logs import append
from tests.served import Api, listening, served, served_article

LAVROV = 'query Lavrov { actor(slug: "lavrov") { name } }'
ANSWER = {"actor": {"name": "Sergey Lavrov"}}
TWO = "query Head { status { head } } query Name($slug: String!) { actor(slug: $slug) { name } }"
FOLLOW = "subscription Follow($after: Position) { log(after: $after) { position } }"
RETRACT = (
    'mutation Retract { retract(input: {article: "x", report: "y", reason: "z"}) { __typename } }'
)
MANIFEST = {"lavrov": LAVROV, "two": TWO, "follow": FOLLOW, "retract": RETRACT}
BROWSER = "text/html,*/*;q=0.8"
GRAPHQL = "application/graphql-response+json"
NOT_FOUND = {
    "message": "PersistedQueryNotFound",
    "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
}
NOT_SUPPORTED = {
    "message": "PersistedQueryNotSupported",
    "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"},
}


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def persisted(hash_: str) -> dict[str, Any]:
    """How Apollo's clients name a document."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}}


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    path = tmp_path / "persisted.json"
    hashed = {f"sha256:{hash_of(LAVROV)}": LAVROV, hash_of(TWO): TWO}
    path.write_text(json.dumps(MANIFEST | hashed), "utf-8")
    return str(path)


@pytest.fixture
async def trusting(tmp_path: Path, manifest: str) -> AsyncIterator[Api]:
    """The API with a manifest; free documents are answered, too."""
    async with served_article(tmp_path / "communique.db", documents=manifest) as api:
        yield api


@pytest.fixture
async def automatic(tmp_path: Path) -> AsyncIterator[Api]:
    """The API with automatic persisted queries."""
    async with served_article(tmp_path / "communique.db", apq_bytes=100_000) as api:
        yield api


async def post(api: Api, **parameters: Any) -> Any:
    return (await api.client.post("/graphql", json=parameters)).json()


async def get(api: Api, **parameters: Any) -> Any:
    encoded = {k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()}
    return (await api.client.get("/graphql", params=encoded)).json()


async def test_document_of_a_manifest(trusting: Api):
    for ask in (post, get):
        for id_ in ("lavrov", f"sha256:{hash_of(LAVROV)}", hash_of(LAVROV)):
            for named in ({"documentId": id_}, persisted(id_)):
                assert (await ask(trusting, **named))["data"] == ANSWER
                assert (await ask(trusting, query="", **named))["data"] == ANSWER
        named = {"documentId": "two", "operationName": "Name", "variables": {"slug": "lavrov"}}
        assert (await ask(trusting, **named))["data"] == ANSWER
        assert (await ask(trusting, documentId="unknown"))["errors"] == [NOT_FOUND]
    assert (await post(trusting, query=LAVROV, documentId=None))["data"] == ANSWER


async def test_status_is_that_of_a_document_that_is_not_run(trusting: Api):
    for accept, status in (("application/json", 200), (GRAPHQL, 400)):
        headers = {"accept": accept}
        unknown = await trusting.client.get("/graphql?documentId=unknown", headers=headers)
        assert (unknown.status_code, unknown.json()["errors"]) == (status, [NOT_FOUND])
        assert unknown.headers["cache-control"] == "no-store"


async def test_mutation_of_a_manifest_is_only_posted(trusting: Api):
    refused = await trusting.client.get("/graphql?documentId=retract")
    assert refused.status_code == 405
    assert (await post(trusting, documentId="retract"))["data"] == {
        "retract": {"__typename": "UnknownArticle"}
    }


UNLIKE_APOLLO = '`extensions.persistedQuery` must be {"version": 1, "sha256Hash": "…"}'
NOT_PERSISTED: list[Any] = [
    *(5, [], {}, {"version": 1}, {"version": 2, "sha256Hash": "x"}),
    *({"version": 1, "sha256Hash": 5}, {"version": 1, "sha256Hash": ""}),
]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, "`query` must be a GraphQL document, or `documentId` the id of one"),
        ({"documentId": ""}, "`query` must be a GraphQL document, or `documentId` the id of one"),
        ({"documentId": "lavrov", "query": LAVROV}, "give either `documentId` or `query`"),
        ({"documentId": 5}, "`documentId` must be the id of a document"),
        ({"documentId": ["lavrov"]}, "`documentId` must be the id of a document"),
        ({"documentId": False}, "`documentId` must be the id of a document"),
        (persisted(hash_of(TWO)) | {"query": LAVROV}, "is not the SHA-256 of `query`"),
        (persisted("lavrov") | {"query": LAVROV}, "is not the SHA-256 of `query`"),
        *(({"extensions": {"persistedQuery": each}}, UNLIKE_APOLLO) for each in NOT_PERSISTED),
    ],
)
async def test_document_that_is_named_wrongly(parameters: dict[str, Any], told: str, trusting: Api):
    response = await trusting.client.post("/graphql", json=parameters)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert told in error["message"]


async def test_nothing_can_be_named_where_nothing_is_known(api: Api):
    for named in (persisted(hash_of(LAVROV)), {"documentId": "lavrov"}):
        assert (await post(api, **named))["errors"] == [NOT_SUPPORTED]
    assert (await post(api, query=LAVROV, **persisted(hash_of(LAVROV))))["data"] == ANSWER
    assert (await post(api, **persisted(hash_of(LAVROV))))["errors"] == [NOT_SUPPORTED]


async def test_automatic_persisted_query(automatic: Api):
    named = persisted(hash_of(LAVROV))
    assert (await get(automatic, **named))["errors"] == [NOT_FOUND]
    assert (await post(automatic, query=LAVROV, **named))["data"] == ANSWER
    assert (await get(automatic, **named))["data"] == ANSWER
    prefixed = f"sha256:{hash_of(TWO)}"
    head = {"operationName": "Head"}
    assert "errors" not in await post(automatic, query=TWO, **head, **persisted(prefixed))
    for named in ({"documentId": prefixed}, persisted(prefixed), persisted(hash_of(TWO))):
        assert "errors" not in await get(automatic, **named, **head)


async def test_only_documents_that_may_be_run_are_kept(automatic: Api):
    for wrong in ("{ nobody }", "{ actor(", "{ a " * 60 + "}" * 60):
        sent = await post(automatic, query=wrong, **persisted(hash_of(wrong)))
        assert sent["errors"][0]["extensions"]["code"] in {"INVALID_GRAPHQL", "TOO_DEEP"}
        assert (await post(automatic, **persisted(hash_of(wrong))))["errors"] == [NOT_FOUND]
    await post(automatic, query=LAVROV, **persisted(hash_of(TWO)))
    assert (await post(automatic, **persisted(hash_of(TWO))))["errors"] == [NOT_FOUND]


ANSWERED: list[tuple[dict[str, Any], Any]] = [
    (persisted(hash_of(LAVROV)) | {"query": ""}, {"actor": None}),
    ({"documentId": "two", "operationName": "Head"}, {"status": {"head": 1}}),
    ({"documentId": "follow"}, {"log": {"position": 1}}),
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"documentId": "unknown"}, "PERSISTED_QUERY_NOT_FOUND"),
    (persisted(hash_of(FOLLOW)), "PERSISTED_QUERY_NOT_FOUND"),
    ({"documentId": 5}, "BAD_REQUEST"),
]


async def test_over_connections_that_stay_open(tmp_path: Path, manifest: str):
    """By id or by hash, over a WebSocket and over event streams of both kinds."""
    settings = {"documents": manifest, "apq_bytes": 10_000}
    async with listening(tmp_path / "new.db", **settings) as (system, url):
        await append(system.log, "actor/a1", "one")
        await system.views.catch_up()
        async with talking(url) as talk:
            for number, (payload, data) in enumerate(ANSWERED):
                await talk.say("subscribe", id=str(number), payload=payload)
                assert (await talk.hear())["payload"]["data"] == data
                if "log" not in data:
                    assert await talk.hear() == {"type": "complete", "id": str(number)}
            for payload, code in REFUSED:
                await talk.say("subscribe", id="refused", payload=payload)
                told = await talk.hear()
                assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
        for parameters, data in ANSWERED:
            async with streaming(url, json=parameters) as events:
                assert (await anext(events)).data["data"] == data
        async with streaming(url, "GET", params={"documentId": "unknown"}) as events:
            assert [each async for each in events] == [
                Event("next", {"errors": [NOT_FOUND]}),
                Event("complete", None),
            ]
        await shares(url)


async def shares(url: str) -> None:
    """Operations on a stream that they share."""
    async with httpx.AsyncClient(base_url=url) as client:
        token = {"X-GraphQL-Event-Stream-Token": (await client.put("/graphql")).text}
        asked = {"documentId": "two", "operationName": "Head", "extensions": {"operationId": "1"}}
        async with streaming(url, "GET", headers=token) as events:
            started = await client.post("/graphql", json=asked, headers=token)
            assert started.status_code == 202
            result = await anext(events)
            assert result.data["id"] == "1"
            assert result.data["payload"]["data"] == {"status": {"head": 1}}
            unknown = asked | {"documentId": "unknown"}
            refused = await client.post("/graphql", json=unknown, headers=token)
            assert (refused.status_code, refused.json()["errors"]) == (400, [NOT_FOUND])


async def test_trusted_documents_only(tmp_path: Path, manifest: str):
    path = tmp_path / "communique.db"
    async with served_article(path, documents=manifest, trusted_only=True) as api:
        assert (await post(api, documentId="lavrov"))["data"] == ANSWER
        assert (await get(api, **persisted(hash_of(LAVROV))))["data"] == ANSWER
        for free in (LAVROV, "{ __schema { queryType { name } } }", "{ nobody }", "{"):
            for more in ({}, persisted(hash_of(free))):
                (error,) = (await post(api, query=free, **more))["errors"]
                assert error["extensions"] == {"code": "PERSISTED_QUERY_ID_REQUIRED"}
                assert "documentId" in error["message"]
        for page in ("/", "/static/graphiql/start.js"):
            assert (await api.client.get(page)).status_code == 404
        answer = await api.client.get(
            "/graphql", params={"documentId": "lavrov"}, headers={"accept": BROWSER}
        )
        assert answer.json()["data"] == ANSWER


async def test_no_start_with_a_manifest_of_another_schema(tmp_path: Path):
    path = tmp_path / "old.json"
    path.write_text('{"old": "{ nobody }"}', "utf-8")
    with pytest.raises(Misconfigured, match=r"old.json, 'old': Cannot query field 'nobody'"):
        async with served(tmp_path / "communique.db", documents=str(path)):
            pass
