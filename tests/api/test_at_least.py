"""Does an answer reflect at least the position that the operation names?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from tests.api.conftest import Ask
from tests.commands import EVENTS, SLUG
from tests.live import talking
from tests.served import Api, listening, with_article

QUERY = "query ($p: Position!) @atLeast(position: $p) { status { position } }"
RECORD = f"""mutation {{ record(input: {{article: "{SLUG}", reports: [
  {{sessionOpened: {{body: "ldf", evidence: [{{exact: "online session"}}]}}}}]}}) {{ ... on Recorded {{ last }} }} }}"""


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[str]:
    path = tmp_path / "communique.db"
    path.write_bytes(await asyncio.to_thread(with_article))
    async with listening(path, position_timeout=0.2) as (_, url):
        yield url


async def test_position_that_is_reached(ask: Ask):
    assert await ask(QUERY, p=EVENTS) == {"status": {"position": EVENTS}}


async def test_position_to_come_is_waited_for(api: Api):
    waiting = asyncio.ensure_future(api.ask(QUERY, p=EVENTS + 1))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    assert await api.ask(RECORD) == {"record": {"last": EVENTS + 1}}
    assert await waiting == {"status": {"position": EVENTS + 1}}


async def test_position_that_does_not_come(impatient: str):
    async with talking(impatient) as talk:
        start = monotonic()
        (error,) = await talk.result("1", QUERY, p=EVENTS + 1)
        assert 0.2 <= monotonic() - start < 10
        assert error["extensions"] == {"code": "POSITION_NOT_REACHED"}
        assert f"did not reach {EVENTS + 1} within 0.2 s" in error["message"]
        assert (await talk.result("2", "{ status { head } }"))["data"] == {
            "status": {"head": EVENTS}
        }


async def test_it_holds_for_what_the_executor_answers(ask: Ask, api: Api):
    """Such as introspection beside reading."""
    query = f'query @atLeast(position: {EVENTS}) {{ status {{ position }} __type(name: "Actor") {{ name }} }}'
    assert (await ask(query))["status"] == {"position": EVENTS}


@pytest.mark.parametrize(
    "query",
    [
        "query @atLeast { status { head } }",
        'query @atLeast(position: "1") { status { head } }',
        "query @atLeast(position: -1) { status { head } }",
        "query @atLeast(position: 1) @atLeast(position: 2) { status { head } }",
        "{ status @atLeast(position: 1) { head } }",
        "mutation @atLeast(position: 1) { retract { __typename } }",
    ],
)
async def test_where_and_how_it_may_stand(query: str, api: Api):
    assert await api.code(query) == "INVALID_GRAPHQL"
