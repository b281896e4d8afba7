"""Is the past read as it was known then, and do relations say on which dates they held?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.reading import Reading
from api.schema import schema
from benchmarks.harness import at_once
from projections.reading.sqlite_reader import SqliteReader
from tests.api.conftest import Ask
from tests.commands import SLUG
from tests.served import with_article
from tests.views import Opened, opened

WHY = "because { effect rule event { ref note } evidence { exact start } }"
EVERYTHING = f"""query ($then: AsOf) {{
  article(slug: "{SLUG}", asOf: $then) {{ slug version reports(first: 200) {{ totalCount nodes {{ ref }} }} }}
  articles(asOf: $then) {{ totalCount nodes {{ slug }} }}
  actor(slug: "haftar", asOf: $then) {{ name aliases {{ name }} {WHY}
    relations {{ totalCount nodes {{ key }} }} timeline(first: 200) {{ totalCount nodes {{ ref }} }} statements {{ totalCount }} }}
  actors(first: 100, asOf: $then) {{ totalCount nodes {{ slug name }} }}
  relations(first: 100, asOf: $then) {{ totalCount nodes {{ key status certainty count since {{ edtf }} {WHY} }} }}
  held: relations(first: 100, on: "2020-12-30", asOf: $then) {{ nodes {{ key holds }} }}
  statements(first: 100, asOf: $then) {{ totalCount nodes {{ ref speaker {{ name }} }} }}
  meetings(asOf: $then) {{ nodes {{ ref place participants {{ actor {{ name }} }} }} }}
  commissions(asOf: $then) {{ nodes {{ slug size seats {{ number }} sessions {{ ref }} {WHY} }} }}
  timeline(first: 200, asOf: $then) {{ totalCount nodes {{ ref certainty corrections {{ reason }} {WHY} }} }}
  search(text: "libya", first: 100, asOf: $then) {{ totalCount nodes {{ id }} }}
}}"""
STEP = 6
"""How many events are recorded between two looks."""


@asynccontextmanager
async def half_told(path: Path) -> AsyncIterator[tuple[Opened, Reading]]:
    async with opened(path) as system:
        with closing(SqliteReader(system.file.reader(), patience=20)) as reader:
            yield system, Reading(schema()._schema, reader)


def answer(reading: Reading, then: dict[str, Any] | None) -> Any:
    assert reading.document(EVERYTHING).errors == []
    found = at_once(reading.answer(EVERYTHING, None, {"then": then}))
    assert isinstance(found, tuple)
    return orjson.loads(found[1])


async def test_as_of_gives_the_answer_of_that_time(tmp_path: Path):
    source = tmp_path / "source.db"
    source.write_bytes(await asyncio.to_thread(with_article))
    async with opened(source) as whole:
        records = await whole.log.read(0, 1000)
    answers: dict[int, Any] = {}
    async with half_told(tmp_path / "half.db") as (system, reading):
        for n in range(0, len(records), STEP):
            await system.append(records[n : n + STEP])
            position = await system.views.catch_up()
            answers[position] = answer(reading, None)
        told = {record.position: record.recorded_at for record in await system.log.read(0, 1000)}
        for position, then in answers.items():
            assert answer(reading, {"position": position}) == then
            last = max(each for each, at in told.items() if at == told[position])
            if last == position:
                assert answer(reading, {"recordedAt": told[position]}) == then


@pytest.mark.parametrize("then", [{"position": 0}, {"recordedAt": "2000-01-01T00:00:00Z"}])
async def test_before_the_first_event_there_is_nothing(then: dict[str, Any], ask: Ask):
    data = await ask(EVERYTHING, then=then)
    assert (data["article"], data["actor"]) == (None, None)
    for name in ("articles", "actors", "relations", "statements", "timeline", "search"):
        assert data[name]["nodes"] == []
        assert data[name]["totalCount"] == 0


@pytest.mark.parametrize("then", [{"position": 2**53 - 1}, {"recordedAt": "2999-01-01T00:00:00Z"}])
async def test_beyond_the_head_is_the_present(then: dict[str, Any], ask: Ask):
    assert await ask(EVERYTHING, then=then) == await ask(EVERYTHING, then=None)


async def test_corrections_do_not_reach_into_the_past(ask: Ask):
    await ask(
        f"""mutation {{ correct(input: {{article: "{SLUG}", report: "meeting-in-moscow", reason: "x",
        changes: {{meetingHeld: {{place: "Minsk"}}}}}}) {{ ... on Recorded {{ first }} }} }}"""
    )
    data = await ask(
        "{ now: meetings(first: 1) { nodes { place } } then: meetings(first: 1, asOf: {position: 119}) { nodes { place } } }"
    )
    assert data["now"]["nodes"] == [{"place": "Minsk"}]
    assert data["then"]["nodes"] == [{"place": "Moscow"}]


async def holds(ask: Ask, on: str) -> dict[str, str]:
    asked = "query ($on: EDTF!) { relations(first: 100, on: $on) { nodes { key holds } } }"
    return {node["key"]: node["holds"] for node in (await ask(asked, on=on))["relations"]["nodes"]}


async def test_on_a_date_that_is_attested(ask: Ask):
    held = await holds(ask, "2020-12-30")
    assert held["supports.russia.haftar"] == "YES"
    assert held["met_with.siala.lavrov"] == "YES"
    assert held["appoints_to.gna.jmc"] == "POSSIBLY"


async def test_on_a_date_before_it_began(ask: Ask):
    held = await holds(ask, "2019-06-01")
    assert "appoints_to.gna.jmc" not in held
    assert held["supports.russia.haftar"] == "POSSIBLY"


async def test_on_a_date_after_what_happened_once(ask: Ask):
    held = await holds(ask, "2022-01-01")
    assert "met_with.siala.lavrov" not in held
    assert "called_on.siala.russia" not in held
    assert held["appoints_to.gna.jmc"] == "POSSIBLY"


async def test_on_a_fuzzy_date(ask: Ask):
    held = await holds(ask, "2020")
    assert held["supports.russia.haftar"] == "POSSIBLY"
    assert len(held) == 24


async def test_holds_is_null_where_no_date_was_asked_for(ask: Ask):
    data = await ask(
        '{ relations { nodes { holds } } actor(slug: "siala") { relations(on: "2020-12-30") { nodes { holds } } } }'
    )
    assert {node["holds"] for node in data["relations"]["nodes"]} == {None}
    assert {node["holds"] for node in data["actor"]["relations"]["nodes"]} == {"YES"}


async def test_both_times_combine(ask: Ask):
    asked = '{ relations(on: "2020-12-30", asOf: {position: 62}) { nodes { key holds count } } }'
    found = {node["key"]: node for node in (await ask(asked))["relations"]["nodes"]}
    assert found["supports.russia.haftar"]["count"] == 1
    assert "met_with.siala.lavrov" not in found
