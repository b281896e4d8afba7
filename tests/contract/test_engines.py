"""Do all engines say the same of the same log, to the byte, however it was folded?"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from api.reading import Reading
from api.schema import schema
from projections.reading.reader import Reader
from tests.feeds import Followed, operations_on
from tests.histories import History
from tests.nodes import NODES, said
from tests.strategies import NAMES, WORDS, histories
from tests.views import ENGINES, Opened

sizes = st.integers(1, 50)
shares = st.integers(0, 100)

WHY = "because { effect rule event { ref } entry { position } evidence { exact start end } }"
VERSION = "position until recordedAt cause { position recordedAt }"
QUERIES: Final = {
    "present": "query { status { head position projections { name version position } } log(first: 200) { nodes { record leafHash kind } } "
    + " ".join(f"{name}(first: 50) {{ totalCount nodes {{ {said(type_)} }} edges {{ cursor }} }}" for name, (type_, _) in NODES.items())
    + "}",
    "past": "query ($p: Position!) {"
    + " ".join(
        f"{name}(last: 200, asOf: {{position: $p}}{more}) {{ totalCount nodes {{ id {said(type_)} }} edges {{ cursor }} pageInfo {{ hasPreviousPage startCursor }} }}"
        for name, (type_, more) in NODES.items()
    )
    + "}",
    "grounds": f"""query ($p: Position!) {{
      actors(asOf: {{position: $p}}) {{ nodes {{ {WHY} relations {{ totalCount nodes {{ key count holds }} }}
        timeline(last: 3) {{ totalCount edges {{ cursor node {{ ref }} }} }} statements {{ nodes {{ ref }} }} }} }}
      relations(asOf: {{position: $p}}, on: "2020") {{ nodes {{ key holds count {WHY} }} }}
      commissions(asOf: {{position: $p}}) {{ nodes {{ size sessions {{ ref }} seats {{ number }} {WHY} }} }} }}""",
    "history": f"""query ($p: Position!) {{
      actors(asOf: {{position: $p}}) {{ nodes {{ history {{ {VERSION} actor {{ name }} }} }} }}
      timeline(first: 50, asOf: {{position: $p}}, filter: {{includeRetracted: true}}) {{ nodes {{ history {{ {VERSION} report {{ ref }} }} }} }} }}""",
    "diff": """query ($p: Position!, $q: Position!) { diff(from: $p, to: $q, first: 100) { totalCount pageInfo { endCursor }
      nodes { change position causes { position kind } before { id __typename } after { id __typename } } } }""",
    "search": """query ($text: String!, $p: Position!) { now: search(text: $text) { totalCount nodes { id } edges { cursor } }
      then: search(text: $text, asOf: {position: $p}) { totalCount nodes { id } } }""",
}  # fmt: skip


def tries(share: float) -> settings:
    """A share of the examples that the profile has; one that fails is not cut down, which takes minutes with a database each."""
    profile = settings.default or settings()
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    return settings(max_examples=round(profile.max_examples * share), phases=phases)


class Deferred:
    """Plans every query once, for readers that change with the examples."""

    def __init__(self) -> None:
        self.readings: dict[str, Reading] = {}

    def __call__(self, engine: str, reader: Reader) -> Reading:
        reading = self.readings.setdefault(engine, Reading(schema()._schema, reader))
        reading._reader = reader
        return reading


READINGS = Deferred()


@asynccontextmanager
async def told(history: History, batches: list[int]) -> AsyncIterator[dict[str, Opened]]:
    """The views of a history, on every engine in batches of another size."""
    async with AsyncExitStack() as stack:
        opened = {}
        for (name, engine), batch in zip(ENGINES.items(), batches, strict=True):
            open_views = await stack.enter_async_context(engine())
            it = await stack.enter_async_context(open_views(batch))
            await it.log.restore(history.records)
            await it.views.catch_up()
            opened[name] = it
        yield opened


async def answers(opened: dict[str, Opened], query: str, **variables: Any) -> list[Any]:
    """What every engine answers."""
    found = []
    for name, it in opened.items():
        reader = it.reader()
        reading = READINGS(name, reader)
        assert reading.document(query).errors == []
        found.append(await reading.answer(query, None, variables))
        reader.close()
    return found


def texts() -> st.SearchStrategy[str]:
    """Texts to search for, in words that histories have."""
    word = st.sampled_from(
        [*"annorthtwopeacewar", *WORDS, *NAMES, "bob", "EVE", "ann_bob", "_", "é"]
    )
    term = st.tuples(st.sampled_from(["", "", "-"]), word, st.sampled_from(["", "", "*"]))
    phrase = st.lists(word, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
    terms = st.lists(term.map("".join) | phrase, max_size=3)
    return st.tuples(word, terms).map(lambda each: " ".join(["ann", *each[1], each[0]]))


@pytest.mark.property
@tries(0.075)
@given(
    histories(), st.tuples(sizes, sizes), st.tuples(shares, shares), st.lists(texts(), max_size=5)
)
async def test_any_history_reads_the_same(
    history: History, batches: tuple[int, int], moments: tuple[int, int], searched: list[str]
) -> None:
    start, end = sorted(len(history.records) * share // 100 for share in moments)
    async with told(history, list(batches)) as opened:
        one, other = [await it.digests() for it in opened.values()]
        assert one == other
        for name, query in QUERIES.items():
            for text in searched if name == "search" else [""]:
                given = {"p": start, "q": end, "text": text}
                used = {key: value for key, value in given.items() if f"${key}:" in query}
                one, other = await answers(opened, query, **used)
                assert isinstance(one, tuple)
                assert one == other, (name, given)
        rebuilt = [await it.views.rebuild() for it in opened.values()]
        assert all(each.agrees for views in rebuilt for each in views)
        assert rebuilt[0] == rebuilt[1]


FOLLOWED: Final = {
    "actors": f"actorChanges(after: $after, filter: {{kind: PERSON}}) {{ __typename ... on ActorAdded {{ cursor position after {{ slug name aliases {{ name }} }} {WHY} }}"
    f" ... on ActorChanged {{ cursor position before {{ name }} after {{ name }} {WHY} }}"
    f" ... on ActorRemoved {{ cursor position before {{ slug }} cause {{ kind }} {WHY} }} ... on CaughtUp {{ cursor position }} }}",
    "relations": f'relationChanges(after: $after, filter: {{actor: "ann"}}) {{ __typename ... on RelationAdded {{ cursor position after {{ key certainty }} {WHY} }}'
    f" ... on RelationChanged {{ cursor position before {{ key }} after {{ key status }} {WHY} }}"
    f" ... on RelationRemoved {{ cursor position before {{ key }} {WHY} }} ... on Gap {{ cursor position from to reason }} ... on CaughtUp {{ cursor position }} }}",
    "reports": f"reportChanges(after: $after, filter: {{includeRetracted: true}}) {{ __typename ... on ReportAdded {{ cursor position after {{ ref kind }} {WHY} }}"
    f" ... on ReportChanged {{ cursor position before {{ ref }} after {{ ref certainty }} {WHY} }} ... on CaughtUp {{ cursor position }} }}",
}


@pytest.mark.property
@tries(0.05)
@given(histories(), st.tuples(sizes, sizes), st.none() | shares)
async def test_any_change_is_told_the_same(
    history: History, batches: tuple[int, int], share: int | None
) -> None:
    after = None if share is None else str(len(history.records) * share // 100)
    async with told(history, list(batches)) as opened:
        for name, fields in FOLLOWED.items():
            document = f"subscription ($after: String) {{ {fields} }}"
            updates = []
            for engine, it in opened.items():
                with closing(it.reader()) as reader:
                    operations = operations_on(engine, it, reader)
                    updates.append(await Followed(it, operations).told(document, after=after))
            one, other = updates
            assert one == other, name
