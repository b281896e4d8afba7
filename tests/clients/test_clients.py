"""Do clients that others wrote work with the API, also when connections break?"""

import asyncio
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Run, Start
from tests.commands import EVENTS, Server, serving
from tests.issuer import AUDIENCE, ISSUER, SECRET, secret_token
from tests.logs import append, sqlite_log
from tests.served import listening

pytestmark = pytest.mark.fault

LAVROV = {"actor": {"name": "Sergey Lavrov"}}
SCHEMA = Path(__file__).parents[2] / "api" / "schema.graphql"
EVERYTHING = list(range(1, EVENTS + 1))


def graphql(server: Server, scheme: str = "http") -> str:
    return str(server.client.base_url.copy_with(scheme=scheme).join("/graphql"))


async def test_graphql_ws(node: Run, server: Server):
    found = await node("ws.mjs", graphql(server, "ws"), EVENTS)
    assert found["seen"] == EVERYTHING
    assert found["broken"] == 3
    assert found["again"] == [EVENTS - 1, EVENTS] * 2
    assert found["failed"] == "INVALID_GRAPHQL"
    assert found["answer"] == LAVROV
    assert set(found["codes"]) <= {1000, 1005, 1006}


@pytest.mark.parametrize(("mode", "failure"), [("distinct", "INVALID_GRAPHQL"), ("single", 400)])
async def test_graphql_sse(mode: str, failure: Any, node: Run, server: Server):
    found = await node("sse.mjs", graphql(server), mode, 100)
    assert found["one"] == [[position, position] for position in range(101, 106)]
    assert found["other"] == found["one"][:3]
    assert found["answer"] == LAVROV
    assert found["failed"] == failure


async def test_clients_come_back_to_a_restarted_server(start: Start, tmp_path: Path):
    """It was told to stop, and later killed; clients of both kinds have the log as it is."""
    path, port = tmp_path / "communique.db", free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    async with (
        sqlite_log(path) as log,
        start("retry.mjs", url, "socket") as one,
        start("retry.mjs", url, "events") as other,
    ):
        await append(log, "actor/a", "one")
        for last, ending in ((2, "stop"), (4, "kill"), (6, "end")):
            with serving(path, "serve", "--port", port) as server:
                await append(log, f"actor/b{last}", "before")
                for seen in (one, other):
                    assert await seen(min(last, 2)) == list(range(max(1, last - 1), last + 1))
                if ending == "stop":
                    assert server.stop(15) == (0, "")
                elif ending == "kill":
                    server.process.kill()
                    server.process.wait()
            if ending != "end":
                await append(log, f"actor/c{last}", "meanwhile")


async def test_eventsource_reconnects_by_itself(start: Start, tmp_path: Path):
    path, port = tmp_path / "communique.db", free_port()
    async with (
        sqlite_log(path) as log,
        start("eventsource.mjs", f"http://127.0.0.1:{port}/graphql", 2) as printed,
    ):
        for number in range(5):
            await append(log, f"actor/a{number}", "before")
        with serving(path, "serve", "--port", port):
            assert await printed(3) == [[3, "3", None], [4, "4", None], [5, "5", None]]
        for number in range(2):
            await append(log, f"actor/b{number}", "meanwhile")
        with serving(path, "serve", "--port", port):
            assert await printed(2) == [[6, "6", "5"], [7, "7", "5"]]


async def test_apollo(node: Run, server: Server):
    found = await node("apollo.mjs", graphql(server), 50)
    actor = found["answer"]["actor"]
    assert (actor["name"], actor["kind"], actor["__typename"]) == (
        "Sergey Lavrov",
        "PERSON",
        "Actor",
    )
    assert found["seen"] == [[position, f"LogEntry:{position}"] for position in (51, 52, 53)]


async def test_urql(node: Run, server: Server):
    found = await node("urql.mjs", graphql(server), 50, server.client.headers["authorization"])
    assert found["query"] == found["byGet"] == LAVROV
    assert found["invalid"] == "INVALID_GRAPHQL"
    assert found["mutation"] == {"retract": {"__typename": "UnknownArticle"}}
    assert found["seen"] == [[position, position] for position in (51, 52, 53)]
    *queries, subscription = found["accepted"]
    assert all("text/event-stream" in accept for accept, _ in found["accepted"])
    assert {kind for _, kind in queries} == {"application/graphql-response+json; charset=utf-8"}
    assert subscription[1] == "text/event-stream; charset=utf-8"


async def test_graphql_over_http(node: Run, server: Server):
    """Every check of the audit, those of what servers only should or may do among them."""
    found = await node("http.mjs", graphql(server))
    assert [check for check in found if check["status"] != "ok"] == []
    assert len(found) == 61


async def test_relay(node: Run, tmp_path: Path):
    shutil.copy(SCHEMA, tmp_path)
    found = await node("relay.mjs", tmp_path / SCHEMA.name)
    assert {name.split(".")[0] for name in found} == {
        *("pageQuery", "pageRelationsQuery", "page_actor", "pageLogSubscription"),
        "pageRetractMutation",
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def test_graphql_ws_with_a_token_that_ends(node: Run, tmp_path: Path):
    """It comes back with a fresh one, and misses nothing."""
    path = tmp_path / "communique.db"
    end = int(time.time()) + 4
    tokens = [secret_token(role="auditor", exp=end), secret_token(role="auditor")]
    settings: dict[str, Any] = {"open_to": "nothing", "jwt_secret": SECRET, "jwt_leeway": 0}
    whose = {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    async with listening(path, **settings, **whose) as (system, url):
        await append(system.log, "actor/a", "one")
        address = url.replace("http", "ws") + "/graphql"
        following = asyncio.create_task(node("token.mjs", address, 2, *tokens))
        await asyncio.sleep(end - time.time() + 0.5)
        await append(system.log, "actor/b", "two")
        assert await following == {"seen": [1, 2], "closes": [4403]}
