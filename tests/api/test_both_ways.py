"""Do all ways of answering agree: the databases that finish the text, to the byte, and Strawberry's executor?"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from api import later
from api.collecting import FIRST
from api.context import Context
from api.incremental import payloads
from api.later import Later
from api.live.older import Older
from api.reading import Reading
from api.requests import Asked
from api.schema import schema
from events.refusals import Refusal
from events.sqlite_connection import connect
from projections.reading.sqlite_reader import SqliteReader
from tests.commands import SLUG
from tests.documents import Document, Pools, documents
from tests.parts import merged, merged_by_path
from tests.served import Api, served_article
from tests.views import END, opened, views_in_postgres

pytestmark = pytest.mark.property

EXAMPLES = 3_000 if os.environ.get("SOAK") else 40

CURATED = """mutation ($s: String!) {
  a: correct(input: {article: $s, report: "arms-to-haftar", reason: "x", changes: {supportExtended: {means: "weapons", note: null}}}) { __typename }
  b: retract(input: {article: $s, report: "losses-in-july", reason: "x", by: "ann"}) { __typename }
  c: mergeActors(input: {actor: "uae", into: "egypt", reason: "x"}) { __typename }
}"""

LISTS = {
    "ArticleConnection": ("articles", ("NEWEST", "OLDEST")),
    "ActorConnection": ("actors", ("NAME", "NEWEST")),
    "RelationConnection": ("relations", ("KEY", "NEWEST")),
    "StatementMadeConnection": ("statements", ("OLDEST", "NEWEST")),
    "MeetingHeldConnection": ("meetings", ("OLDEST", "NEWEST")),
    "CommissionConnection": ("commissions", ()),
    "ReportConnection": ("timeline", ("OLDEST", "NEWEST")),
    "LogEntryConnection": ("log", ("OLDEST", "NEWEST")),
    "NodeConnection": ("search", ()),
    "DifferenceConnection": ("diff", ()),
}

POSITIONS = [0, 1, 30, 62, 100, 119, 121, 500]
NEEDED = {"search": ['text: "libya"'], "diff": ["from: 60"]}
"""Arguments that a list needs."""


async def cursors(api: Api, name: str, orders: tuple[str, ...]) -> list[str]:
    """Some cursors of a list in each of its orders."""
    found = []
    for order in orders or ("",):
        arguments = ["first: 40", *([f"orderBy: {order}"] if order else [])]
        arguments += NEEDED.get(name, [])
        data = await api.ask(f"{{ list: {name}({', '.join(arguments)}) {{ edges {{ cursor }} }} }}")
        found += [edge["cursor"] for edge in data["list"]["edges"][::7]]
    return found


async def prepared(path: Path) -> Pools:
    """Make a database with corrections, a retraction and a merged actor; gives what queries can ask for."""
    async with served_article(path) as api:
        assert set(map(str, (await api.ask(CURATED, s=SLUG)).values())) == {
            "{'__typename': 'Recorded'}"
        }
        lists = {type_: await cursors(api, *list_) for type_, list_ in LISTS.items()}
        ids = await api.ask(
            '{ relations(first: 2) { nodes { id } } timeline { nodes { id } } search(text: "siala") { nodes { id } } }'
        )
        known = [node["id"] for each in ids.values() for node in each["nodes"]]
    actors = ["siala", "lavrov", "russia", "haftar", "egypt", "uae", "jmc", "libya", "nobody"]
    return Pools(
        {
            **lists,
            "ID": [*known, "LogEntry:7", "LogEntry:62", "Commission:jmc", "Actor:uae", "x"],
            "String": actors,
            "slug": [*actors, SLUG],
            "article": [SLUG, "nothing"],
            "publisher": ["nobody"],
            "language": ["en", "de"],
            "place": ["Moscow"],
            "recorder": ["local", "tester"],
            "stream": [f"article/{SLUG}", "actor/siala"],
            "text": ["ceasefire", "libya*", '"Khalifa Haftar"', "libya -siala", "zeppelin"],
            "first": [0, 1, 2, 5],
            "last": [0, 1, 2, 5],
            "position": POSITIONS,
            "Position": POSITIONS,
            "Int": [1],
            "EDTF": ["2020-12-30", "2020-12-30?", "2020", "[..2020-12-30]", "2021/..", "2020?-02"],
            "Date": ["2020-02-01", "2020-12-30", "2021-12-24"],
            "DateTime": ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00+02:00"],
            "Boolean": [True, False],
        }
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("both") / "communique.db"


@pytest.fixture(scope="module")
def pools(database: Path) -> Pools:
    return asyncio.run(prepared(database))


@pytest.fixture(scope="module")
def reading(database: Path, pools: Any) -> Iterator[Reading]:
    with closing(SqliteReader(connect(database, "ro"), patience=20)) as reader:
        yield Reading(schema()._schema, reader)


@pytest.fixture
async def in_postgres(database: Path, pools: Any) -> AsyncIterator[Reading]:
    """Reads the views of the same log, on the other engine."""
    async with opened(database) as source, views_in_postgres() as open_views:
        records = await source.log.read(limit=END)
        async with open_views() as it:
            await it.log.restore(records)
            await it.views.catch_up()
            assert await it.digests() == await source.digests()
            yield Reading(schema()._schema, it.reader())


EARLIER = {"BAD_CURSOR", "BAD_PAGE", "BAD_SPAN", "MALFORMED"}
"""Of several faults the executor tells the one in the first field, and a plan the one that is seen without values."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


async def executed(reading: Reading, document: Document) -> Any:
    nothing: Any = None
    context = Context(nothing, nothing, reading, nothing, 0)
    return await schema().execute(
        document.source, variable_values=document.variables, context_value=context
    )


async def check(reading: Reading, document: Document) -> None:
    """Both answers are the same, to the order of keys; or both are refused for the same reason."""
    found = reading.document(document.source)
    assert found.errors == [], found.errors
    executor = await executed(reading, document)
    codes = {getattr(error.original_error, "code", repr(error)) for error in executor.errors or ()}
    try:
        answer = await reading.answer(document.source, None, document.variables)
    except Refusal as refusal:
        assert codes
        assert refusal.code in codes or codes <= EARLIER  # noqa: PT017 - an answer is as good
        return
    assert isinstance(answer, tuple), answer
    assert codes == set()
    data = json.loads(answer[1], object_pairs_hook=unique)
    assert orjson.dumps(data) == orjson.dumps(executor.data)


@pytest.mark.timeout(3600)  # a failing document takes its time to be cut down
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_any_query(data: st.DataObject, reading: Reading, in_postgres: Reading, pools: Pools):
    document = data.draw(documents(schema()._schema, pools))
    note(document.source)
    note(str(document.variables))
    await check(reading, document)
    one, other = [await answered(each, document) for each in (reading, in_postgres)]
    assert one == other


async def test_quotes_of_which_only_the_article_is_asked_for(
    reading: Reading, in_postgres: Reading
) -> None:
    document = Document("{ meetings { nodes { ref evidence { article { slug } } } } }", {})
    await check(reading, document)
    one, other = [await answered(each, document) for each in (reading, in_postgres)]
    assert one == other
    meetings = json.loads(one[1])["meetings"]["nodes"]
    quoted = [each["article"]["slug"] for meeting in meetings for each in meeting["evidence"]]
    assert len(meetings) == 2
    assert set(quoted) == {SLUG}


async def answered(reading: Reading, document: Document) -> Any:
    """(position, JSON) of an answer, or the code of the refusal."""
    try:
        return await reading.answer(document.source, None, document.variables)
    except Refusal as refusal:
        return refusal.code


@pytest.mark.timeout(3600)
@settings(max_examples=EXAMPLES // 4, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_any_query_in_parts(
    data: st.DataObject,
    reading: Reading,
    in_postgres: Reading,
    pools: Pools,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(later, "PATIENCE", 60)  # as that of the readers is longer here
    document = data.draw(documents(schema()._schema, pools, later=True))
    note(document.source)
    note(str(document.variables))
    assert reading.document(document.source).errors == []
    at_once = await executed(reading, document)
    codes = {getattr(error.original_error, "code", repr(error)) for error in at_once.errors or ()}
    for each in (reading, in_postgres):
        answer, refused = await in_parts(each, document)
        if codes:  # which nobody is told of whose part belongs to what is not there
            assert refused & (codes | EARLIER) or (not refused and lacks(answer))
        else:
            assert (answer, refused) == (at_once.data, set())


def lacks(value: Any) -> bool:
    """Whether something in an answer is null."""
    if isinstance(value, dict | list):
        return any(map(lacks, value.values() if isinstance(value, dict) else value))
    return value is None


async def in_parts(reading: Reading, document: Document) -> tuple[Any, set[str]]:
    """The data of an answer that came in parts, in both forms the same; and the codes of its errors."""
    asked = Asked(document.source, None, document.variables)
    found = reading.document(document.source)
    read = reading.in_parts(found.operations[None], asked)
    if read is None:
        result = await executed(reading, document)
        return result.data, {each.original_error.code for each in result.errors or ()}
    try:
        position, first = await read(FIRST, None)
    except Refusal as refusal:
        return None, {refusal.code}
    parts = payloads(reading.schema, found.tree, asked, first, Later(read, position), {})
    told = [orjson.dumps(each) async for each in parts]
    older = Older()
    forms = (
        merged(map(orjson.loads, told)),
        merged_by_path(older.told(orjson.loads(each)) for each in told),
    )
    (answer, errors), other = forms
    assert other == (answer, errors)
    return answer, {each["extensions"]["code"] for each in errors}
