"""Does a diff say what changed between two positions, and nothing else?"""

from typing import Any

import pytest

from events.actors import ActorCorrected
from events.log import Provenance, Write
from events.sources import ArticleCorrected
from events.vocabulary import AnyEvent
from tests.api.conftest import Ask
from tests.commands import EVENTS, SLUG
from tests.served import Api

ID = "__typename id"
EACH = f"change position causes {{ position kind }} before {{ {ID} }} after {{ {ID} }}"


def correct(report: str, changes: str) -> str:
    return f"""mutation {{ correct(input: {{article: "{SLUG}", report: "{report}", reason: "misread",
      changes: {{{changes}}}}}) {{ ... on Recorded {{ first }} }} }}"""


def retract(report: str) -> str:
    return f"""mutation {{ retract(input: {{article: "{SLUG}", report: "{report}", reason: "a hoax"}})
      {{ ... on Recorded {{ first }} }} }}"""


MERGE = """mutation { mergeActors(input: {actor: "uae", into: "egypt", reason: "x"}) { ... on Recorded { first } } }"""
SITUATION = f"""mutation {{ record(input: {{article: "{SLUG}", reports: [{{situationAttested:
  {{ref: "calm", evidence: [{{exact: "Wagner Group"}}], situation: "calm"}}}}]}}) {{ ... on Recorded {{ first }} }} }}"""


async def diff(ask: Ask, arguments: str, selection: str = EACH) -> Any:
    data = await ask(f"{{ diff({arguments}) {{ totalCount nodes {{ {selection} }} }} }}")
    assert data["diff"]["totalCount"] == len(data["diff"]["nodes"])
    return data["diff"]["nodes"]


def changes(nodes: Any) -> dict[str, str]:
    """What happened to each node, by its id."""
    return {(node["before"] or node["after"])["id"]: node["change"] for node in nodes}


async def test_nothing_changed_since_the_head(ask: Ask):
    assert await diff(ask, f"from: {EVENTS}") == []


async def test_from_the_beginning_everything_was_added(ask: Ask):
    data = await ask(
        f"""{{ diff(from: 0) {{ totalCount }} changed: diff(from: 0, filter: {{changes: [CHANGED, REMOVED]}}) {{ totalCount }}
          actors {{ totalCount }} articles {{ totalCount }} relations {{ totalCount }} commissions {{ totalCount }}
          article(slug: "{SLUG}") {{ reports {{ totalCount }} }} }}"""
    )
    lists = (data[name] for name in ("actors", "articles", "relations", "commissions"))
    expected = sum(each["totalCount"] for each in [*lists, data["article"]["reports"]])
    assert data["diff"]["totalCount"] == expected
    assert data["changed"]["totalCount"] == 0


async def test_correction_changes_the_report(ask: Ask):
    await ask(correct("meeting-in-moscow", 'meetingHeld: {place: "Minsk"}'))
    place = "... on MeetingHeld { place }"
    (node,) = await diff(
        ask,
        f"from: {EVENTS}",
        f"change position causes {{ kind }} before {{ {place} }} after {{ {place} }}",
    )
    assert node == {
        "change": "CHANGED",
        "position": EVENTS + 1,
        "causes": [{"kind": "ReportCorrected"}],
        "before": {"place": "Moscow"},
        "after": {"place": "Minsk"},
    }


async def test_retraction_marks_the_report_and_removes_what_it_alone_says(ask: Ask):
    await ask(retract("uae-supports-lna"))
    found = changes(await diff(ask, f"from: {EVENTS}"))
    assert found == {
        f"Report:{SLUG}/uae-supports-lna": "CHANGED",
        "Relation:supports.uae.lna": "REMOVED",
    }


async def test_merged_actor_is_removed_and_the_other_has_its_name(ask: Ask):
    await ask(MERGE)
    names = "... on Actor { aliases { name } }"
    nodes = await diff(
        ask,
        f"from: {EVENTS}, filter: {{types: [ACTOR]}}",
        f"change before {{ id {names} }} after {{ id {names} }}",
    )
    known = [{"name": "the Egyptian side"}, {"name": "Cairo"}]
    assert nodes == [
        {
            "change": "CHANGED",
            "before": {"id": "Actor:egypt", "aliases": known},
            "after": {"id": "Actor:egypt", "aliases": [*known, {"name": "UAE"}]},
        },
        {"change": "REMOVED", "before": {"id": "Actor:uae", "aliases": []}, "after": None},
    ]


async def test_seats_are_a_change_of_the_commission(ask: Ask):
    data = await ask(
        "{ commissions { nodes { id seats { number } because { effect event { ref } } } } }"
    )
    (node, *_) = (node for node in data["commissions"]["nodes"] if node["seats"])
    refs = [b["event"]["ref"] for b in node["because"]]
    number = node["seats"][0]["number"]
    seat = f'{{selector: "gna", number: {number + 1}}}'
    await ask(correct(refs[0], f"commissionFormed: {{seats: [{seat}]}}"))
    found = changes(await diff(ask, f"from: {EVENTS}, filter: {{types: [COMMISSION]}}"))
    assert found == {node["id"]: "CHANGED"}


async def append(api: Api, stream: str, *events: AnyEvent) -> None:
    """Append what no mutation does."""
    await api.system.log.append([Write(stream, list(events))], Provenance("test"))
    await api.system.views.reached(await api.head())


async def test_what_says_the_same_again_is_not_in_it(api: Api):
    names = ("Misr", "Egypt")
    events = [ActorCorrected(changes={"name": name}, reason="x") for name in names]
    await append(api, "actor/egypt", *events)
    assert await diff(api.ask, f"from: {EVENTS}") == []
    (node,) = await diff(api.ask, f"from: {EVENTS}, to: {EVENTS + 1}")
    assert changes([node]) == {"Actor:egypt": "CHANGED"}


async def test_what_came_and_went_is_not_in_it(ask: Ask):
    attested = 'subject: "egypt", predicate: BACKS, object: "gna"'
    await ask(
        f"""mutation {{ record(input: {{article: "{SLUG}", reports: [{{relationAttested:
        {{ref: "new", evidence: [{{exact: "Wagner Group"}}], {attested}}}}}]}}) {{ __typename }} }}"""
    )
    await ask(retract("new"))
    within = await diff(ask, f"from: {EVENTS}, to: {EVENTS + 1}")
    assert changes(within) == {f"Report:{SLUG}/new": "ADDED", "Relation:backs.egypt.gna": "ADDED"}
    assert changes(await diff(ask, f"from: {EVENTS}")) == {f"Report:{SLUG}/new": "ADDED"}


async def test_another_day_of_publication_changes_the_article_alone(api: Api):
    corrected = ArticleCorrected(changes={"published": "2020-12-31"}, reason="x")
    await append(api, f"article/{SLUG}", corrected)
    assert changes(await diff(api.ask, f"from: {EVENTS}")) == {f"Article:{SLUG}": "CHANGED"}


async def test_every_event_that_touched_a_node_is_a_cause(ask: Ask):
    await ask(SITUATION)
    await ask(correct("calm", 'situationAttested: {situation: "quiet"}'))
    await ask(retract("calm"))
    (node,) = await diff(ask, f"from: {EVENTS}")
    assert (node["change"], node["position"]) == ("ADDED", EVENTS + 3)
    assert [cause["position"] for cause in node["causes"]] == [EVENTS + n for n in (1, 2, 3)]
    (node,) = await diff(ask, f"from: {EVENTS + 1}, to: {EVENTS + 2}")
    assert (node["change"], node["position"]) == ("CHANGED", EVENTS + 2)
    assert [cause["kind"] for cause in node["causes"]] == ["ReportCorrected"]


async def test_both_sides_lead_to_what_was_known_then(ask: Ask):
    asked = """{ diff(from: 62, to: 64, filter: {types: [RELATION]}) { nodes { {0} } } }"""
    count = "... on Relation { count because { rule } object { timeline { totalCount } } }"
    (node,) = (await ask(asked.replace("{0}", f"before {{ {count} }} after {{ {count} }}")))[
        "diff"
    ]["nodes"]
    for side, position in (("before", 62), ("after", 64)):
        then = await ask(
            f"""{{ relations(filter: {{subject: "russia", object: "haftar"}}, asOf: {{position: {position}}}) {{
              nodes {{ count because {{ rule }} object {{ timeline {{ totalCount }} }} }} }} }}"""
        )
        assert [node[side]] == then["relations"]["nodes"]


@pytest.mark.parametrize("arguments", ["from: 0, to: 0", "from: 500", "from: 500, to: 501"])
async def test_span_without_events_is_empty(arguments: str, ask: Ask):
    assert await diff(ask, arguments) == []


async def test_end_beyond_the_head_is_the_present(ask: Ask):
    assert await diff(ask, "from: 110, to: 500") == await diff(ask, "from: 110")


async def test_span_that_ends_before_it_begins_is_refused(api: Api):
    response = await api.post("{ diff(from: 5, to: 3) { totalCount } }")
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_SPAN"
    assert error["message"] == "the span ends at 3, before it begins at 5; exchange the two"


@pytest.mark.parametrize("arguments", ["from: -1", "from: 0, to: -1", "from: 9007199254740992"])
async def test_what_is_no_position_is_refused(arguments: str, api: Api):
    assert await api.code(f"{{ diff({arguments}) {{ totalCount }} }}") == "INVALID_GRAPHQL"


@pytest.mark.parametrize(("types", "prefixes"), [("[ACTOR, ARTICLE]", {"Actor", "Article"})])
async def test_filter_by_type(types: str, prefixes: set[str], ask: Ask):
    data = await ask(
        f"{{ diff(from: 0, first: 200, filter: {{types: {types}}}) {{ nodes {{ after {{ id }} }} }} }}"
    )
    assert {node["after"]["id"].partition(":")[0] for node in data["diff"]["nodes"]} == prefixes


PAGE = f"totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} nodes {{ {EACH} }}"


@pytest.mark.parametrize("to", ["", ", to: 500", ", to: 119"])
@pytest.mark.parametrize(
    ("size", "place", "turn", "more"),
    [
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ],
)
async def test_pages_stay_put_while_events_arrive(
    to: str, size: str, place: str, turn: str, more: str, ask: Ask
):
    asked = f"query ($p: String) {{ diff(from: 60{to}, {size}: 7, {place}: $p) {{ {PAGE} }} }}"
    whole = (await ask(f"{{ diff(from: 60{to}, first: 200) {{ {PAGE} }} }}"))["diff"]
    found: list[Any] = []
    page = (await ask(asked))["diff"]
    while True:
        nodes = page["nodes"]
        found = nodes + found if size == "last" else found + nodes
        assert page["totalCount"] == whole["totalCount"]
        if not page["pageInfo"][more]:
            break
        if len(found) == 7:
            await ask(SITUATION)
            await ask(retract("uae-supports-lna"))
        page = (await ask(asked, p=page["pageInfo"][turn]))["diff"]
    assert found == whole["nodes"]
    places = [(node["position"], (node["before"] or node["after"])["id"]) for node in found]
    assert places == sorted(places)
