"""Is an answer read again only if it may be another one, and does a client that has got it know so?"""

from typing import Any

import pytest

from api.reading import Reading
from tests.served import Api, served

ACTORS = "query ($first: Int) { actors(first: $first) { totalCount nodes { name } } }"
AS_OF = "query ($p: Position!) { actors(asOf: {position: $p}) { totalCount } }"
REGISTER = """mutation ($slug: String!) {
  registerActors(input: {actors: [{slug: $slug, kind: STATE, name: $slug}]}) { ... on Recorded { last } }
}"""
ACTORS_IN_ARTICLE = 25
GRAPHQL = "application/graphql-response+json"


async def got(api: Api, query: str = ACTORS, tag: str = "", **more: Any) -> Any:
    """The answer to a GET of a client that has got what has a tag."""
    headers = {"if-none-match": tag, **more.pop("headers", {})} if tag else more.pop("headers", {})
    return await api.client.get("/graphql", params={"query": query, **more}, headers=headers)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that are read."""
    reads: list[str] = []
    answer = Reading.answer

    async def noted(self: Reading, source: str, *more: Any) -> Any:
        reads.append(source)
        return await answer(self, source, *more)

    monkeypatch.setattr(Reading, "answer", noted)
    return reads


async def test_who_has_got_the_answer_is_told_so_without_reading(api: Api, reads: list[str]):
    tag = (await got(api)).headers["etag"]
    reads.clear()
    for known in (tag, f'W/{tag}, "x"', f'"y", {tag}', "*"):
        again = await got(api, tag=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert reads == []


async def test_tag_is_exact(api: Api):
    tag = (await got(api)).headers["etag"]
    assert (await got(api)).headers["etag"] == tag
    for other in (
        await got(api, tag=tag, variables='{"first": 1}'),
        await got(api, ACTORS.replace("name", "slug"), tag=tag),
        await got(api, tag=tag, extensions='{"cost": true}'),
        await got(api, tag=tag, headers={"accept": GRAPHQL}),
    ):
        assert other.status_code == 200
        assert other.json()["data"]["actors"]["totalCount"] == ACTORS_IN_ARTICLE
        assert other.headers["etag"] != tag
    await api.ask(REGISTER, slug="atlantis")
    changed = await got(api, tag=tag)
    assert changed.status_code == 200
    assert changed.json()["data"]["actors"]["totalCount"] == ACTORS_IN_ARTICLE + 1
    assert changed.headers["etag"] != tag


async def test_present_is_asked_for_again_and_past_never(api: Api):
    head = await api.head()
    assert (await got(api)).headers["cache-control"] == "no-cache"
    past = await got(api, AS_OF, variables=f'{{"p": {head}}}')
    assert past.headers["cache-control"] == "max-age=31536000, immutable"
    future = await got(api, AS_OF, variables=f'{{"p": {head + 1}}}')
    assert future.headers["cache-control"] == "no-cache"
    partly = await got(
        api, "{ a: actors(asOf: {position: 3}) { totalCount } actors { totalCount } }"
    )
    assert partly.headers["cache-control"] == "no-cache"


async def test_past_is_read_once_for_ever(api: Api, reads: list[str]):
    first = await api.ask(AS_OF, p=60)
    await api.ask(REGISTER, slug="atlantis")
    reads.clear()
    response = await api.post(AS_OF, p=60)
    assert response.json() == {"data": first, "extensions": {"position": await api.head()}}
    assert reads == []


async def test_head_has_the_tag_of_get(api: Api):
    tag = (await got(api)).headers["etag"]
    head = await api.client.head("/graphql", params={"query": ACTORS})
    assert head.headers["etag"] == tag
    asked: dict[str, Any] = {"params": {"query": ACTORS}, "headers": {"if-none-match": tag}}
    assert (await api.client.head("/graphql", **asked)).status_code == 304


@pytest.mark.parametrize(
    "query",
    ["{ nobody }", '{ __type(name: "Actor") { name } }', "{ actors(first: 1000) { totalCount } }"],
)
async def test_no_tag_for_what_does_not_follow_from_a_position(query: str, api: Api):
    assert "etag" not in (await got(api, query)).headers


async def test_post_has_no_tag(api: Api):
    response = await api.client.post(
        "/graphql", json={"query": ACTORS}, headers={"if-none-match": "*"}
    )
    assert response.status_code == 200
    assert "etag" not in response.headers


async def test_position_that_was_asked_for_is_not_passed_over(api: Api):
    at_least = "query ($p: Position!) @atLeast(position: $p) { actors { totalCount } }"
    head = await api.head()
    tag = (await got(api, at_least, variables=f'{{"p": {head}}}')).headers["etag"]
    assert (await got(api, at_least, tag, variables=f'{{"p": {head}}}')).status_code == 304
    await api.ask(REGISTER, slug="atlantis")
    later = await got(api, at_least, tag, variables=f'{{"p": {head + 1}}}')
    assert later.json()["data"]["actors"]["totalCount"] == ACTORS_IN_ARTICLE + 1


async def test_same_question_is_read_once_until_something_is_recorded(api: Api, reads: list[str]):
    answers = [await api.ask(ACTORS, first=2) for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert reads == [ACTORS]
    await api.ask(REGISTER, slug="atlantis")
    assert (await api.ask(ACTORS, first=2))["actors"]["totalCount"] == ACTORS_IN_ARTICLE + 1
    assert reads.count(ACTORS) == 2


async def test_what_another_process_recorded_is_seen_at_once(tmp_path: Any):
    path = tmp_path / "communique.db"
    async with served(path) as one, served(path) as other:
        assert (await one.ask(ACTORS))["actors"]["totalCount"] == 0
        recorded = (await other.ask(REGISTER, slug="atlantis"))["registerActors"]
        seen = await one.post(ACTORS)
        assert seen.json()["extensions"]["position"] == recorded["last"]
        assert seen.json()["data"]["actors"]["totalCount"] == 1


async def test_nothing_is_kept_where_that_is_switched_off(tmp_path: Any, reads: list[str]):
    async with served(tmp_path / "communique.db", result_cache=0) as api:
        for _ in range(2):
            await api.ask(ACTORS)
    assert reads == [ACTORS, ACTORS]
