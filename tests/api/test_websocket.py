"""Is graphql-transport-ws spoken to the letter: every message, every code, and each operation for itself?"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.commands import EVENTS, SLUG, Server, serving
from tests.live import FOLLOW, LEGACY, PROTOCOL, Talk, opened, talking
from tests.served import with_article

pytestmark = pytest.mark.fault

LAVROV = '{ actor(slug: "lavrov") { name } }'
RETRACT = f"""mutation ($key: String) {{ retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", key: $key}}) {{
  __typename ... on Problem {{ code }} ... on Recorded {{ last }} }} }}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("socket") / "communique.db"
    path.write_bytes(with_article())
    limits = {
        "COMMUNIQUE_INIT_TIMEOUT": "1",
        "COMMUNIQUE_OPERATIONS_PER_CONNECTION": "3",
        "COMMUNIQUE_ALLOWED_ORIGINS": "https://desk.example.org, http://localhost:3000",
    }
    with serving(path, "serve", **limits) as server:
        yield server
        if server.process.poll() is None:
            assert server.stop(15) == (0, "")


@pytest.fixture
def url(server: Server) -> str:
    return str(server.client.base_url)


async def close_of(talk: Talk) -> tuple[int, str]:
    """The code and reason with which the server closes, whatever it says before."""
    with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it closes when it likes
        async with asyncio.timeout(20):
            while True:
                await talk.socket.recv()
    assert closed.value.rcvd is not None, "closed without a code"
    return closed.value.rcvd.code, closed.value.rcvd.reason


def subscribe(**more: Any) -> str:
    return json.dumps({"type": "subscribe", "id": "2", "payload": {"query": LAVROV}} | more)


MALFORMED: dict[str, tuple[str | bytes, int]] = {
    "nothing": ("", 4400),
    "no JSON": ("{", 4400),
    "a list": ("[]", 4400),
    "a number": ("5", 4400),
    "a string": ('"x"', 4400),
    "null": ("null", 4400),
    "NaN": ("NaN", 4400),
    "no type": ("{}", 4400),
    "type is a number": ('{"type": 5}', 4400),
    "type is an object": ('{"type": {}}', 4400),
    "type that nobody knows": ('{"type": "start"}', 4400),
    "type for the server": ('{"type": "connection_ack"}', 4400),
    "next for the server": ('{"type": "next", "id": "1", "payload": {}}', 4400),
    "id is an object": (subscribe(id={}), 4400),
    "id is a number": (subscribe(id=1), 4400),
    "id is empty": (subscribe(id=""), 4400),
    "id is long": (subscribe(id="é" * 201), 4400),
    "no id": ('{"type": "subscribe", "payload": {"query": "{x}"}}', 4400),
    "complete without id": ('{"type": "complete"}', 4400),
    "payload is null": (subscribe(payload=None), 4400),
    "payload is a list": (subscribe(payload=[]), 4400),
    "no query": (subscribe(payload={}), 4400),
    "query is a number": (subscribe(payload={"query": 5}), 4400),
    "payload of ping is a number": ('{"type": "ping", "payload": 5}', 4400),
    "100,000 deep": ("[" * 100_000 + "]" * 100_000, 4400),
    "payload 100,000 deep": (
        '{"type": "ping", "payload": ' + '{"a":' * 100_000 + "1" + "}" * 100_001,
        4400,
    ),
    "binary": (b"\x00\x01", 4400),
    "binary JSON": (b'{"type": "ping"}', 4400),
    "lone surrogate": (r'{"type": "ping", "payload": {"a": "\ud800"}}', 4400),
    "second init": ('{"type": "connection_init"}', 4429),
    "id in use": (subscribe(id="1"), 4409),
    "17 MB": ("x" * 17_000_000, 1009),
    "17 MB binary": (b"x" * 17_000_000, 1009),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_message_that_is_none(name: str, url: str):
    frame, code = MALFORMED[name]
    async with talking(url) as talk, talking(url) as other:
        await talk.follow(EVENTS)
        with suppress(ConnectionClosed):  # before all of it was sent
            await talk.socket.send(frame)
        closed, reason = await close_of(talk)
        assert closed == code
        assert reason
        assert len(reason.encode()) <= 123
        assert (await other.result("1", LAVROV))["data"]["actor"]


FRAMES = {
    "not masked": (b"\x81\x02{}", 1002),
    "reserved bits": (b"\xf1\x82\0\0\0\0{}", 1002),
    "unknown kind": (b"\x83\x82\0\0\0\0{}", 1002),
    "continues nothing": (b"\x80\x82\0\0\0\0{}", 1002),
    "says that it is large": (b"\x81\xff\0\0\0\1\0\0\0\0\0\0\0\0", 1009),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_frame_that_is_none(name: str, url: str):
    frame, code = FRAMES[name]
    async with talking(url) as talk:
        talk.socket.transport.write(frame + b"more of it" * 100_000)
        assert (await close_of(talk))[0] == code


async def test_invalid_utf8(url: str):
    async with talking(url) as talk:
        await talk.socket.send(b'{"type": "\xff"}', text=True)
        assert (await close_of(talk))[0] == 1007


async def test_fragments_that_are_too_large_together(url: str):
    async with talking(url) as talk:
        with suppress(ConnectionClosed):
            await talk.socket.send("x" * 1_000_000 for _ in range(17))
        assert (await close_of(talk))[0] == 1009


@pytest.mark.parametrize("protocols", [[LEGACY], ["chat"], None])
async def test_other_protocols_are_not_spoken(protocols: Any, url: str):
    async with opened(url, subprotocols=protocols) as talk:
        assert talk.socket.subprotocol is None
        assert (await close_of(talk))[0] == 4406


async def test_protocol_is_chosen_among_others(url: str):
    async with opened(url, subprotocols=[LEGACY, PROTOCOL]) as talk:
        assert talk.socket.subprotocol == PROTOCOL


async def test_subscribe_before_init(url: str):
    async with opened(url) as talk:
        await talk.subscribe("1", LAVROV)
        assert await close_of(talk) == (4401, "Unauthorized")


@pytest.mark.parametrize("pings", [0, 3])
async def test_no_init_in_time(pings: int, url: str):
    """A ping is answered before, and gives no more time."""
    async with opened(url) as talk:
        for _ in range(pings):
            await talk.say("ping")
            assert await talk.hear() == {"type": "pong"}
        async with asyncio.timeout(5):
            assert (await close_of(talk))[0] == 4408


@pytest.mark.parametrize("payload", [{}, {"client": "x"}, None])
async def test_init_may_carry_something(payload: Any, url: str):
    async with opened(url) as talk:
        await talk.say("connection_init", payload=payload)
        assert await talk.hear() == {"type": "connection_ack"}


async def test_ping_gets_its_payload_back(url: str):
    async with talking(url) as talk:
        await talk.say("ping", payload={"n": 1})
        assert await talk.hear() == {"type": "pong", "payload": {"n": 1}}
        await talk.say("pong")
        await talk.say("pong", payload={"unasked": True})
        assert (await talk.result("1", LAVROV))["data"]["actor"]


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "syntax error": ("{", {}, "INVALID_GRAPHQL"),
    "blank": (" ", {}, "BAD_REQUEST"),
    "unknown field": ("{ nobody }", {}, "INVALID_GRAPHQL"),
    "unknown field of a subscription": ("subscription { nobody }", {}, "INVALID_GRAPHQL"),
    "unknown variable": ("{ actor(slug: $s) { name } }", {}, "INVALID_GRAPHQL"),
    "missing variable": ("query ($s: String!) { actor(slug: $s) { name } }", {}, "INVALID_GRAPHQL"),
    "wrong variable": (FOLLOW, {"after": -1}, "INVALID_GRAPHQL"),
    "wrong argument": ("subscription { log(after: -1) { position } }", {}, "INVALID_GRAPHQL"),
    "refused argument": ("{ actors(first: 1000) { totalCount } }", {}, "BAD_PAGE"),
    "refused cursor": ('{ actors(after: "x") { totalCount } }', {}, "BAD_CURSOR"),
    "two fields": ("subscription { log { id } other: log { id } }", {}, "INVALID_GRAPHQL"),
    "two operations": ("query A { status { head } } query B { status { head } }", {}, "INVALID_GRAPHQL"),
    "nested deep": ("{" * 5_000, {}, "TOO_DEEP"),
    "too many tokens": ("{ a " + "b " * 20_000 + "}", {}, "TOO_MANY_TOKENS"),
    "too costly": ("{ actors(first: 200) { nodes { timeline(first: 200) { nodes { because { rule } } } } } }", {}, "TOO_COSTLY"),
    "variables too deep": (LAVROV, {"a": json.loads("[" * 31 + "]" * 31)}, "VARIABLES_TOO_DEEP"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_bad_operation_is_no_business_of_the_others(name: str, url: str):
    query, variables, code = BAD[name]
    async with talking(url) as talk:
        await talk.subscribe("good", FOLLOW, after=EVENTS - 1)
        assert (await talk.hear())["id"] == "good"
        await talk.subscribe("bad", query, **variables)
        message = await talk.hear()
        assert (message["type"], message["id"]) == ("error", "bad")
        (error, *_) = message["payload"]
        assert error["extensions"]["code"] == code
        assert 0 < len(error["message"]) < 500
        assert (await talk.result("bad", LAVROV))["data"]["actor"]  # its id is free again
        await talk.say("complete", id="good")
        assert (await talk.result("good", LAVROV))["data"]["actor"]


async def test_query_is_answered_as_over_http(server: Server, url: str):
    async with talking(url) as talk:
        for query in (LAVROV, "{ __schema { queryType { name } } }", "{ status { head } }"):
            over_http = server.client.post("/graphql", json={"query": query}).json()
            assert await talk.result("1", query) == over_http


async def test_cost_of_each_result(url: str):
    async with talking(url) as talk:
        payload = {
            "query": FOLLOW,
            "variables": {"after": EVENTS - 1},
            "extensions": {"cost": True},
        }
        await talk.say("subscribe", id="1", payload=payload)
        extensions = (await talk.hear())["payload"]["extensions"]
        assert extensions["cost"] == {"estimated": 1, "limit": 100_000}
        assert extensions["position"] == EVENTS


async def test_mutation_is_answered_as_over_http(server: Server, url: str):
    token = {"authorization": server.client.headers["authorization"]}
    async with talking(url, additional_headers=token) as talk:
        done = await talk.result("1", RETRACT, key="once")
        again = await talk.result("1", RETRACT, key="once")
        other = await talk.result("1", RETRACT, key="twice")
    position = done["data"]["retract"]["last"]
    assert done["extensions"]["position"] >= position
    assert again["data"]["retract"]["last"] == position
    assert other["data"]["retract"]["code"] == "ALREADY_RETRACTED"


async def test_operations_that_run_together_are_limited(url: str):
    async with talking(url) as talk:
        for number in range(3):
            await talk.subscribe(f"{number}", FOLLOW, after=10**9)
        refused = await talk.result("3", LAVROV)
        assert refused[0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
        await talk.say("complete", id="1")
        assert (await talk.result("3", LAVROV))["data"]["actor"]


async def test_complete_of_what_is_not_running(url: str):
    async with talking(url) as talk:
        await talk.say("complete", id="nobody")
        assert (await talk.result("1", LAVROV))["data"]["actor"]


async def test_nothing_follows_after_complete(url: str):
    async with talking(url) as talk:
        await talk.follow()
        await talk.position()
        await talk.say("complete", id="1")
        await talk.say("ping", payload={"end": True})
        while (message := await talk.hear())["type"] != "pong":
            assert message["type"] == "next"
        await talk.say("ping")
        assert (await talk.hear())["type"] == "pong"


ORIGINS = {
    "its own": ("http://{host}", True),
    "its own in capitals": ("HTTP://{host}", False),
    "an allowed one": ("https://desk.example.org", True),
    "another allowed one": ("http://localhost:3000", True),
    "an allowed one by another scheme": ("http://desk.example.org", False),
    "another port": ("http://127.0.0.1:1", False),
    "another host": ("http://evil.example.org", False),
    "one that begins alike": ("http://{host}.evil.example.org", False),
    "none that it says": ("null", False),
    "nonsense": ("://", False),
    "empty": ("", False),
}


@pytest.mark.parametrize("name", ORIGINS)
async def test_pages_that_may_connect(name: str, server: Server, url: str):
    form, allowed = ORIGINS[name]
    origin = form.format(host=server.client.base_url.netloc.decode())
    if allowed:
        async with talking(url, additional_headers={"Origin": origin}) as talk:
            assert (await talk.result("1", LAVROV))["data"]["actor"]
        return
    with pytest.raises(InvalidStatus) as refused:
        async with opened(url, additional_headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403
    (error,) = json.loads(refused.value.response.body)["errors"]
    assert "COMMUNIQUE_ALLOWED_ORIGINS" in error["message"]


async def test_server_pings(tmp_path: Path):
    with serving(tmp_path / "a.db", "serve", COMMUNIQUE_KEEP_ALIVE="0.2") as server:
        async with talking(server.client.base_url) as talk, asyncio.timeout(5):
            for _ in range(3):
                assert json.loads(await talk.socket.recv()) == {"type": "ping"}
                await talk.say("pong")


async def test_connections_of_an_address_are_limited(tmp_path: Path):
    with serving(tmp_path / "a.db", "serve", COMMUNIQUE_CONNECTIONS_PER_ADDRESS="2") as server:
        url = server.client.base_url
        async with talking(url):
            async with talking(url):
                with pytest.raises(InvalidStatus) as refused:
                    async with opened(url):
                        pass
                assert refused.value.response.status_code == 429
            async with asyncio.timeout(5):
                while True:
                    try:
                        async with talking(url):
                            break
                    except InvalidStatus:
                        await asyncio.sleep(0.05)


async def test_stop_brings_clients_back(tmp_path: Path):
    with serving(tmp_path / "a.db", "serve") as server:
        async with talking(server.client.base_url) as talk:
            await talk.follow()
            stopped = asyncio.create_task(asyncio.to_thread(server.stop, 15))
            assert (await close_of(talk))[0] == 1012
            assert await stopped == (0, "")


async def test_message_that_is_no_handshake(server: Server, url: str):
    assert server.client.get("/graphql", headers={"upgrade": "websocket"}).status_code == 400
    with pytest.raises(InvalidStatus):
        async with connect(url.replace("http", "ws") + "/nowhere"):
            pass
