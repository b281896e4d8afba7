"""Does a node tell what was said of it before?"""

from typing import Any

import pytest

from tests.api.conftest import Ask
from tests.commands import EVENTS, SLUG
from tests.served import Api

CORRECTED = f"""mutation {{ correct(input: {{article: "{SLUG}", report: "meeting-in-moscow", reason: "misread",
  changes: {{meetingHeld: {{place: "Minsk"}}}}}}) {{ ... on Recorded {{ first }} }} }}"""
RETRACTED = f"""mutation {{ retract(input: {{article: "{SLUG}", report: "meeting-in-moscow", reason: "a hoax"}})
  {{ ... on Recorded {{ first }} }} }}"""
MERGED = """mutation { mergeActors(input: {actor: "uae", into: "egypt", reason: "x"}) { ... on Recorded { first } } }"""

MEETING = f"""query ($then: AsOf) {{ article(slug: "{SLUG}", asOf: $then) {{
  reports(first: 200, filter: {{includeRetracted: true, kinds: [MeetingHeld]}}) {{ nodes {{ ref history {{
    position until cause {{ kind }} report {{ retraction {{ reason }} ... on MeetingHeld {{ place }} }} }} }} }} }} }}"""


async def history_of_the_meeting(ask: Ask, then: dict[str, Any] | None = None) -> Any:
    nodes = (await ask(MEETING, then=then))["article"]["reports"]["nodes"]
    (history,) = (node["history"] for node in nodes if node["ref"] == "meeting-in-moscow")
    return history


async def test_report_shows_each_reading_and_what_ended_it(ask: Ask):
    await ask(CORRECTED)
    await ask(RETRACTED)
    first, second, third = await history_of_the_meeting(ask)
    assert first | {"position": 0} == {
        "position": 0,
        "until": EVENTS + 1,
        "cause": {"kind": "MeetingHeld"},
        "report": {"retraction": None, "place": "Moscow"},
    }
    assert second == {
        "position": EVENTS + 1,
        "until": EVENTS + 2,
        "cause": {"kind": "ReportCorrected"},
        "report": {"retraction": None, "place": "Minsk"},
    }
    assert third == {
        "position": EVENTS + 2,
        "until": None,
        "cause": {"kind": "ReportRetracted"},
        "report": {"retraction": {"reason": "a hoax"}, "place": "Minsk"},
    }


async def test_as_of_then_later_versions_are_not_known(ask: Ask):
    before = await history_of_the_meeting(ask)
    await ask(CORRECTED)
    assert await history_of_the_meeting(ask, {"position": EVENTS}) == before
    assert [version["until"] for version in before] == [None]


RELATION = """{ node(id: "Relation:supports.russia.haftar") { ... on Relation { history {
  position recordedAt until cause { recordedAt report { ref } }
  relation { count because { rule } subject { timeline { totalCount } } history { position until } } } } } }"""


async def test_version_leads_to_what_was_known_when_it_began(ask: Ask):
    history = (await ask(RELATION))["node"]["history"]
    assert [version["cause"]["report"]["ref"] for version in history] == [
        "russia-supports-haftar",
        "arms-to-haftar",
        "military-support-to-haftar",
    ]
    for number, version in enumerate(history, 1):
        then = f"asOf: {{position: {version['position']}}}"
        data = await ask(f'{{ actor(slug: "russia", {then}) {{ timeline {{ totalCount }} }} }}')
        assert version["relation"]["subject"] == data["actor"]
        assert version["relation"]["count"] == len(version["relation"]["because"]) == number
        assert version["recordedAt"] == version["cause"]["recordedAt"]


async def test_history_within_a_version_ends_with_that_version(ask: Ask):
    history = (await ask(RELATION))["node"]["history"]
    spans = [{"position": each["position"], "until": each["until"]} for each in history]
    for number, version in enumerate(history, 1):
        known = [*spans[: number - 1], {**spans[number - 1], "until": None}]
        assert version["relation"]["history"] == known


async def test_actor_has_a_version_for_each_correction_and_none_for_aliases(ask: Ask):
    asked = (
        '{ actor(slug: "egypt") { history { position until actor { name aliases { name } } } } }'
    )
    (only,) = (await ask(asked))["actor"]["history"]
    await ask(MERGED)
    (first,) = (await ask(asked))["actor"]["history"]
    assert first == only
    assert first["until"] is None
    assert first["actor"] == {"name": "Egypt", "aliases": []}


async def test_merge_begins_versions_of_the_reports_that_name_the_actor(ask: Ask):
    await ask(MERGED)
    data = await ask(
        f'{{ node(id: "Report:{SLUG}/uae-supports-lna") {{ ... on Report {{ history {{ cause {{ kind }} '
        "report { ... on RelationAttested { subject { slug } } } } } } }"
    )
    assert data["node"]["history"] == [
        {"cause": {"kind": "RelationAttested"}, "report": {"subject": {"slug": "uae"}}},
        {"cause": {"kind": "ActorsMerged"}, "report": {"subject": {"slug": "egypt"}}},
    ]


@pytest.mark.parametrize("name", ["history { position }", "because { entry { position } }"])
async def test_cursors_within_a_version_keep_its_moment(name: str, api: Api):
    asked = f"""query ($after: String) {{ node(id: "Relation:supports.russia.haftar") {{ ... on Relation {{ history {{
      relation {{ subject {{ timeline(first: 2, after: $after) {{ totalCount pageInfo {{ endCursor }} nodes {{ {name} }} }} }} }} }} }} }} }}"""

    async def page(version: int, after: str | None) -> Any:
        history = (await api.ask(asked, after=after))["node"]["history"]
        return history[version]["relation"]["subject"]["timeline"]

    first = await page(0, None)
    rest = await page(2, first["pageInfo"]["endCursor"])
    assert rest["totalCount"] == first["totalCount"]
