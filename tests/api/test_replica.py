"""Are queries read from a replica, and does it hold for them what is said of positions?"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from projections.reading import replica_reader
from tests import postgres
from tests.faults.proxy import Valve, through
from tests.live import Talk, talking
from tests.logs import append, postgres_log
from tests.postgres import empty_log
from tests.replicas import Replica, replica
from tests.served import listening

if postgres.GIVEN:
    pytest.skip("no replica can be made of a server that was given", allow_module_level=True)

ACTORS = "{ actors { totalCount } }"
AT_LEAST = "query ($p: Position!) @atLeast(position: $p) { actors { totalCount } }"
BY_THE_EXECUTOR = (
    'query @atLeast(position: 1) { status { position } __type(name: "Actor") { name } }'
)
REGISTER = """mutation ($slug: String!) {
  registerActors(input: {actors: [{slug: $slug, kind: STATE, name: $slug}]}) {
    ... on Recorded { last actors { slug } }
  }
}"""


@pytest.fixture(scope="module")
def standby() -> Iterator[Replica]:
    with replica() as made:
        yield made


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_reader, "PAUSE", 0.3)


@pytest.fixture
async def url() -> str:
    """The URL of a log with one actor."""
    url = await empty_log()
    async with postgres_log(url) as log:
        await append(log, "actor/a", "a")
    return url


@asynccontextmanager
async def served(url: str, replica_url: str, **more: Any) -> AsyncIterator[Talk]:
    async with (
        listening(url, replica_url=replica_url, position_timeout=1.0, **more) as (_, address),
        talking(address) as talk,
    ):
        await asked(talk, BY_THE_EXECUTOR)
        yield talk


async def asked(talk: Talk, query: str = ACTORS, **variables: Any) -> tuple[int, Any]:
    """Position and data of an answer."""
    answer = await talk.result("q", query, **variables)
    assert "errors" not in answer, answer
    return answer["extensions"]["position"], answer["data"]


@pytest.fixture
async def talk(standby: Replica, url: str) -> AsyncIterator[Talk]:
    """A client of an API whose replica stands still at position 1; the primary is at 2."""
    async with served(url, standby.url_of(url)) as talk:
        await standby.caught_up()
        assert (await asked(talk))[0] == 1
        await standby.pause()
        try:
            position, data = await asked(talk, REGISTER, slug="b")
            assert (position, data["registerActors"]["last"]) == (2, 2)
            yield talk
        finally:
            await standby.go_on()


async def test_queries_say_what_the_replica_reflects(talk: Talk) -> None:
    assert await asked(talk) == (1, {"actors": {"totalCount": 1}})


async def test_mutations_and_what_the_executor_does_are_of_the_primary(talk: Talk) -> None:
    position, data = await asked(talk, REGISTER, slug="c")
    assert (position, data["registerActors"]["actors"]) == (3, [{"slug": "c"}])
    position, data = await asked(talk, BY_THE_EXECUTOR)
    assert (position, data["status"]) == (3, {"position": 3})
    assert (await asked(talk))[0] == 1


async def test_a_position_is_waited_for(talk: Talk, standby: Replica) -> None:
    start = monotonic()
    answer = await talk.result("q", AT_LEAST, p=2)
    (error,) = answer if isinstance(answer, list) else answer["errors"]
    assert 1.0 <= monotonic() - start < 10
    assert error["extensions"] == {"code": "POSITION_NOT_REACHED"}
    assert "reflect position 1, and did not reach 2 within 1 s" in error["message"]

    waiting = asyncio.ensure_future(asked(talk, AT_LEAST, p=2))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await standby.go_on()
    assert await waiting == (2, {"actors": {"totalCount": 2}})


async def test_subscriptions_are_of_the_primary(talk: Talk) -> None:
    """Also behind a cursor that the replica has not reached."""
    await talk.follow(after=1)
    assert await talk.positions(1) == [2]
    await talk.say("complete", id="1")


async def test_lost_and_found_again(
    standby: Replica, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(url, standby.url_of(url), result_cache=0) as talk:
        await standby.caught_up()
        await asked(talk)
        await asyncio.to_thread(standby.stop)
        try:
            assert (await asked(talk, REGISTER, slug="b"))[0] == 2
            assert await asked(talk) == (2, {"actors": {"totalCount": 2}})
            assert await asked(talk, AT_LEAST, p=2) == (2, {"actors": {"totalCount": 2}})
        finally:
            await asyncio.to_thread(standby.start)
        await standby.caught_up()
        await asyncio.sleep(0.4)
        assert (await asked(talk))[0] == 2
        assert "read from the replica again" in caplog.text
        await standby.pause()
        try:
            assert (await asked(talk, REGISTER, slug="c"))[0] == 3
            assert (await asked(talk))[0] == 2
        finally:
            await standby.go_on()
    assert caplog.text.count("read from the primary, not from the replica: PostgreSQL at") == 1


async def test_a_replica_that_hangs(
    standby: Replica, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        through(Valve, standby.url_of(url), tmp_path) as (through_it, valve),
        served(url, through_it, result_cache=0) as talk,
    ):
        await standby.caught_up()
        await asked(talk)
        valve.open.clear()
        assert (await asked(talk, REGISTER, slug="b"))[0] == 2
        start = monotonic()
        assert await asked(talk) == (2, {"actors": {"totalCount": 2}})
        assert monotonic() - start < 10
        assert "read from the primary" in caplog.text
        for _ in range(3):
            assert await asked(talk) == (2, {"actors": {"totalCount": 2}})
            await asyncio.sleep(0.4)
        valve.open.set()


async def test_another_log_is_no_replica(url: str, caplog: pytest.LogCaptureFixture) -> None:
    other = await empty_log()
    async with postgres_log(other) as log:
        await append(log, "actor/z", "z", "y")
    async with served(url, other) as talk:
        assert await asked(talk, AT_LEAST, p=1) == (1, {"actors": {"totalCount": 1}})
    assert "has another log than PostgreSQL at" in caplog.text


async def test_a_replica_that_is_not_there_yet(url: str, caplog: pytest.LogCaptureFixture) -> None:
    there_is_none = "postgresql://me:secret@127.0.0.1:1/news"
    async with served(url, there_is_none) as talk:
        assert await asked(talk, AT_LEAST, p=1) == (1, {"actors": {"totalCount": 1}})
    assert "PostgreSQL at 127.0.0.1:1/news cannot be reached" in caplog.text
    assert "secret" not in caplog.text
