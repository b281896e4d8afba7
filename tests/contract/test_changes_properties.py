"""Do the changes of a list add up to the list?  For random histories and filters, on a real database, from wherever it is begun."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AsyncExitStack, aclosing
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import literal_column

from api.live import updates
from events.record import Recorded
from projections.reading.places import LAST
from projections.views import changes
from tests import feeds
from tests.faults.processes import SOAK
from tests.feeds import Followed, Told, following
from tests.histories import History
from tests.nodes import said
from tests.strategies import ACTORS, ARTICLES, histories, long_history
from tests.views import ENGINES

pytestmark = pytest.mark.property


class List(NamedTuple):
    """A list that is followed."""

    type: str
    changes: str
    page: str
    filter: str
    filters: list[dict[str, Any]]


LISTS = (
    List(
        "Actor",
        "actorChanges",
        "actors",
        "ActorFilter",
        [{"kind": "STATE"}, {"kinds": ["PERSON", "BODY"]}, {"slugs": ["ann", "bob"]}],
    ),
    List(
        "Relation",
        "relationChanges",
        "relations",
        "RelationFilter",
        [
            *({name: slug} for name in ("subject", "object", "actor") for slug in ACTORS[:3]),
            {"status": "HOLDS"},
            {"predicates": ["SUPPORTS", "MET_WITH", "HOLDS_OFFICE"], "certainty": "CERTAIN"},
            {"claimedBy": "ann"},
            {"via": "bob"},
        ],
    ),
    List(
        "Report",
        "reportChanges",
        "timeline",
        "TimelineFilter",
        [
            *({"actor": slug} for slug in ACTORS[:3]),
            *({"article": slug} for slug in ARTICLES),
            {"kinds": ["MeetingHeld", "StatementMade"], "includeRetracted": True},
            {"modality": "ASSERTED", "from": "2020-01-01", "to": "2020-12-31"},
            {"during": "2020"},
        ],
    ),
)


REPORT = """kind certainty modality status note when { edtf } mentions { slug } evidence { exact }
  corrections { number undone { reason } } retraction { reason } disputes { reason settlement { by } }"""
"""What is compared of a report: all fields of all kinds, twice, are more than a query may ask for."""


def shown(list_: List) -> str:
    return REPORT if list_.type == "Report" else said(list_.type)


def document(list_: List) -> str:
    type_, node = list_.type, f"{{ id {shown(list_)} }}"
    return f"""subscription ($after: String, $filter: {list_.filter}) {{
      {list_.changes}(after: $after, filter: $filter) {{
        __typename ... on Update {{ cursor position }} ... on Gap {{ from to }}
        ... on {type_}Added {{ after {node} cause {{ position }} because {{ rule }} }}
        ... on {type_}Changed {{ before {node} after {node} cause {{ position }} }}
        ... on {type_}Removed {{ before {node} cause {{ position }} }} }} }}"""


async def listed(followed: Followed, list_: List, filter_: Any, position: int) -> dict[str, Any]:
    """The list as of a position, by id."""
    query = f"""query ($filter: {list_.filter}, $p: Position!) {{
      {list_.page}(filter: $filter, first: 200, asOf: {{position: $p}}) {{
        nodes {{ id {shown(list_)} }} }} }}"""
    found = await followed.read(query, filter=filter_, p=position)
    return {node["id"]: node for node in found[list_.page]["nodes"]}


def applied(told: Told, held: dict[str, Any]) -> None:
    """What a client holds after one more change, which must follow on what it held."""
    before, after = told.value.get("before"), told.value.get("after")
    assert told.kind.endswith(
        {(0, 1): "Added", (1, 1): "Changed", (1, 0): "Removed"}[bool(before), bool(after)]
    )
    if before is not None:
        assert held.pop(before["id"]) == before
    if after is not None:
        assert after["id"] not in held
        assert after != before or "evidence" in after  # of a report, not all is compared
        held[after["id"]] = after


@pytest.fixture
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few nodes are compared at once, in short stretches of the log."""
    monkeypatch.setattr(updates, "SPAN", 4)
    monkeypatch.setattr(changes, "MOST", 2)
    monkeypatch.setattr(changes, "_MOST", literal_column("2"))
    monkeypatch.setattr(feeds, "KNOWN", {})  # which is planned into statements


lists = st.sampled_from(LISTS).flatmap(
    lambda list_: st.tuples(st.just(list_), st.none() | st.sampled_from(list_.filters))
)


def tries(share: float) -> settings:
    """A share of the examples that the profile has, where each one takes long."""
    profile = settings.default or settings()
    return settings(max_examples=round(profile.max_examples * share))


@pytest.mark.usefixtures("_few_at_once")
@pytest.mark.parametrize("engine", ENGINES)
@tries(0.075)
@given(histories(), lists, st.integers(0, 100), st.integers(0, 100))
async def test_changes_add_up_to_the_list(
    engine: str, history: History, list_: tuple[List, Any], share: int, cut: int
) -> None:
    which, filter_ = list_
    async with following(engine) as followed:
        await followed.know(history)
        start = len(history.records) * share // 100
        told = await followed.told(document(which), after=str(start), filter=filter_)
        await _lead_from_one_state_to_the_next(followed, which, filter_, start, told)
        broken = told[: len(told) * cut // 100]
        last = broken[-1].cursor if broken else str(start)
        rest = await followed.told(document(which), after=last, filter=filter_)
        assert broken + rest == told + ([] if broken != told else told[-1:])

        first = await followed.told(document(which), filter=filter_)
        held: dict[str, Any] = {}
        for each in first[:-1]:
            applied(each, held)
        assert held == await listed(followed, which, filter_, len(history.records))
        some = first[: len(first) * cut // 100]
        if some:
            rest = await followed.told(document(which), after=some[-1].cursor, filter=filter_)
            assert some + rest == first + ([] if some != first else first[-1:])


async def _lead_from_one_state_to_the_next(
    followed: Followed, which: List, filter_: Any, start: int, told: list[Told]
) -> None:
    held = await listed(followed, which, filter_, start)
    last = start, ""
    for each, following_ in pairwise(told):
        place = each.position, each.cursor.partition(":")[2] or LAST
        assert place > last
        last = place
        if each.kind == "Gap":
            assert (each.value["from"], each.value["to"]) == (each.position - 1, each.position)
            held = await listed(followed, which, filter_, each.position)
        else:
            assert each.value["cause"] == {"position": each.position}
            applied(each, held)
        if following_.position > each.position:
            assert held == await listed(followed, which, filter_, each.position)
    end = told[-1]
    assert (end.kind, end.cursor) == ("CaughtUp", str(end.position))
    assert held == await listed(followed, which, filter_, end.position)


@pytest.mark.parametrize("seed", range(200 if SOAK else 1))
async def test_who_listens_is_told_at_once(seed: int) -> None:
    """Nobody has to wait until something else wakes them, whatever they listen to."""
    history = long_history(Random(seed), 120)
    asked = [(each, filter_) for each in LISTS for filter_ in (None, *each.filters)]
    async with following("sqlite") as followed:
        await followed.know(history)
        due = [
            deque((await followed.told(document(each), after="0", filter=filter_))[:-1])
            for each, filter_ in asked
        ]
    async with following("sqlite") as followed, AsyncExitStack() as stack:
        listeners = [
            await stack.enter_async_context(
                aclosing(followed.follow(document(each), after="0", filter=filter_))
            )
            for each, filter_ in asked
        ]
        for updates in listeners:
            assert (await anext(updates)).kind == "CaughtUp"
        waiting = [asyncio.ensure_future(anext(updates)) for updates in listeners]
        last = 0
        for records in batches(history, Random(seed)):
            await asyncio.sleep(0.01)  # now all of them wait
            await followed.system.append(records)
            await followed.system.views.catch_up()
            last += len(records)
            for number, left in enumerate(due):
                while left and left[0].position <= last:
                    async with asyncio.timeout(10):
                        told = await waiting[number]
                    expected = left.popleft()
                    assert (told.kind, told.cursor) == (expected.kind, expected.cursor)
                    waiting[number] = asyncio.ensure_future(anext(listeners[number]))
        assert not any(due)
        assert not any(each.done() for each in waiting)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def batches(history: History, random: Random) -> Iterator[list[Recorded]]:
    left = list(history.records)
    while left:
        size = random.randint(1, 8)
        yield left[:size]
        del left[:size]
