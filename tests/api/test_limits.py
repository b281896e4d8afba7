"""Are limits seen to before anything else, on every way in, and is the cost told to those who ask?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.commands import EVENTS, SLUG
from tests.served import Api, served_article

COSTS = {"extensions": {"cost": True}}
PAGE = "query ($n: Int) { actors(first: $n) { nodes { name } } }"
RETRACT = f'mutation {{ retract(input: {{article: "{SLUG}", report: "nothing", reason: "x"}}) {{ __typename }} }}'


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Api]:
    """The API with low limits, and closed about its schema."""
    limits = {"max_depth": 10, "max_variables_depth": 2, "max_cost": 50, "introspection": False}
    async with served_article(tmp_path / "small.db", **limits) as api:
        yield api


async def told(api: Api, query: str, **more: Any) -> Any:
    return (await api.client.post("/graphql", json={"query": query, **more})).json()


async def test_cost_is_told_where_it_is_asked_for(api: Api):
    answer = await told(api, PAGE, variables={"n": 3}, **COSTS)
    cost = {"estimated": 4, "limit": 100_000}
    assert answer["extensions"] == {"position": EVENTS, "cost": cost}
    silent = await told(api, PAGE, variables={"n": 3})
    assert silent["extensions"] == {"position": EVENTS}
    executed = await told(api, "{ __schema { queryType { name } } status { head } }", **COSTS)
    assert executed["extensions"]["cost"]["estimated"] == 3
    done = await told(api, RETRACT, **COSTS)
    assert done["extensions"]["cost"]["estimated"] == 1


async def test_cost_is_told_by_events_as_well(api: Api):
    asked = {"query": PAGE, "variables": {"n": 3}, **COSTS}
    response = await api.client.post(
        "/graphql", json=asked, headers={"accept": "text/event-stream"}
    )
    assert '"cost":{"estimated":4,"limit":100000}' in response.text


async def test_too_costly(small: Api):
    answer = await told(small, PAGE, variables={"n": 49})
    assert len(answer["data"]["actors"]["nodes"]) > 10
    answer = await told(small, PAGE, variables={"n": 50})
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "TOO_COSTLY", "limit": 50}
    assert "51 objects" in error["message"]


async def test_refusal_says_where(small: Api):
    nested = "{ a " * 11 + "}" * 11
    (error,) = (await told(small, "\n" + nested))["errors"]
    assert error["extensions"] == {"code": "TOO_DEEP", "limit": 10}
    assert error["locations"] == [{"line": 2, "column": 41}]


async def test_status_is_400_where_the_media_type_allows(small: Api):
    headers = {"accept": "application/graphql-response+json"}
    for query, variables in [
        (PAGE, {"n": 50}),
        ("{ a " * 11 + "}" * 11, {}),
        (PAGE, {"n": [[[]]]}),
    ]:
        content = {"query": query, "variables": variables}
        response = await small.client.post("/graphql", json=content, headers=headers)
        assert response.status_code == 400


async def test_variables_too_deep(small: Api):
    assert await small.code(PAGE, n={"a": [1]}) == "INVALID_GRAPHQL"
    assert await small.code(PAGE, n={"a": [[]]}) == "VARIABLES_TOO_DEEP"
    assert await small.code(RETRACT, n={"a": [{}]}) == "VARIABLES_TOO_DEEP"


@pytest.mark.parametrize("query", [
    "{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }',
    "{ s: __schema { types { name } } status { head } }",
    "{ ...A } fragment A on Query { ... { __schema { types { name } } } }",
    "mutation { __schema { types { name } } }",
])  # fmt: skip
async def test_schema_is_not_shown(query: str, small: Api, api: Api):
    assert await small.code(query) == "INTROSPECTION_OFF"
    assert (await told(api, query)).get("data") or query.startswith("mutation")


SUGGESTING: list[tuple[str, dict[str, Any]]] = [
    ('{ actor(slg: "x") { name } }', {}),
    ("{ actorz { name } }", {}),
    ("{ actors(filter: {kind: PERSO}) { totalCount } }", {}),
    ("{ actors(filter: {knd: PERSON}) { totalCount } }", {}),
    ("query ($f: ActorFilte) { actors(filter: $f) { totalCount } }", {}),
    ("query ($f: ActorFilter) { actors(filter: $f) { totalCount } }", {"f": {"kind": "PERSO"}}),
    ("query ($f: ActorFilter) { actors(filter: $f) { totalCount } }", {"f": {"knd": "PERSON"}}),
    ("mutation ($i: RetractInput!) { retract(input: $i) { __typename } }", {"i": {"artcle": "x"}}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "variables"), SUGGESTING)
async def test_names_are_suggested_only_where_the_schema_is_shown(
    query: str, variables: dict[str, Any], small: Api, api: Api
):
    suggested, silent = [
        orjson.dumps(await told(each, query, variables=variables)).decode() for each in (api, small)
    ]
    assert "Did you mean" in suggested
    assert "INVALID_GRAPHQL" in silent
    assert "Did you mean" not in silent
    assert "__typename" in (await small.post("{ __typename }")).text
