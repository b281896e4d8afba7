"""Do differences and histories tell the same past as reading it moment by moment?  For random histories, on a real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.reading import Reading
from api.schema import schema
from projections.reading.sqlite_reader import SqliteReader
from tests.histories import History
from tests.nodes import NODES, State, read, said, state
from tests.strategies import histories
from tests.views import opened

pytestmark = pytest.mark.property

shares = st.integers(0, 100)

NOTHING: Any = None
READING = Reading(schema()._schema, NOTHING)
"""Plans every query once, though each example has a database of its own."""


def tries(share: float) -> settings:
    """A share of the examples that the profile has, where each one takes long."""
    profile = settings.default or settings()
    return settings(max_examples=round(profile.max_examples * share))


@asynccontextmanager
async def told(history: History) -> AsyncIterator[Reading]:
    """Reads the views of a history."""
    with TemporaryDirectory() as directory:
        async with opened(Path(directory) / "log.db") as it:
            await it.append(history.records)
            await it.views.catch_up()
            with closing(SqliteReader(it.file.reader(), patience=20)) as reader:
                READING._reader = reader
                yield READING


async def differences(
    reading: Reading, start: int, end: int, size: int, shown: str = ""
) -> AsyncIterator[Any]:
    """Every difference of a span, read page by page; one of its sides is shown whole."""
    sides = " ".join(
        f"{side} {{ id {said('Node') if side == shown else ''} }}" for side in ("before", "after")
    )
    query = f"""query ($p: Position!, $q: Position!, $n: Int!, $after: String) {{
      diff(from: $p, to: $q, first: $n, after: $after) {{
        totalCount pageInfo {{ hasNextPage endCursor }}
        nodes {{ change position causes {{ position }} {sides} }}
      }} }}"""
    after, count = None, 0
    while True:
        page = (await read(reading, query, p=start, q=end, n=size, after=after))["diff"]
        for node in page["nodes"]:
            yield node
        count += len(page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert page["totalCount"] == count


def alike(nodes: State) -> State:
    """Nodes as fields of `Node` show them, whatever list they were read from."""
    return {id_: plain(node) for id_, node in nodes.items()}


def plain(node: Any) -> Any:
    """A node without the prefixes of its keys."""
    return {key.split("_")[-1]: value for key, value in node.items() if key != "__typename"}


@tries(0.1)
@given(histories(), shares, shares, st.integers(1, 50))
async def test_differences_lead_from_one_state_to_the_other(
    history: History, one: int, other: int, size: int
) -> None:
    start, end = sorted(len(history.records) * share // 100 for share in (one, other))
    async with told(history) as reading:
        before, after = [alike(await state(reading, position)) for position in (start, end)]
        sides = [
            [each async for each in differences(reading, start, end, size, side)]
            for side in ("before", "after")
        ]
        found = list(zip(*sides, strict=True))
    applied = dict(before)
    for first, each in found:
        was, now = first["before"], each["after"]
        id_ = (was or now)["id"]
        assert each["change"] == ("ADDED" if not was else "CHANGED" if now else "REMOVED")
        assert before.get(id_) == (plain(was) if was else None)
        assert before.get(id_) != after.get(id_)
        applied.pop(id_, None)
        if now:
            applied[id_] = plain(now)
    assert applied == after


@tries(0.1)
@given(histories(), shares)
async def test_causes_are_the_events_that_touched_it(history: History, share: int) -> None:
    end = len(history.records)
    start = end * share // 100
    async with told(history) as reading:
        states = {position: await state(reading, position) for position in range(start, end + 1)}
        found = [each async for each in differences(reading, start, end, 200)]
    for each in found:
        causes = [cause["position"] for cause in each["causes"]]
        id_ = (each["before"] or each["after"])["id"]
        seen = {n for n in states if n > start and states[n].get(id_) != states[n - 1].get(id_)}
        assert seen <= set(causes) <= set(range(start + 1, end + 1))
        assert causes == sorted(set(causes))
        assert causes[-1] == each["position"]
    places = [(each["position"], (each["before"] or each["after"])["id"]) for each in found]
    assert places == sorted(places)


WITH_HISTORY = {"actors": "actor", "relations": "relation", "timeline": "report"}
"""Lists of nodes with a history, and the field of a version that gives the node as it says it."""


PARTS = ("aliases", "disputes")
"""Rows of their own, whose changes are no versions of the node that shows them."""


async def told_of(reading: Reading, position: int) -> dict[str, list[Any]]:
    """The history of every node that has one, by id, as of a position."""
    found: dict[str, list[Any]] = {}
    for name, field in WITH_HISTORY.items():
        type_, more = NODES[name]
        version = f"position until recordedAt cause {{ position recordedAt }} {field} {{ id {said(type_, *PARTS)} }}"
        query = f"""query ($p: Position!) {{
          {name}(first: 200, asOf: {{position: $p}}{more}) {{ nodes {{ id history {{ {version} }} }} }} }}"""
        nodes = (await read(reading, query, p=position))[name]["nodes"]
        found |= {node["id"]: [(v, v[field]) for v in node["history"]] for node in nodes}
    return found


@tries(0.1)
@given(histories(), shares)
async def test_histories_agree_with_reading_each_moment(history: History, share: int) -> None:
    end = len(history.records) * share // 100
    async with told(history) as reading:
        states = {position: await state(reading, position) for position in range(1, end + 1)}
        histories = await told_of(reading, end)
    for id_, versions in histories.items():
        starts = [version["position"] for version, _ in versions]
        assert starts == sorted(set(starts))
        assert all(version["until"] is not None for version, _ in versions[:-1])
        assert versions[-1][0]["until"] is None
        for version, _ in versions:
            began = {name: version[name] for name in ("position", "recordedAt")}
            assert version["cause"] == began
        for position, nodes in states.items():
            standing = [
                node
                for version, node in versions
                if version["position"] <= position < (version["until"] or end + 1)
            ]
            known = nodes.get(id_)
            assert standing == ([without_parts(known)] if known else [])


def without_parts(node: Any) -> Any:
    return {key: value for key, value in node.items() if key.split("_")[-1] not in PARTS}
