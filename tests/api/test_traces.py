"""Does a collector get the way of a request through the program, and nothing that a request said?"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Misconfigured
from events.sqlite_library import sqlite3
from tests.collector import Collector, collecting
from tests.live import talking
from tests.served import listening, served, served_article

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
SECRET = "a-value-that-nobody-may-read"
NAMED = (
    'query Named($slug: String!) { actor(slug: $slug) { name } also: actor(slug: "%s") { name } }'
)
RETRACT = 'mutation Take { retract(input: {article: "libya-russia-moscow-2020-12-30", report: "arms-to-haftar", reason: "%s"}) { __typename } }'


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector


async def test_spans_of_a_query_and_a_mutation(collector: Collector, tmp_path: Path):
    async with served_article(tmp_path / "a.db", traces=True, result_cache=0) as api:
        asked = {"query": NAMED % SECRET, "variables": {"slug": SECRET}}
        await api.client.post("/graphql", json=asked, headers=PARENT)
        answer = await api.client.post("/graphql", json=asked, headers=PARENT)
        await api.ask(RETRACT % SECRET)
        await api.client.get("/healthz")
        await api.client.get(f"/{SECRET[:9]}")
    first, second = [span for span in collector.spans if span.name == "query Named"]
    for span in (first, second):
        assert (span.trace, span.parent, span.service) == (TRACE, SPAN, "communique")
        assert span.attributes["http.response.status_code"] == 200
        assert span.attributes["graphql.operation.name"] == "Named"
    assert second.attributes["communique.request_id"] == answer.headers["x-request-id"]
    assert collector.below(first).keys() == {"parse and validate", "plan", "statement"}
    assert collector.below(second).keys() == {"statement"}
    statement = collector.below(second)["statement"]
    assert statement.attributes["db.system.name"] == "sqlite"
    assert statement.attributes["db.query.text"].startswith("SELECT ")
    assert "append" in collector.below(collector.named("mutation Take"))
    fold = collector.named("fold")
    assert (fold.parent, fold.attributes["communique.events"]) == ("", 1)
    assert not any(span.failed for span in collector.spans)
    assert not [body for body in collector.bodies if SECRET.encode() in body]


async def test_operations_of_a_websocket_and_what_fails(collector: Collector, tmp_path: Path):
    path = tmp_path / "a.db"
    async with listening(path, traces=True) as (_, url):
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE actors")
        connection.close()
        async with talking(url, additional_headers=PARENT) as talk:
            await talk.result("1", "query Good { status { head } }")
            await talk.result("2", "query Bad { actors(first: 1) { nodes { name } } }")
    good, bad = collector.named("query Good"), collector.named("query Bad")
    assert (good.trace, good.parent, good.failed) == (TRACE, SPAN, False)
    assert (bad.trace, bad.parent, bad.failed) == (TRACE, SPAN, True)
    statement = collector.below(bad)["statement"]
    assert (statement.failed, statement.attributes["error.type"]) == (True, "OperationalError")
    assert not [body for body in collector.bodies if b"no such table" in body]


async def test_collector_that_is_not_there_hinders_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr("api.telemetry.traces.FLUSH", 0.1)
    async with served(tmp_path / "a.db", traces=True) as api:
        assert await api.ask("{ status { head } }") == {"status": {"head": 0}}


async def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delitem(sys.modules, "api.telemetry.traces", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)  # as if it were not there
    with pytest.raises(Misconfigured, match=r"pip install 'communique\[otel\]'"):
        async with served(tmp_path / "a.db", traces=True):
            pass


def test_nothing_is_loaded_unless_it_is_wanted(tmp_path: Path):
    program = "import sys, api.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {each.partition(".")[0] for each in done.stdout.split()} & {
        "asyncpg",
        "opentelemetry",
        "prometheus_client",
    }
