"""Does each mutation do what it says, show its own write, and refuse the rest with a type?"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLUnionType, get_named_type

from api.schema import schema
from events.log import EventLog
from events.refusals import VersionConflict
from tests.commands import SLUG
from tests.served import Api, on, served, served_article

MUTATIONS = schema()._schema.mutation_type
ASKED = """... on Recorded { first last repeated article { slug version } actors { slug name } reports { id ref kind certainty } }
... on Problem { code message } ... on VersionConflict { expected actual } ... on KeyReused { position }"""


def quote(exact: str, **more: str) -> dict[str, str]:
    return {"exact": exact, **more}


def session(exact: str = "started an online session", **more: Any) -> dict[str, Any]:
    """An input of a report."""
    return {"sessionOpened": {"body": "ldf", "evidence": [quote(exact)], **more}}


async def do(api: Api, mutation: str, **fields: Any) -> dict[str, Any]:
    """The result of a mutation."""
    assert MUTATIONS is not None
    type_ = MUTATIONS.fields[mutation].args["input"].type
    asked = f"mutation ($i: {type_}) {{ done: {mutation}(input: $i) {{ __typename {ASKED} }} }}"
    done: dict[str, Any] = (await api.ask(asked, i=fields))["done"]
    return done


async def version(api: Api) -> int:
    asked = "query ($s: String!) { article(slug: $s) { version } }"
    return int((await api.ask(asked, s=SLUG))["article"]["version"])


# What they do


async def test_ingest_article(empty: Api):
    text = "Ann met Bob in Oslo."
    done = await do(
        empty,
        "ingestArticle",
        slug="oslo",
        title="Ann met Bob",
        published="2021-01-02",
        text=text,
    )
    assert done["article"] == {"slug": "oslo", "version": 1}
    assert (done["first"], done["last"], done["repeated"]) == (1, 1, False)
    asked = '{ article(slug: "oslo") { text sha256 language published publisher } }'
    assert (await empty.ask(asked))["article"] == {
        "text": text,
        "sha256": sha256(text.encode()).hexdigest(),
        "language": "en",
        "published": "2021-01-02",
        "publisher": None,
    }


async def test_register_actors_with_aliases(api: Api):
    actors = [
        {
            "slug": "oslo",
            "kind": "STATE",
            "name": "Oslo",
            "aliases": [
                {"alias": "the city", "kind": "DESCRIPTION", "evidence": [quote("key player")]}
            ],
        },
        {"slug": "bergen", "kind": "BODY", "name": "Bergen", "evidence": [quote("Wagner Group")]},
    ]
    done = await do(api, "registerActors", actors=actors, article=SLUG, by="ann")
    assert [actor["slug"] for actor in done["actors"]] == ["oslo", "bergen"]
    assert done["last"] - done["first"] == 2
    asked = '{ actor(slug: "oslo") { aliases { name kind evidence { exact } } } log(last: 3) { nodes { recorder } } }'
    data = await api.ask(asked)
    assert data["actor"]["aliases"] == [
        {"name": "the city", "kind": "DESCRIPTION", "evidence": [{"exact": "key player"}]}
    ]
    assert {node["recorder"] for node in data["log"]["nodes"]} == {"recorder:trial"}


async def test_record_shows_its_own_write(api: Api):
    before = await version(api)
    reports = [session(ref="opened"), session(certainty="POSSIBLE")]
    done = await do(api, "record", article=SLUG, reports=reports, expectedVersion=before)
    assert done["article"]["version"] == before + 2
    assert [report["certainty"] for report in done["reports"]] == ["CERTAIN", "POSSIBLE"]
    assert done["reports"][0]["ref"] == "opened"
    assert done["last"] == done["first"] + 1 == await api.head()


async def test_record_changes_what_is_derived(api: Api):
    report = {
        "supportWithdrawn": {
            "supporter": "russia",
            "beneficiary": "haftar",
            "evidence": [quote("Russia has been a long-term supporter")],
        }
    }
    assert (await do(api, "record", article=SLUG, reports=[report]))["__typename"] == "Recorded"
    asked = '{ relations(filter: {subject: "russia", object: "haftar"}) { nodes { status because { effect } } } }'
    (relation,) = (await api.ask(asked))["relations"]["nodes"]
    assert relation["status"] == "ENDED"
    assert [ground["effect"] for ground in relation["because"]][-1] == "CLOSED"


async def test_generated_refs_follow_from_the_content(api: Api):
    first = await do(api, "record", article=SLUG, reports=[session()])
    again = await do(api, "record", article=SLUG, reports=[session()])
    other = await do(api, "record", article=SLUG, reports=[session(place="Tunis")])
    assert first["reports"][0]["ref"].startswith("session-opened-")
    assert again["__typename"] == "AlreadyExists"
    assert first["reports"][0]["ref"] in again["message"]
    assert other["reports"][0]["ref"] != first["reports"][0]["ref"]


async def test_repeated_words_are_told_apart_by_what_is_around(api: Api):
    plain = await do(api, "record", article=SLUG, reports=[session("Libya")])
    assert plain["__typename"] == "QuoteNotFound"
    evidence = [quote("Libya", prefix="ongoing conflict in ")]
    report = {"sessionOpened": {"body": "ldf", "evidence": evidence, "ref": "r"}}
    done = await do(api, "record", article=SLUG, reports=[report])
    asked = "query ($id: ID!) { node(id: $id) { ... on Report { evidence { start end } } } }"
    node = (await api.ask(asked, id=done["reports"][0]["id"]))["node"]
    text = (await api.ask("query ($s: String!) { article(slug: $s) { text } }", s=SLUG))["article"][
        "text"
    ]
    assert node["evidence"][0]["start"] == text.index("ongoing conflict in Libya") + 20


async def test_correct(api: Api):
    changes = {"supportExtended": {"means": "weapons", "certainty": "PROBABLE", "via": "wagner"}}
    fields = {"article": SLUG, "report": "arms-to-haftar", "reason": "misread", "by": "ann"}
    done = await do(api, "correct", **fields, changes=changes)
    assert done["reports"] == [
        {
            "id": f"Report:{SLUG}/arms-to-haftar",
            "ref": "arms-to-haftar",
            "kind": "SupportExtended",
            "certainty": "PROBABLE",
        }
    ]
    asked = """query ($id: ID!) { node(id: $id) { ... on SupportExtended {
      means via { slug } corrections { position reason by changes } because { effect } } } }"""
    node = (await api.ask(asked, id=done["reports"][0]["id"]))["node"]
    assert (node["means"], node["via"]) == ("weapons", {"slug": "wagner"})
    assert node["corrections"] == [
        {
            "position": done["first"],
            "reason": "misread",
            "by": "ann",
            "changes": {"means": "weapons", "certainty": "probable", "via": "wagner"},
        }
    ]
    assert [ground["effect"] for ground in node["because"]] == ["OPENED", "CHANGED"]


async def test_correct_to_null_empties_the_field(api: Api):
    asked = "query ($id: ID!) { node(id: $id) { ... on MeetingHeld { place when { edtf } topics { about } } } }"
    id_ = f"Report:{SLUG}/meeting-in-moscow"
    assert (await api.ask(asked, id=id_))["node"]["place"] == "Moscow"
    changes = {"meetingHeld": {"place": None, "when": None, "topics": None}}
    done = await do(
        api, "correct", article=SLUG, report="meeting-in-moscow", reason="x", changes=changes
    )
    assert done["__typename"] == "Recorded"
    assert (await api.ask(asked, id=id_))["node"] == {"place": None, "when": None, "topics": []}


async def test_correct_to_null_where_something_is_needed(api: Api):
    changes = {"supportExtended": {"supporter": None}}
    fields = {"article": SLUG, "report": "arms-to-haftar", "reason": "x"}
    done = await do(api, "correct", **fields, changes=changes)
    assert done["__typename"] == "Malformed"
    assert "supporter" in done["message"]


async def test_correct_as_another_kind(api: Api):
    changes = {"meetingHeld": {"place": "Oslo"}}
    fields = {"article": SLUG, "report": "arms-to-haftar", "reason": "x"}
    assert (await do(api, "correct", **fields, changes=changes))["__typename"] == "Malformed"


async def test_retract(api: Api):
    done = await do(api, "retract", article=SLUG, report="arms-to-haftar", reason="x", by="ann")
    assert done["reports"][0]["ref"] == "arms-to-haftar"
    data = await api.ask(
        """query ($id: ID!) { node(id: $id) { ... on Report { retraction { position reason by } } }
        relations(filter: {subject: "russia", object: "haftar"}) { nodes { count status } }
        without: timeline(filter: {kinds: [SupportExtended]}) { totalCount }
        with: timeline(filter: {kinds: [SupportExtended], includeRetracted: true}) { totalCount } }""",
        id=done["reports"][0]["id"],
    )
    retraction = {"position": done["first"], "reason": "x", "by": "ann"}
    assert data["node"]["retraction"] == retraction
    assert data["relations"]["nodes"] == [{"count": 2, "status": "HOLDS"}]
    assert data["with"]["totalCount"] == data["without"]["totalCount"] + 1


async def test_many_reports_are_all_shown(api: Api):
    """More than can be asked for by id at once."""
    reports = [session(ref=f"r{n}") for n in range(250)]
    done = await do(api, "record", article=SLUG, reports=reports)
    assert [report["ref"] for report in done["reports"]] == [f"r{n}" for n in range(250)]


# Undone, disputed


async def test_undo_correction(api: Api):
    changes = {"supportExtended": {"means": "weapons"}}
    fields = {"article": SLUG, "report": "arms-to-haftar", "reason": "misread"}
    await do(api, "correct", **fields, changes=changes)
    fields |= {"reason": "it was right", "by": "ann"}
    done = await do(api, "undoCorrection", **fields, correction=1)
    asked = """query ($id: ID!) { node(id: $id) { ... on SupportExtended {
      means corrections { number changes undone { position reason by } } } } }"""
    assert (await api.ask(asked, id=done["reports"][0]["id"]))["node"] == {
        "means": "arms",
        "corrections": [
            {
                "number": 1,
                "changes": {"means": "weapons"},
                "undone": {"position": done["first"], "reason": "it was right", "by": "ann"},
            }
        ],
    }


async def test_undo_retraction(api: Api):
    fields = {"article": SLUG, "report": "arms-to-haftar", "reason": "x"}
    asked = """query ($id: ID!, $asOf: AsOf) { node(id: $id) { ... on Report { retraction { reason } because { effect } } }
      relations(filter: {subject: "russia", object: "haftar"}, asOf: $asOf) { nodes { count } } }"""
    retracted = await do(api, "retract", **fields)
    done = await do(api, "undoRetraction", **fields)
    id_ = done["reports"][0]["id"]
    now = await api.ask(asked, id=id_)
    assert now["node"]["retraction"] is None
    assert [each["effect"] for each in now["node"]["because"]] == ["OPENED", "CLOSED", "OPENED"]
    assert now["relations"]["nodes"] == [{"count": 3}]
    then = await api.ask(asked, id=id_, asOf={"position": retracted["first"]})
    assert then["relations"]["nodes"] == [{"count": 2}]


async def test_undo_merge(api: Api):
    before = await api.ask('{ actor(slug: "wagner") { name relations { totalCount } } }')
    await do(api, "mergeActors", actor="wagner", into="un", reason="x")
    merged = await api.ask('{ actor(slug: "wagner") { slug } }')
    assert merged == {"actor": {"slug": "un"}}
    done = await do(api, "undoMerge", actor="wagner", reason="two after all", by="ann")
    assert [actor["slug"] for actor in done["actors"]] == ["wagner"]
    asked = '{ actor(slug: "wagner") { name relations { totalCount } } }'
    assert await api.ask(asked) == before


async def test_dispute_is_shown_by_both(api: Api):
    fields = pair("losses-in-july", "arms-to-haftar")
    done = await do(api, "dispute", **{**fields, "reason": "both cannot be", "by": "ann"})
    assert [report["ref"] for report in done["reports"]] == ["losses-in-july", "arms-to-haftar"]
    asked = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Report {
      disputes { against { ref } position reason by settlement { position reason by } } } } }"""
    ids = [report["id"] for report in done["reports"]]
    said = {"position": done["first"], "reason": "both cannot be", "by": "ann", "settlement": None}
    one = {"against": {"ref": "arms-to-haftar"}, **said}
    other = {"against": {"ref": "losses-in-july"}, **said}
    nodes = [{"disputes": [one]}, {"disputes": [other]}]
    assert await api.ask(asked, ids=ids) == {"nodes": nodes}

    settled = await do(api, "settleDispute", **pair("arms-to-haftar", "losses-in-july"))
    settlement = {"position": settled["first"], "reason": "x", "by": None}
    nodes = [
        {"disputes": [{**one, "settlement": settlement}]},
        {"disputes": [{**other, "settlement": settlement}]},
    ]
    assert await api.ask(asked, ids=ids) == {"nodes": nodes}


# Safe to repeat, all or nothing


async def test_key_makes_a_retry_safe(api: Api):
    fields = {"article": SLUG, "reports": [session(ref="r")], "key": "k1"}
    first = await do(api, "record", **fields)
    head = await api.head()
    again = await do(api, "record", **fields)
    assert again == {**first, "repeated": True}
    assert await api.head() == head
    other = await do(api, "record", **{**fields, "reports": [session(ref="s")]})
    assert (other["__typename"], other["position"]) == ("KeyReused", first["first"])


async def test_expected_version_guards(api: Api):
    before = await version(api)
    fields = {"article": SLUG, "expectedVersion": before}
    assert (await do(api, "record", **fields, reports=[session(ref="r")]))["first"]
    conflict = await do(api, "record", **fields, reports=[session(ref="s")])
    assert (conflict["expected"], conflict["actual"]) == (before, before + 1)
    assert conflict["code"] == "VERSION_CONFLICT"


@pytest.mark.parametrize("bad", [session("no such words"), session(body="nobody")])
async def test_one_bad_report_of_three_and_nothing_is_appended(bad: dict[str, Any], api: Api):
    head = await api.head()
    reports = [session(ref="a"), bad, session(ref="b")]
    assert (await do(api, "record", article=SLUG, reports=reports))["code"]
    assert await api.head() == head
    assert (await do(api, "record", article=SLUG, reports=[session(ref="a")]))["first"] == head + 1


async def test_one_bad_actor_of_two_and_nothing_is_appended(api: Api):
    head = await api.head()
    actors = [{"slug": slug, "kind": "STATE", "name": slug} for slug in ("new", "libya")]
    assert (await do(api, "registerActors", actors=actors))["__typename"] == "AlreadyExists"
    assert await api.head() == head


@pytest.mark.parametrize(
    "report",
    ["{}", '{sessionOpened: {body: "a", evidence: []}, messageSent: {sender: "a", evidence: []}}'],
)
async def test_exactly_one_kind_is_given(report: str, api: Api):
    asked = f'mutation {{ record(input: {{article: "a", reports: [{report}]}}) {{ __typename }} }}'
    assert await api.code(asked) == "INVALID_GRAPHQL"


@pytest.mark.parametrize(
    "report", [{}, session() | {"messageSent": {"sender": "a", "evidence": []}}]
)
async def test_exactly_one_kind_is_given_by_variables(report: dict[str, Any], api: Api):
    asked = "mutation ($i: RecordInput!) { record(input: $i) { __typename } }"
    assert await api.code(asked, i={"article": SLUG, "reports": [report]}) == "INVALID_GRAPHQL"


# Every problem that a result can be

ARTICLE = {"slug": "new", "title": "x", "published": "2020-01-01", "text": "x"}
ACTOR = {"slug": "new", "kind": "STATE", "name": "New"}
RETRACTED = {"article": SLUG, "report": "losses-in-july", "reason": "x"}
STANDING = {"article": SLUG, "report": "arms-to-haftar", "reason": "x"}
WEAPONS = {"changes": {"supportExtended": {"means": "weapons"}}}
MERGE = {"actor": "uae", "into": "egypt", "reason": "x"}
CORRECTED = {"article": SLUG, "report": "meeting-in-moscow", "reason": "x"}
MERGED = {"actor": "wagner", "reason": "x"}


def pair(one: str, other: str, article: str = SLUG) -> dict[str, Any]:
    """Two reports, of which the other one may be of another article."""
    report = {"article": SLUG, "report": one}
    return {"report": report, "against": {"article": article, "report": other}, "reason": "x"}


DISPUTED = pair("meeting-in-moscow", "arms-to-haftar")
PAST = (
    ("retract", {**RETRACTED, "key": "used"}),
    ("correct", {**CORRECTED, "changes": {"meetingHeld": {"place": "Kazan"}}}),
    ("correct", {**CORRECTED, "changes": {"meetingHeld": {"place": "Sochi"}}}),
    ("undoCorrection", {**CORRECTED, "correction": 2}),
    ("dispute", DISPUTED),
    ("mergeActors", {**MERGED, "into": "un"}),
)
"""What was done before."""

PROBLEMS: dict[str, dict[str, dict[str, Any]]] = {
    "ingestArticle": {
        "AlreadyExists": {**ARTICLE, "slug": SLUG},
        "Malformed": {**ARTICLE, "slug": "New!"},
        "KeyReused": {**ARTICLE, "key": "used"},
        "LogUnavailable": ARTICLE,
        "VersionConflict": ARTICLE,
    },
    "registerActors": {
        "AlreadyExists": {"actors": [{**ACTOR, "slug": "libya"}]},
        "QuoteNotFound": {"actors": [{**ACTOR, "evidence": [quote("no words")]}], "article": SLUG},
        "UnknownArticle": {"actors": [ACTOR], "article": "nothing"},
        "Malformed": {"actors": [{**ACTOR, "evidence": [quote("Libya")]}]},
        "KeyReused": {"actors": [ACTOR], "key": "used"},
        "LogUnavailable": {"actors": [ACTOR]},
        "VersionConflict": {"actors": [ACTOR]},
    },
    "record": {
        "VersionConflict": {"article": SLUG, "reports": [session()], "expectedVersion": 5},
        "QuoteNotFound": {"article": SLUG, "reports": [session("no such words")]},
        "UnknownActor": {"article": SLUG, "reports": [session(body="nobody")]},
        "UnknownArticle": {"article": "nothing", "reports": [session()]},
        "UnknownReport": {
            "article": SLUG,
            "reports": [session(links=[{"kind": "AFTER", "report": "nothing"}])],
        },
        "AlreadyExists": {"article": SLUG, "reports": [session(ref="arms-to-haftar")]},
        "Malformed": {"article": SLUG, "reports": [session(attendance=0)]},
        "KeyReused": {"article": SLUG, "reports": [session()], "key": "used"},
        "LogUnavailable": {"article": SLUG, "reports": [session()]},
    },
    "correct": {
        "VersionConflict": {**STANDING, **WEAPONS, "expectedVersion": 5},
        "QuoteNotFound": {
            **STANDING,
            "changes": {"supportExtended": {"evidence": [quote("no such words")]}},
        },
        "UnknownActor": {**STANDING, "changes": {"supportExtended": {"via": "nobody"}}},
        "UnknownArticle": {**STANDING, **WEAPONS, "article": "nothing"},
        "UnknownReport": {**STANDING, **WEAPONS, "report": "nothing"},
        "AlreadyRetracted": {**RETRACTED, "changes": {"lossesSuffered": {"number": 5}}},
        "NothingToChange": {**STANDING, "changes": {"supportExtended": {"means": "arms"}}},
        "Malformed": {**STANDING, "changes": {"supportExtended": {"means": ""}}},
        "KeyReused": {**STANDING, **WEAPONS, "key": "used"},
        "LogUnavailable": {**STANDING, **WEAPONS},
    },
    "undoCorrection": {
        "VersionConflict": {**CORRECTED, "correction": 1, "expectedVersion": 5},
        "UnknownArticle": {**CORRECTED, "correction": 1, "article": "nothing"},
        "UnknownReport": {**CORRECTED, "correction": 1, "report": "nothing"},
        "AlreadyRetracted": {**RETRACTED, "correction": 1},
        "NothingToChange": {**CORRECTED, "correction": 2},
        "Malformed": {**CORRECTED, "correction": 3},
        "KeyReused": {**CORRECTED, "correction": 1, "key": "used"},
        "LogUnavailable": {**CORRECTED, "correction": 1},
    },
    "undoRetraction": {
        "VersionConflict": {**RETRACTED, "expectedVersion": 5},
        "UnknownArticle": {**RETRACTED, "article": "nothing"},
        "UnknownReport": {**RETRACTED, "report": "nothing"},
        "NothingToChange": STANDING,
        "Malformed": {**RETRACTED, "reason": ""},
        "KeyReused": {**RETRACTED, "key": "used"},
        "LogUnavailable": RETRACTED,
    },
    "dispute": {
        "VersionConflict": pair("offensive-on-tripoli", "arms-to-haftar"),
        "UnknownArticle": pair("arms-to-haftar", "it", "nothing"),
        "UnknownReport": pair("arms-to-haftar", "nothing"),
        "AlreadyRetracted": pair("arms-to-haftar", "losses-in-july"),
        "AlreadyExists": pair("arms-to-haftar", "meeting-in-moscow"),
        "Malformed": pair("arms-to-haftar", "arms-to-haftar"),
        "KeyReused": {**DISPUTED, "key": "used"},
        "LogUnavailable": pair("offensive-on-tripoli", "arms-to-haftar"),
    },
    "settleDispute": {
        "VersionConflict": DISPUTED,
        "UnknownArticle": pair("arms-to-haftar", "it", "nothing"),
        "UnknownReport": pair("arms-to-haftar", "nothing"),
        "NothingToChange": pair("arms-to-haftar", "losses-in-july"),
        "Malformed": {**DISPUTED, "reason": ""},
        "KeyReused": {**DISPUTED, "key": "used"},
        "LogUnavailable": DISPUTED,
    },
    "retract": {
        "VersionConflict": {**STANDING, "expectedVersion": 5},
        "UnknownArticle": {**STANDING, "article": "nothing"},
        "UnknownReport": {**STANDING, "report": "nothing"},
        "AlreadyRetracted": RETRACTED,
        "Malformed": {**STANDING, "reason": ""},
        "KeyReused": {**STANDING, "key": "used"},
        "LogUnavailable": STANDING,
    },
    "mergeActors": {
        "UnknownActor": {**MERGE, "into": "nobody"},
        "MergeRefused": {**MERGE, "into": "uae"},
        "VersionConflict": MERGE,
        "Malformed": {**MERGE, "reason": ""},
        "KeyReused": {**MERGE, "key": "used"},
        "LogUnavailable": MERGE,
    },
    "undoMerge": {
        "UnknownActor": {**MERGED, "actor": "nobody"},
        "MergeRefused": {**MERGED, "actor": "egypt"},
        "VersionConflict": MERGED,
        "Malformed": {**MERGED, "reason": ""},
        "KeyReused": {**MERGED, "key": "used"},
        "LogUnavailable": MERGED,
    },
}


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the article, in which that was done before."""
    path = tmp_path_factory.mktemp("past") / "communique.db"

    async def make() -> None:
        async with served_article(path) as api:
            await curate(api)

    asyncio.run(make())
    return path


async def curate(api: Api) -> None:
    for earlier, with_ in PAST:
        assert (await do(api, earlier, **with_))["__typename"] == "Recorded"


@pytest.fixture
async def curated(engine: str, past: Path, tmp_path: Path) -> AsyncIterator[Api]:
    """The API over the article, with that past."""
    if engine == "sqlite":
        async with served(Path(shutil.copy(past, tmp_path))) as api:
            yield api
        return
    async with on(engine, tmp_path, article=True) as api:
        await curate(api)
        yield api


async def lose_every_race(*_: Any, **__: Any) -> None:
    raise VersionConflict("actor/somebody", 1, 2)


@pytest.mark.parametrize(
    ("mutation", "problem"),
    [(mutation, problem) for mutation, problems in PROBLEMS.items() for problem in problems],
)
async def test_problem(mutation: str, problem: str, curated: Api, monkeypatch: pytest.MonkeyPatch):
    api, head = curated, await curated.head()
    fields = PROBLEMS[mutation][problem]
    if problem == "VersionConflict" and "expectedVersion" not in fields:
        monkeypatch.setattr(type(api.system.log), "append", lose_every_race)
    if problem == "LogUnavailable":
        await unavailable(api.system.log, monkeypatch)
    done = await do(api, mutation, **fields)
    assert done["__typename"] == problem
    assert done["message"]
    monkeypatch.undo()
    assert await api.head() == head


async def unavailable(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let appends meet a full disk."""
    from events.refusals import LogUnavailable

    async def full(*_: Any, **__: Any) -> None:
        raise LogUnavailable("the disk is full")

    monkeypatch.setattr(type(log), "append", full)


def test_every_problem_of_every_result_is_provoked():
    assert MUTATIONS is not None
    results = {name: get_named_type(each.type) for name, each in MUTATIONS.fields.items()}
    possible = {
        name: {type_.name for type_ in result.types} - {"Recorded"}
        for name, result in results.items()
        if isinstance(result, GraphQLUnionType)
    }
    assert {name: set(problems) for name, problems in PROBLEMS.items()} == possible
