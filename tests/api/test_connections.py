"""Do connections page as the Relay specification says, and stay put while events arrive?"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.engines import reader_of
from api.reading import Reading
from api.schema import schema
from benchmarks.harness import at_once
from events.sqlite_connection import connect
from projections.reading.cursors import BadCursor
from projections.reading.sqlite_reader import SqliteReader
from tests.commands import SLUG
from tests.served import Api, with_article

EXAMPLES = 2_000 if os.environ.get("SOAK") else 60
DEFAULT = 20


@dataclass(frozen=True)
class List:
    """A list that can be asked for."""

    field: str
    """With `ARGUMENTS` where the arguments of the connection go."""
    orders: tuple[str, ...]
    filters: tuple[str, ...] = ("",)

    def query(self, arguments: str, selection: str) -> str:
        return f"{{ {self.field.replace('ARGUMENTS', arguments)} {{ {selection} }} {'}' * self.field.count('{')} }}"


TIMES = ("OLDEST", "NEWEST")
LISTS = {
    "articles": List("articles(ARGUMENTS)", ("NEWEST", "OLDEST")),
    "actors": List("actors(ARGUMENTS)", ("NAME", "NEWEST"), ("", "{kind: STATE}", "{kinds: []}")),
    "relations": List(
        "relations(ARGUMENTS)",
        ("KEY", "NEWEST"),
        ("", '{actor: "russia"}', "{predicates: [SUPPORTS, BACKS]}", "{status: HAPPENED}"),
    ),
    "statements": List(
        "statements(ARGUMENTS)", TIMES, ("", '{speaker: "siala"}', "{direct: true}")
    ),
    "meetings": List("meetings(ARGUMENTS)", TIMES, ("", '{participant: "lavrov"}')),
    "commissions": List("commissions(ARGUMENTS)", ("KEY",), ("", '{selector: "gna"}')),
    "timeline": List(
        "timeline(ARGUMENTS)",
        TIMES,
        (
            "",
            '{actor: "haftar"}',
            '{from: "2020-12-30"}',
            '{during: "2020-07"}',
            "{modality: HOPED}",
        ),
    ),
    "log": List(
        "log(ARGUMENTS)", TIMES, ("", "{kinds: [StatementMade]}", '{stream: "actor/siala"}')
    ),
    "search": List('search(text: "libya", ARGUMENTS)', ("RANK",)),
    "reports of an article": List(f'article(slug: "{SLUG}") {{ reports(ARGUMENTS)', TIMES),
    "relations of an actor": List(
        'actor(slug: "russia") { relations(ARGUMENTS)', ("KEY", "NEWEST")
    ),
    "statements of an actor": List('actor(slug: "siala") { statements(ARGUMENTS)', TIMES),
    "timeline of an actor": List('actor(slug: "russia") { timeline(ARGUMENTS)', TIMES),
}
VARIABLES = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
ONE_ORDER = {"commissions", "search"}
PAGE = "totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    path = tmp_path_factory.mktemp("pages") / "communique.db"
    path.write_bytes(with_article())
    with closing(SqliteReader(connect(path, "ro"))) as reader:
        yield Reading(schema()._schema, reader)


@pytest.fixture
def beside(api: Api) -> Iterator[Reading]:
    """Reads the same views as the API."""
    with closing(reader_of(api.system.file, 2)) as reader:
        yield Reading(schema()._schema, reader)


async def asked(reading: Reading, name: str, **arguments: Any) -> Any:
    """A page of a list."""
    written = {key: arguments.pop(key, None) for key in ("orderBy", "filter")}
    if name in ONE_ORDER:
        del written["orderBy"]
    shown = [f"{key}: {value}" for key, value in written.items() if value]
    shown += [f"{key}: ${key}" for key in VARIABLES]
    declared = ", ".join(f"${key}: {type_}" for key, type_ in VARIABLES.items())
    query = f"query ({declared}) {LISTS[name].query(', '.join(shown), PAGE)}"
    found = reading.document(query)
    assert found.errors == [], query
    answer = await reading.answer(query, None, arguments)
    assert isinstance(answer, tuple)
    (page,) = orjson.loads(answer[1]).values()
    return page if "edges" in page else next(iter(page.values()))


def relay(
    whole: list[str], first: int | None, last: int | None, after: int | None, before: int | None
) -> tuple[list[str], bool, bool]:
    """(page, hasNextPage, hasPreviousPage) by the algorithm of the specification; cursors as places in the list."""
    begin = 0 if after is None else after + 1
    end = len(whole) if before is None else before
    within = whole[begin:end]
    if last is not None:
        page = within[len(within) - min(last, len(within)) :]
        return page, before is not None, len(within) > last or after is not None
    size = DEFAULT if first is None else first
    return within[:size], len(within) > size or before is not None, after is not None


@pytest.mark.property
@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=EXAMPLES // 3, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_page(data: st.DataObject, name: str, reading: Reading):
    list_ = LISTS[name]
    how = {
        "orderBy": data.draw(st.sampled_from(list_.orders)),
        "filter": data.draw(st.sampled_from(list_.filters)),
    }
    whole = at_once(asked(reading, name, first=200, **how))
    ids = [edge["node"]["id"] for edge in whole["edges"]]
    places = st.none() | st.integers(0, len(ids) - 1) if ids else st.none()
    sizes = st.none() | st.integers(0, 30)
    after, before, first = data.draw(places), data.draw(places), data.draw(sizes)
    last = data.draw(sizes) if first is None else None
    cursors = {
        key: None if place is None else whole["edges"][place]["cursor"]
        for key, place in (("after", after), ("before", before))
    }
    page = at_once(asked(reading, name, first=first, last=last, **cursors, **how))
    expected, has_next, has_previous = relay(ids, first, last, after, before)
    assert [edge["node"]["id"] for edge in page["edges"]] == expected
    assert [node["id"] for node in page["nodes"]] == expected
    assert page["totalCount"] == len(ids)
    given_cursors = [edge["cursor"] for edge in page["edges"]]
    assert page["pageInfo"] == {
        "hasNextPage": has_next,
        "hasPreviousPage": has_previous,
        "startCursor": given_cursors[0] if expected else None,
        "endCursor": given_cursors[-1] if expected else None,
    }


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("name", LISTS)
def test_walking_gives_the_list_once_in_both_directions(name: str, size: int, reading: Reading):
    for order in LISTS[name].orders:
        whole = at_once(asked(reading, name, first=200, orderBy=order))
        ids = [node["id"] for node in whole["nodes"]]
        assert len(set(ids)) == len(ids) == whole["totalCount"]
        forwards: list[str] = []
        page = at_once(asked(reading, name, first=size, orderBy=order))
        while True:
            forwards += [node["id"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            cursor = page["pageInfo"]["endCursor"]
            page = at_once(asked(reading, name, first=size, after=cursor, orderBy=order))
        assert forwards == ids
        backwards: list[str] = []
        page = at_once(asked(reading, name, last=size, orderBy=order))
        while True:
            backwards = [node["id"] for node in page["nodes"]] + backwards
            if not page["pageInfo"]["hasPreviousPage"]:
                break
            cursor = page["pageInfo"]["startCursor"]
            page = at_once(asked(reading, name, last=size, before=cursor, orderBy=order))
        assert backwards == ids


def test_orders_are_the_reverse_of_each_other(reading: Reading):
    for name in ("timeline", "log", "statements"):
        oldest, newest = (
            at_once(asked(reading, name, first=200, orderBy=order)) for order in TIMES
        )
        assert oldest["nodes"] == newest["nodes"][::-1]


def test_cursor_of_another_order_is_refused(reading: Reading):
    cursor = at_once(asked(reading, "timeline", first=1, orderBy="OLDEST"))["pageInfo"]["endCursor"]
    with pytest.raises(BadCursor, match="belongs to the order 'OLDEST'"):
        at_once(asked(reading, "timeline", after=cursor, orderBy="NEWEST"))


@pytest.mark.parametrize("name", ["log", "actors", "relations", "search"])
def test_cursor_of_another_list_is_refused(name: str, reading: Reading):
    cursor = at_once(asked(reading, "timeline", first=1))["pageInfo"]["endCursor"]
    with pytest.raises(BadCursor):
        at_once(asked(reading, name, after=cursor))


def test_cursor_of_a_list_in_the_same_order_is_a_place_in_this_one(reading: Reading):
    timeline = at_once(asked(reading, "timeline", first=200))
    statements = [node["id"] for node in at_once(asked(reading, "statements", first=200))["nodes"]]
    edge = timeline["edges"][30]
    rest = at_once(asked(reading, "statements", first=200, after=edge["cursor"]))
    beyond = {each["node"]["id"] for each in timeline["edges"][31:]}
    assert [node["id"] for node in rest["nodes"]] == [id_ for id_ in statements if id_ in beyond]


NUMBERS = count()


async def something_happens(api: Api) -> None:
    """Reports at the beginning, in the middle and at the end of the timeline, a correction, a retraction, and actors."""
    n = next(NUMBERS)
    report = 'evidence: [{exact: "Wagner Group"}], situation: "s"'
    reports = ", ".join(
        f'{{situationAttested: {{ref: "n{n}-{k}", {report}, actors: ["russia"],'
        f' when: {{edtf: "{day}", role: OCCURRED, basis: STATED}}}}}}'
        for k, day in enumerate(("1999", "2020-12-30", "2030"))
    )
    earlier = f'correct(input: {{article: "{SLUG}", report: "n{n - 1}-2", reason: "x", changes: {{situationAttested: {{when: {{edtf: "2001", role: OCCURRED, basis: STATED}}}}}}}}) {{ __typename }}'
    await api.ask(
        f"""mutation {{
          a: record(input: {{article: "{SLUG}", reports: [{reports}]}}) {{ ... on Recorded {{ first }} }}
          b: {earlier}
          c: registerActors(input: {{actors: [{{slug: "aa{n}", kind: STATE, name: "A{n}"}}, {{slug: "zz{n}", kind: STATE, name: "Z{n}"}}]}}) {{ __typename }}
          d: retract(input: {{article: "{SLUG}", report: "n{n - 1}-1", reason: "x"}}) {{ __typename }}
        }}"""
    )


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "name",
    ["actors", "timeline", "log", "search", "reports of an article", "timeline of an actor"],
)
async def test_pages_stay_put_while_events_arrive(
    name: str,
    backward: bool,  # noqa: FBT001
    api: Api,
    beside: Reading,
):
    for order in LISTS[name].orders:
        whole = await asked(beside, name, first=200, orderBy=order)
        size, place, turn = (
            ("last", "before", "startCursor") if backward else ("first", "after", "endCursor")
        )
        more = "hasPreviousPage" if backward else "hasNextPage"
        found: list[str] = []
        page = await asked(beside, name, **{size: 25}, orderBy=order)
        while True:
            nodes = [node["id"] for node in page["nodes"]]
            found = nodes + found if backward else found + nodes
            assert page["totalCount"] == whole["totalCount"]
            if not page["pageInfo"][more]:
                break
            await something_happens(api)
            cursor = page["pageInfo"][turn]
            page = await asked(beside, name, **{size: 25, place: cursor}, orderBy=order)
        assert found == [node["id"] for node in whole["nodes"]]


async def test_cursor_keeps_the_moment_that_was_asked_for(api: Api):
    then = "asOf: {position: 80}"
    whole = await api.ask(f"{{ timeline(first: 200, {then}) {{ totalCount nodes {{ id }} }} }}")
    page = await api.ask(
        f"{{ timeline(first: 10, {then}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
    )
    rest = await api.ask(
        "query ($a: String!) { timeline(first: 200, after: $a) { totalCount nodes { id } } }",
        a=page["timeline"]["pageInfo"]["endCursor"],
    )
    assert rest["timeline"]["totalCount"] == whole["timeline"]["totalCount"] < 76
    assert page["timeline"]["nodes"] + rest["timeline"]["nodes"] == whole["timeline"]["nodes"]
