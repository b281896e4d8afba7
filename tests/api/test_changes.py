"""What is told of a list that is followed?  Given a history, when somebody follows, then these changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from api.access.callers import ANONYMOUS
from api.live import listeners
from api.live.interests import Token
from api.requests import Asked
from events.actor import AddAliases, MergeActors, UndoMerge
from events.actors import AliasAdded
from events.article_commands import CorrectReport, RetractReport
from events.occurrences import SupportExtended, SupportWithdrawn
from events.refusals import LogUnavailable
from events.vocabulary import AnyReport
from tests.feeds import Followed, Told, following
from tests.histories import SLUG, History, report
from tests.views import ENGINES

ACTORS = ("ann", "bob", "cy", "dee")
NODE = "{ id subject { slug } certainty }"
RELATIONS = f"""subscription ($after: String, $filter: RelationFilter, $maxLag: Position) {{
  relationChanges(after: $after, filter: $filter, maxLag: $maxLag) {{
    __typename ... on Update {{ cursor position }} ... on Gap {{ from to reason }}
    ... on RelationAdded {{ after {NODE} cause {{ kind }} because {{ effect event {{ ref }} }} }}
    ... on RelationChanged {{ before {NODE} after {NODE} because {{ effect event {{ ref }} }} }}
    ... on RelationRemoved {{ before {NODE} cause {{ kind }} because {{ effect event {{ ref }} }} }} }} }}"""
ACTOR_CHANGES = """subscription ($after: String, $filter: ActorFilter) {
  actorChanges(after: $after, filter: $filter) {
    __typename ... on Update { cursor position }
    ... on ActorAdded { after { slug } }
    ... on ActorChanged { before { name aliases { name } } after { name aliases { name } } }
    ... on ActorRemoved { before { slug } } } }"""
REPORTS = """subscription ($after: String, $filter: TimelineFilter) {
  reportChanges(after: $after, filter: $filter) {
    __typename ... on Update { cursor position }
    ... on ReportAdded { after { ref ... on SupportExtended { means } } }
    ... on ReportChanged { before { ref retraction { reason } } after { ref retraction { reason } corrections { reason } } }
    ... on ReportRemoved { before { ref } because { rule } } } }"""


@pytest.fixture(params=ENGINES)
async def followed(request: pytest.FixtureRequest) -> AsyncIterator[Followed]:
    async with following(request.param) as followed:
        yield followed


@pytest.fixture
def history() -> History:
    """Six events: four actors, an article, and who supports whom."""
    return History().article().actors(*ACTORS).reports(support("s", "ann", "bob"))


def support(ref: str, supporter: str, beneficiary: str, **more: Any) -> AnyReport:
    parties = {"supporter": supporter, "beneficiary": beneficiary}
    return report(SupportExtended, ref, **parties, means="arms", **more)


def kinds(told: list[Told]) -> list[tuple[str, str]]:
    return [(each.kind, each.cursor) for each in told]


def grounds(told: Told) -> list[tuple[str, str]]:
    return [(each["effect"], each["event"]["ref"]) for each in told.value["because"]]


async def test_list_comes_first_to_who_has_seen_nothing(followed: Followed, history: History):
    await followed.know(history.reports(support("t", "cy", "dee")))
    told = await followed.told(RELATIONS)
    assert kinds(told) == [
        ("RelationAdded", "7@supports.ann.bob"),
        ("RelationAdded", "7@supports.cy.dee"),
        ("CaughtUp", "7"),
    ]
    assert told[0].value["cause"] == {"kind": "SupportExtended"}
    assert grounds(told[0]) == [("OPENED", "s")]


async def test_position_of_a_query_is_where_changes_begin(followed: Followed, history: History):
    await followed.know(history)
    asked = Asked("{ relations { totalCount } }", None, {})
    answer = await followed.operations.answer(followed.operations.call(asked, ANONYMOUS))
    assert answer.cursor == "6"
    await followed.know(history.reports(support("t", "cy", "dee")))
    told = await followed.told(RELATIONS, after=answer.cursor)
    assert kinds(told) == [("RelationAdded", "7"), ("CaughtUp", "7")]


async def test_more_words_for_it_are_no_change(followed: Followed, history: History):
    await followed.know(history.reports(support("t", "ann", "bob")))
    assert kinds(await followed.told(RELATIONS, after="6")) == [("CaughtUp", "7")]


async def test_change_has_both_sides_and_its_grounds(followed: Followed, history: History):
    await followed.know(
        history.do(CorrectReport(SLUG, "s", {"certainty": "probable"}, "not so sure"))
    )
    changed, _ = await followed.told(RELATIONS, after="6")
    assert changed.kind == "RelationChanged"
    sides = (changed.value["before"]["certainty"], changed.value["after"]["certainty"])
    assert sides == ("CERTAIN", "PROBABLE")
    assert grounds(changed) == [("OPENED", "s")]


async def test_end_of_a_relation_is_a_change_that_the_filter_makes_a_removal(
    followed: Followed, history: History
):
    withdrawn = report(SupportWithdrawn, "w", supporter="ann", beneficiary="bob")
    await followed.know(history.reports(withdrawn))
    every = await followed.told(RELATIONS, after="6")
    holding = await followed.told(RELATIONS, after="6", filter={"status": "HOLDS"})
    ended = await followed.told(RELATIONS, after="6", filter={"status": "ENDED"})
    assert [told[0].kind for told in (every, holding, ended)] == [
        "RelationChanged",
        "RelationRemoved",
        "RelationAdded",
    ]
    assert grounds(every[0]) == [("CLOSED", "w")]


async def test_retraction_removes_with_the_grounds_that_it_takes(
    followed: Followed, history: History
):
    await followed.know(history.do(RetractReport(SLUG, "s", "a hoax")))
    removed, _ = await followed.told(RELATIONS, after="6")
    assert (removed.kind, removed.value["cause"]) == (
        "RelationRemoved",
        {"kind": "ReportRetracted"},
    )
    assert removed.value["before"]["subject"] == {"slug": "ann"}
    assert grounds(removed) == [("OPENED", "s")]


async def test_many_changes_of_one_event_can_be_parted(followed: Followed, history: History):
    more = (support(f"s{n}", "bob", slug) for n, slug in enumerate(("cy", "dee")))
    await followed.know(history.reports(*more).do(MergeActors("bob", "ann", "the same")))
    told = await followed.told(RELATIONS, after="8")
    assert kinds(told) == [
        ("RelationRemoved", "9:supports.ann.bob"),
        ("RelationAdded", "9:supports.ann.cy"),
        ("RelationAdded", "9:supports.ann.dee"),
        ("RelationRemoved", "9:supports.bob.cy"),
        ("RelationRemoved", "9"),
        ("CaughtUp", "9"),
    ]
    for number, each in enumerate(told[:-1], 1):
        rest = await followed.told(RELATIONS, after=each.cursor)
        assert kinds(rest) == kinds(told[number:])


async def test_filter_whose_actor_is_merged_tells_a_gap(followed: Followed, history: History):
    await followed.know(history.reports(support("t", "cy", "dee")))
    updates = followed.follow(RELATIONS, after="7", filter={"subject": "ann"})
    async with aclosing(updates):
        assert (await anext(updates)).kind == "CaughtUp"
        for does, position in (
            (MergeActors("ann", "cy", "the same"), 8),
            (UndoMerge("ann", "not"), 9),
        ):
            await followed.know(history.do(does))
            async with asyncio.timeout(10):
                gap = await anext(updates)
            assert gap.value == {
                "__typename": "Gap",
                "cursor": str(position),
                "position": position,
                "from": position - 1,
                "to": position,
                "reason": "MERGE",
            }
        await followed.know(history.reports(support("u", "ann", "dee")))
        async with asyncio.timeout(10):
            assert (await anext(updates)).cursor == "10"


async def test_who_is_too_far_behind_is_told_of_the_gap(followed: Followed, history: History):
    await followed.know(history)
    assert [each.kind for each in await followed.told(RELATIONS, after="3", maxLag=3)] == [
        "RelationAdded",
        "CaughtUp",
    ]
    gap, end = await followed.told(RELATIONS, after="2", maxLag=3)
    assert (gap.value["from"], gap.value["to"], gap.value["reason"]) == (2, 6, "LAG")
    assert (end.kind, end.cursor) == ("CaughtUp", "6")
    gap, _ = await followed.told(RELATIONS, after="2:within", maxLag=3)
    assert gap.value["from"] == 1


async def test_listener_is_told_what_happens_and_only_that_which_fits(
    followed: Followed, history: History
):
    await followed.know(history)
    updates = followed.follow(RELATIONS, after="6", filter={"object": "dee"})
    async with aclosing(updates):
        assert (await anext(updates)).kind == "CaughtUp"
        waiting = asyncio.ensure_future(anext(updates))
        await followed.know(history.reports(support("t", "ann", "cy")))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await followed.know(history.reports(support("u", "ann", "dee")))
        async with asyncio.timeout(10):
            assert (await waiting).cursor == "8"


async def test_aliases_are_changes_of_the_actor(followed: Followed, history: History):
    alias = AliasAdded.model_validate({"alias": "Annie", "alias_kind": "short"})
    await followed.know(history.do(AddAliases("ann", (alias,))))
    changed, _ = await followed.told(ACTOR_CHANGES, after="6", filter={"slugs": ["ann"]})
    assert (changed.value["before"]["aliases"], changed.value["after"]["aliases"]) == (
        [],
        [{"name": "Annie"}],
    )


async def test_merged_actor_is_removed(followed: Followed, history: History):
    await followed.know(history.do(MergeActors("ann", "bob", "the same")))
    removed, _ = await followed.told(ACTOR_CHANGES, after="6", filter={"slugs": ["ann"]})
    assert (removed.kind, removed.value["before"]) == ("ActorRemoved", {"slug": "ann"})


async def test_reports_come_are_corrected_and_go(followed: Followed, history: History):
    await followed.know(
        history.do(
            CorrectReport(SLUG, "s", {"means": "money"}, "misread"),
            RetractReport(SLUG, "s", "a hoax"),
        )
    )
    told = await followed.told(REPORTS, after="5", filter={"actor": "ann"})
    assert kinds(told[:-1]) == [
        ("ReportAdded", "6"),
        ("ReportChanged", "7"),
        ("ReportRemoved", "8"),
    ]
    assert told[0].value["after"] == {"ref": "s", "means": "arms"}
    assert told[1].value["after"]["corrections"] == [{"reason": "misread"}]
    told = await followed.told(REPORTS, after="7", filter={"includeRetracted": True})
    assert told[0].value["after"]["retraction"] == {"reason": "a hoax"}


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("", "BAD_CURSOR"),
        ("-1", "BAD_CURSOR"),
        ("6:", "OK"),
        ("6;x", "BAD_CURSOR"),
        ("06", "BAD_CURSOR"),
        ("9" * 30, "BAD_CURSOR"),
        ("6@nobody\n", "OK"),
        ("6:x'; --", "OK"),
        ("7", "POSITION_NOT_REACHED"),
    ],
)
async def test_cursors_that_are_none(after: str, code: str, followed: Followed, history: History):
    await followed.know(history)
    object.__setattr__(followed.operations._context, "patience", 0.05)
    asked = Asked(RELATIONS, None, {"after": after})
    async with aclosing(followed.operations.answers(asked, ANONYMOUS)) as answers:
        answer = await anext(answers)
    assert [each["extensions"]["code"] for each in answer.errors] == (
        [] if code == "OK" else [code]
    )


async def test_cursor_of_a_position_that_comes_is_waited_for(followed: Followed, history: History):
    """Another process may have answered the query, and be a little ahead."""
    await followed.know(history)
    waiting = asyncio.ensure_future(followed.told(RELATIONS, after="7"))
    await asyncio.sleep(0.05)
    await followed.know(history.reports(support("t", "ann", "dee"), support("u", "ann", "cy")))
    assert kinds(await waiting) == [("RelationAdded", "8"), ("CaughtUp", "8")]


async def test_look_that_fails_wakes_everybody(
    followed: Followed,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """Nobody is forgotten because it could not be seen whom an event concerns."""
    await followed.know(history)

    async def fails(*_: object) -> set[Token]:
        raise LogUnavailable("the disk does not do as it should")

    monkeypatch.setattr(followed.operations._context.listeners, "_look", fails)
    monkeypatch.setattr(listeners, "PAUSE", 0.01)
    updates = followed.follow(RELATIONS, after="6", filter={"object": "dee"})
    async with aclosing(updates):
        assert (await anext(updates)).kind == "CaughtUp"
        waiting = asyncio.ensure_future(anext(updates))
        await asyncio.sleep(0.05)
        await followed.know(history.reports(support("t", "ann", "dee")))
        async with asyncio.timeout(10):
            assert (await waiting).cursor == "7"
    assert "positions 6 to 7" in caplog.text
