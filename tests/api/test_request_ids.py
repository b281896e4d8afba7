"""Can what a client was told be found in the log?  By the id of the request, over every transport."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.sqlite_library import sqlite3
from tests.live import streaming, taken, talking
from tests.served import Api, listening, served

STATUS = "{ status { head } }"
ACTORS = "query Actors { actors(first: 1) { nodes { name } } }"
GIVEN = "4bf92f35-77b3@edge:1/a=b"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What was logged, with the ids that a handler adds."""
    from api.telemetry.logs import _identified

    caplog.handler.addFilter(_identified)
    yield caplog
    caplog.handler.removeFilter(_identified)


async def test_what_is_no_id_is_replaced(api: Api):
    bad = ["", "two words", "a\tb", "é", "x" * 101, '{"a":1}', "one, two", "<script>"]
    answers = [
        await api.client.post(
            "/graphql", json={"query": STATUS}, headers={b"x-request-id": given.encode()}
        )
        for given in bad
    ]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == len(bad)
    assert all(len(id_) == 16 for id_ in ids)


async def test_id_of_the_client_is_kept_whatever_is_answered(api: Api):
    headers = {"x-request-id": GIVEN}
    for answer in (
        await api.client.post("/graphql", json={"query": STATUS}, headers=headers),
        await api.client.post("/graphql", json={"query": "{"}, headers=headers),
        await api.client.post("/graphql", content=b"\xff", headers=headers),
        await api.client.patch("/graphql", headers=headers),
        await api.client.get("/nowhere", headers=headers),
        await api.client.get("/healthz", headers=headers),
        await api.client.get("/readyz", headers=headers),
    ):
        assert answer.headers.get_list("x-request-id") == [GIVEN]
        assert "requestId" not in answer.text


async def broken(path: Path) -> None:
    """Take away a table from the views that are served."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE actors")
    connection.close()


async def test_fault_of_ours_tells_the_id_of_its_line(
    tmp_path: Path, told: pytest.LogCaptureFixture
):
    path = tmp_path / "communique.db"
    async with served(path) as api:
        await broken(path)
        answer = await api.client.post(
            "/graphql", json={"query": ACTORS}, headers={"x-request-id": GIVEN}
        )
    assert answer.status_code == 500
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": GIVEN}
    (record,) = [record for record in told.records if record.levelno >= logging.ERROR]
    assert (record.__dict__["request_id"], record.exc_info is None) == (GIVEN, False)
    assert "actors" not in error["message"]


async def test_log_that_cannot_be_read_tells_the_id_of_its_line(
    tmp_path: Path, told: pytest.LogCaptureFixture
):
    path = tmp_path / "communique.db"
    async with served(path) as api:
        await api.system.log.close()  # as if the server had lost its database
        answer = await api.post('mutation { retract(input: {article: "a", report: "b", reason: "c"}) { __typename ... on Problem { code } } }')  # fmt: skip
        assert answer.json()["data"] == {
            "retract": {"__typename": "LogUnavailable", "code": "LOG_UNAVAILABLE"}
        }
    (record,) = [each for each in told.records if "LOG_UNAVAILABLE" in each.getMessage()]
    assert record.__dict__["request_id"] == answer.headers["x-request-id"]


async def test_each_operation_of_a_websocket_has_an_id(
    tmp_path: Path, told: pytest.LogCaptureFixture
):
    path = tmp_path / "communique.db"
    async with listening(path) as (_, url):
        await broken(path)
        async with talking(url, additional_headers={"X-Request-Id": "ws"}) as talk:
            assert talk.socket.response is not None
            assert talk.socket.response.headers["x-request-id"] == "ws"
            errors: list[Any] = [await talk.result(id_, ACTORS) for id_ in ("a", "b")]
            assert (await talk.result("c", STATUS))["data"] == {"status": {"head": 0}}
    ids = [error["extensions"]["requestId"] for (error,) in errors]
    assert ids == ["ws.1", "ws.2"]
    assert [r.__dict__["request_id"] for r in told.records if r.levelno >= logging.ERROR] == ids


async def test_event_stream_has_the_id_of_its_request(
    tmp_path: Path, told: pytest.LogCaptureFixture
):
    path = tmp_path / "communique.db"
    async with listening(path) as (_, url):
        await broken(path)
        headers = {"x-request-id": "sse"}
        async with streaming(url, json={"query": ACTORS}, headers=headers) as events:
            first, end = await taken(events, 2)
    assert first.data["errors"][0]["extensions"] == {"code": "INTERNAL", "requestId": "sse"}
    assert end.name == "complete"
    assert [r.__dict__["request_id"] for r in told.records if r.levelno >= logging.ERROR] == ["sse"]


async def test_a_mistake_of_the_client_is_not_logged(api: Api, told: pytest.LogCaptureFixture):
    for query in ("{", "{ nobody }", '{ actors(first: 1, after: "x") { nodes { name } } }'):
        answer = await api.post(query)
        assert "errors" in answer.json()
        assert "requestId" not in json.dumps(answer.json())
    assert told.records == []
