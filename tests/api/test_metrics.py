"""What does Prometheus see?  What the guide says, true when it asks, and no more names than are bounded."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from api.telemetry.metrics import NAMES, ONCE, Names
from tests.api.test_guides import OPERATE
from tests.commands import EVENTS
from tests.live import FOLLOW, streaming, taken, talking
from tests.logs import append
from tests.served import Api, listening, on, served_article, until

SECONDS = "communique_operation_seconds_count"
GAP = 'subscription { actorChanges(after: "0", maxLag: 0) { ... on Gap { reason } } }'
Values = dict[tuple[str, ...], float]
"""Of each sample: its name, and what its labels say."""


def values(page: str) -> Values:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


async def scraped(api: Api) -> Values:
    return values((await api.client.get("/metrics")).raise_for_status().text)


@asynccontextmanager
async def counted(path: Path) -> AsyncIterator[Api]:
    async with served_article(path / "communique.db", metrics=True) as api:
        yield api


async def test_nothing_is_shown_unless_somebody_wants_it(api: Api):
    assert (await api.client.get("/metrics")).status_code == 404


async def test_operations_are_counted_by_name_and_outcome(tmp_path: Path):
    async with counted(tmp_path) as api:
        named, secret = 'query Named { actor(slug: "%s") { name } }', "nobody-may-read"
        for query in (named % secret, named % "lavrov", named % secret, "{ status { head } }"):
            await api.ask(query)
        for query in ("{", "query Named { nobody }", "query Named { nobody }"):
            await api.post(query)
        page = (await api.client.get("/metrics")).text
    found = {key[1:]: number for key, number in values(page).items() if key[0] == SECONDS}
    assert found == {
        ("other", "ok", "http"): 1,  # the first time that the name came
        ("Named", "ok", "http"): 2,
        ("anonymous", "ok", "http"): 1,
        ("none", "error", "http"): 3,
    }
    assert secret not in page


def test_names_are_bounded():
    names = Names()
    for number in range(2 * ONCE):
        assert names.label(f"Once{number}") == "other"
    assert len(names._once) == ONCE
    told = {names.label(f"Often{number}") for number in range(2 * NAMES) for _ in range(3)}
    assert len(told) == NAMES + 1
    assert names.label("x" * 1000) == names.label("x" * 1000) == "other"


async def test_how_it_stands_is_true_when_it_is_asked(tmp_path: Path):
    async with counted(tmp_path) as api:
        await until(api.client, 200)
        await api.ask("{ actors { totalCount } }")
        await api.ask("{ actors { totalCount } }")
        found = await scraped(api)
        assert found["communique_ready",] == 1
        assert found["communique_log_position",] == EVENTS
        assert found["communique_projection_position", "relations"] == EVENTS
        assert found["communique_projection_lag_positions", "relations"] == 0
        assert found["communique_projection_lag_seconds", "search"] == 0
        assert found["communique_cache_hits_total", "results"] == 1
        assert found["communique_cache_entries", "plans"] == 1
        assert found["communique_cache_misses_total", "documents"] == 1
        assert found["communique_cache_entries", "documents"] == 1
        assert found["communique_statements_total",] == 1
        assert found["process_start_time_seconds",] > 0
        assert ("python_gc_collections_total", "2") in found


async def test_clients_are_counted_while_they_are_there(tmp_path: Path):
    async with listening(tmp_path / "a.db", metrics=True) as (system, url):
        await append(system.log, "actor/a", "one")
        client = httpx.AsyncClient(base_url=url)
        async with client, talking(url) as talk, streaming(url, json={"query": FOLLOW}) as events:
            await talk.follow()
            await talk.position()
            await taken(events, 1)
            await talk.subscribe("2", GAP)
            assert (await talk.hear())["payload"]["data"]["actorChanges"]["reason"] == "LAG"
            found = values((await client.get("/metrics")).text)
        assert found["communique_connections_open", "websocket"] == 1
        assert found["communique_connections_open", "sse"] == 1
        assert found["communique_subscriptions_open",] == 3
        assert found["communique_gaps_sent_total", "lag"] == 1


async def test_on_postgres_the_guide_says_what_there_is(tmp_path: Path):
    async with on("postgres", tmp_path, article=False, metrics=True) as api:
        await api.ask("{ status { head } }")
        page = (await api.client.get("/metrics")).text
    pool = [values(page)["communique_postgres_connections", each] for each in ("used", "idle")]
    assert 1 <= sum(pool) <= 10
    served = {
        (family.name, family.type, family.documentation)
        for family in text_string_to_metric_families(page)
        if family.name.startswith("communique_")
    }
    rows = re.findall(r"^\| `(communique_\w+)` \| (\w+) \|(?: \w.*)? \| (.+) \|$", OPERATE.read_text("utf-8"), re.MULTILINE)  # fmt: skip
    assert {*rows} == served


async def test_what_needs_no_log_is_shown_without_one(tmp_path: Path):
    async with counted(tmp_path) as api:
        await api.system.log.close()
        found = await scraped(api)
    assert ("communique_statements_total",) in found
    assert ("communique_log_position",) not in found
