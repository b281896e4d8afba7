"""Does each root field give the content of the article?"""

from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from api import pages
from seeds import ARTICLES
from tests.api.conftest import Ask
from tests.commands import EVENTS, SLUG
from tests.served import ENGINES, Api


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """What is only read is read on both."""
    return str(request.param)


TEXT = (ARTICLES / f"{SLUG}.txt").read_bytes()

EVIDENCE = "evidence { exact prefix suffix start end article { slug } }"

RELATIONS = {
    ("siala", "HOLDS_OFFICE", "libya"),
    ("lavrov", "HOLDS_OFFICE", "russia"),
    ("maiteeq", "HOLDS_OFFICE", "presidential-council"),
    ("siala", "MEMBER_OF", "gna"),
    ("haftar", "LEADS", "lna"),
    ("un", "BACKS", "gna"),
    ("haftar", "RIVAL_OF", "gna"),
    ("russia", "SUPPORTS", "haftar"),
    ("russia", "SUPPORTS", "lna"),
    ("egypt", "SUPPORTS", "lna"),
    ("uae", "SUPPORTS", "lna"),
    ("wagner", "SUPPORTS", "haftar"),
    ("lna", "AT_WAR_WITH", "gna"),
    ("gna", "APPOINTS_TO", "jmc"),
    ("haftar", "APPOINTS_TO", "jmc"),
    ("ldf-members", "PARTICIPATES_IN", "ldf"),
    ("russia", "PARTY_TO", "libyan-peace-efforts"),
    ("russia", "SEEKS_DEAL_WITH", "libya"),
    ("russia", "PRESENT_IN_ECONOMY_OF", "libya"),
    ("siala", "MET_WITH", "lavrov"),
    ("libya", "MET_WITH", "cairo-delegation"),
    ("siala", "CALLED_ON", "russia"),
    ("siala", "CALLED_ON", "conflict-parties"),
    ("russia", "COMMITTED_TO", "libyan-peace-efforts"),
}
SYMMETRIC = {"RIVAL_OF", "AT_WAR_WITH", "MET_WITH"}


def unordered(subject: str, predicate: str, object_: str) -> tuple[str, str, str]:
    """A relation, the same from both sides where it is symmetric."""
    first, second = sorted((subject, object_)) if predicate in SYMMETRIC else (subject, object_)
    return first, predicate, second


def evidence_in(value: Any) -> list[dict[str, Any]]:
    """Every quote in an answer, at any depth."""
    if isinstance(value, list):
        return [quote for each in value for quote in evidence_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value] if "exact" in value else []
    return own + [quote for each in value.values() for quote in evidence_in(each)]


async def test_article_text_is_the_file_byte_for_byte(ask: Ask):
    asked = "query ($s: String!) { article(slug: $s) { text sha256 title published language } }"
    article = (await ask(asked, s=SLUG))["article"]
    assert article["text"].encode() == TEXT
    assert article["sha256"] == sha256(TEXT).hexdigest()
    assert article["title"] == "Russian and Libyan foreign ministers meet in Moscow amid peace push"
    assert (article["published"], article["language"]) == ("2020-12-30", "en")


async def test_articles(ask: Ask):
    data = await ask(
        "{ articles { totalCount nodes { slug version reports(first: 200) { totalCount nodes { ref } } } } }"
    )
    assert data["articles"]["totalCount"] == 1
    (article,) = data["articles"]["nodes"]
    assert article["slug"] == SLUG
    reports = article["reports"]
    assert len({report["ref"] for report in reports["nodes"]}) == reports["totalCount"]
    assert article["version"] == reports["totalCount"] + 1


async def test_actor(ask: Ask):
    asked = '{ actor(slug: "siala") { name kind aliases { name kind evidence { exact start } } } }'
    actor = (await ask(asked))["actor"]
    assert (actor["name"], actor["kind"]) == ("Mohammed Taher Siala", "PERSON")
    aliases = {alias["name"]: alias for alias in actor["aliases"]}
    typo = "Mohammed Taher Sialas"
    assert {name: alias["kind"] for name, alias in aliases.items()} == {
        "Siala": "SHORT",
        typo: "TYPO",
        "The two men": "DESCRIPTION",
    }
    assert aliases[typo]["evidence"][0]["start"] == TEXT.decode().index(typo)


async def test_actors(ask: Ask):
    data = await ask(
        "{ actors(first: 100) { totalCount nodes { slug name } }"
        " states: actors(filter: {kind: STATE}) { nodes { slug } } }"
    )
    names = [node["name"] for node in data["actors"]["nodes"]]
    assert len(names) == data["actors"]["totalCount"] == 25
    assert names == sorted(names)
    states = {node["slug"] for node in data["states"]["nodes"]}
    assert states == {"libya", "russia", "egypt", "uae"}


async def test_the_24_relations(ask: Ask):
    asked = "{ relations(first: 100) { nodes { subject { slug } predicate object { slug } } } }"
    found = [
        unordered(node["subject"]["slug"], node["predicate"], node["object"]["slug"])
        for node in (await ask(asked))["relations"]["nodes"]
    ]
    assert len(found) == 24
    assert set(found) == {unordered(*relation) for relation in RELATIONS}


async def test_detail_of_relations(ask: Ask):
    data = await ask("""{
      support: relations(filter: {subject: "russia", object: "haftar"}) { nodes { count detail { means } } }
      wagner: relations(filter: {subject: "wagner"}) { nodes { certainty detail { onBehalfOf { slug } } } }
      deal: relations(filter: {predicate: SEEKS_DEAL_WITH}) { nodes { detail { amountMax currency } } }
      seats: relations(filter: {predicate: APPOINTS_TO}) { nodes { detail { seats } since { edtf } } }
      claimed: relations(filter: {claimedBy: "maiteeq"}) { nodes { predicate status } }
      office: relations(filter: {subject: "siala", predicate: HOLDS_OFFICE}) { nodes { detail { title } } }
    }""")
    nodes = {key: connection["nodes"] for key, connection in data.items()}
    assert nodes["support"][0]["count"] == 3
    assert "arms" in nodes["support"][0]["detail"]["means"]
    assert nodes["wagner"][0] == {
        "certainty": "PROBABLE",
        "detail": {"onBehalfOf": {"slug": "russia"}},
    }
    assert nodes["deal"][0]["detail"] == {"amountMax": 3_500_000_000, "currency": "USD"}
    assert nodes["seats"] == [{"detail": {"seats": 5}, "since": {"edtf": "2020?-02"}}] * 2
    assert nodes["claimed"] == [{"predicate": "PRESENT_IN_ECONOMY_OF", "status": "ENDED"}]
    assert "foreign minister" in nodes["office"][0]["detail"]["title"].lower()


async def test_why_russia_supports_haftar(ask: Ask):
    """Three events, each with the exact words."""
    asked = """{ relations(filter: {subject: "russia", object: "haftar", predicate: SUPPORTS}) { nodes {
      because { effect event { ref kind } entry { kind position } evidence { exact start end } }
    } } }"""
    (relation,) = (await ask(asked))["relations"]["nodes"]
    told = [
        (
            ground["event"]["kind"],
            ground["effect"],
            [(quote["start"], quote["end"], quote["exact"]) for quote in ground["evidence"]],
        )
        for ground in relation["because"]
    ]
    supplied = "Moscow has supplied the renegade general with"
    assert told == [
        (
            "RelationAttested",
            "OPENED",
            [
                (
                    743,
                    815,
                    "Russia has been a long-term supporter of the GNA's rival, Khalifa Haftar",
                )
            ],
        ),
        ("SupportExtended", "CONFIRMED", [(967, 1017, f"{supplied} arms")]),
        (
            "SupportExtended",
            "CONFIRMED",
            [
                (967, 1012, supplied),
                (
                    1022,
                    1092,
                    "military support from the shadowy Russian Wagner Group mercenary force",
                ),
            ],
        ),
    ]
    assert all(g["entry"]["kind"] == g["event"]["kind"] for g in relation["because"])


async def test_because_quotes_the_text_everywhere(ask: Ask):
    data = await ask(f"""{{
      actors(first: 100) {{ nodes {{ aliases {{ {EVIDENCE} }} because {{ effect rule entry {{ position }} {EVIDENCE} }} }} }}
      relations(first: 100) {{ nodes {{ because {{ event {{ {EVIDENCE} }} {EVIDENCE} }} }} }}
      timeline(first: 200) {{ nodes {{ because {{ {EVIDENCE} }} {EVIDENCE} }} }}
      commissions {{ nodes {{ because {{ {EVIDENCE} }} sessions {{ {EVIDENCE} }} }} }}
    }}""")
    text = TEXT.decode()
    quotes = evidence_in(data)
    assert len(quotes) > 300
    for quote in quotes:
        start, end = quote["start"], quote["end"]
        assert text[start:end] == quote["exact"]
        assert text[:start].endswith(quote["prefix"])
        assert text[end:].startswith(quote["suffix"])
        assert quote["article"] == {"slug": SLUG}
    for list_ in data.values():
        assert all(
            ground["evidence"] or list_ is data["actors"]
            for node in list_["nodes"]
            for ground in node["because"]
        )
        assert all(node["because"] for node in list_["nodes"])


async def test_statements_have_speaker_and_words(ask: Ask):
    asked = '{ statements(filter: {speaker: "siala", direct: true}) { nodes { ref addressees { slug } act evidence { exact } } } }'
    told = {node["ref"]: node for node in (await ask(asked))["statements"]["nodes"]}
    call = told["call-on-russia"]
    assert call["addressees"] == [{"slug": "russia"}]
    assert call["act"] == "DIRECTIVE"
    exact = call["evidence"][0]["exact"]
    assert exact.startswith('Siala called on Russia to "support agreements on the withdrawal')


async def test_statements_of_an_actor(ask: Ask):
    data = await ask(
        '{ actor(slug: "lavrov") { statements { totalCount nodes { ref speaker { slug } } } }'
        ' statements(filter: {speaker: "lavrov"}) { totalCount nodes { ref speaker { slug } } } }'
    )
    assert data["actor"]["statements"] == data["statements"]
    assert data["statements"]["totalCount"] == 5
    assert {node["speaker"]["slug"] for node in data["statements"]["nodes"]} == {"lavrov"}


async def test_meetings_have_participants_and_topics(ask: Ask):
    asked = """{ meetings { nodes {
      ref place when { edtf } participants { actor { slug } role } topics { about }
    } } }"""
    moscow, cairo = (await ask(asked))["meetings"]["nodes"]
    assert (moscow["place"], moscow["when"]) == ("Moscow", {"edtf": "2020-12-30?"})
    assert [(p["actor"]["slug"], p["role"]) for p in moscow["participants"]] == [
        ("siala", "VISITOR"),
        ("lavrov", "HOST"),
    ]
    assert moscow["topics"][1] == {"about": "the withdrawal of foreign troops"}
    assert [p["actor"]["slug"] for p in cairo["participants"]] == ["libya", "cairo-delegation"]


async def test_commissions_have_seats(ask: Ask):
    asked = """{ commissions { nodes {
      slug body { name } size formed { edtf } seats { selector { slug } number rank } sessions { online: kind }
    } } }"""
    jmc, ldf = (await ask(asked))["commissions"]["nodes"]
    assert (jmc["slug"], jmc["size"], jmc["formed"]) == ("jmc", 10, {"edtf": "2020?-02"})
    assert [(seats["selector"]["slug"], seats["number"]) for seats in jmc["seats"]] == [
        ("gna", 5),
        ("haftar", 5),
    ]
    assert jmc["seats"][0]["rank"] == "senior military officers"
    assert (ldf["slug"], ldf["size"]) == ("ldf", None)
    assert ldf["sessions"] == [{"online": "SessionOpened"}]


async def test_timeline_is_in_order_of_valid_time(ask: Ask):
    asked = (
        "{ timeline(first: 200) { totalCount nodes { ref position when { earliest latest } } } }"
    )
    timeline = (await ask(asked))["timeline"]
    nodes = timeline["nodes"]
    assert len(nodes) == timeline["totalCount"]
    assert (nodes[0]["ref"], nodes[-1]["ref"]) == (
        "commission-established",
        "elections-on-24-december-2021",
    )

    def day(node: Any) -> str:
        when = node["when"] or {"earliest": None, "latest": "2020-12-30"}
        return str(when["earliest"] or when["latest"])

    order = [(day(node), node["position"]) for node in nodes]
    assert all(before < after for before, after in pairwise(order))


async def test_timeline_of_an_actor(ask: Ask):
    asked = '{ actor(slug: "wagner") { timeline { nodes { ref } } } timeline(filter: {actor: "wagner"}) { nodes { ref } } }'
    data = await ask(asked)
    refs = {node["ref"] for node in data["actor"]["timeline"]["nodes"]}
    assert data["timeline"] == data["actor"]["timeline"]
    assert {"wagner-called-shadowy", "wagner-supports-haftar"} <= refs


async def test_search(ask: Ask):
    asked = "query ($t: String!) { search(text: $t) { nodes { id __typename } } }"

    async def found(text: str) -> list[str]:
        return [node["id"] for node in (await ask(asked, t=text))["search"]["nodes"]]

    assert (await found("sialas"))[:2] == ["Actor:siala", f"Article:{SLUG}"]
    assert f"Report:{SLUG}/arms-to-haftar" in await found('"renegade general" ARMS -wagner')
    assert await found("wagn*") == await found("wagner")
    assert await found("zeppelin") == []


async def test_log_gives_exact_records(api: Api):
    asked = """{ log(first: 200) { totalCount nodes {
      position stream version kind recordedAt recorder key record leafHash report { ref }
    } } }"""
    log = (await api.ask(asked))["log"]
    records = await api.system.log.read(0, 200)
    assert len(records) == log["totalCount"] == EVENTS
    for node, record in zip(log["nodes"], records, strict=True):
        assert node["record"].encode() == record.record
        assert node["leafHash"] == sha256(b"\x00" + node["record"].encode()).hexdigest()
        envelope = record.envelope
        for field in ("position", "stream", "version", "kind", "recorder", "key"):
            assert node[field] == envelope[field]
        assert node["recordedAt"] == envelope["recorded_at"]
        assert node["report"] == ({"ref": ref} if (ref := envelope["payload"].get("ref")) else None)


async def test_status(ask: Ask):
    status = (await ask("{ status { head position program projections { name position } } }"))[
        "status"
    ]
    assert (status["head"], status["position"]) == (EVENTS, EVENTS)
    assert {each["position"] for each in status["projections"]} == {EVENTS}
    assert "relations" in {each["name"] for each in status["projections"]}


async def test_node_of_every_type(ask: Ask):
    data = await ask("""{
      articles { nodes { id } } actors(first: 3) { nodes { id } } relations(first: 3) { nodes { id } }
      timeline(first: 100) { nodes { id } } commissions { nodes { id } } log(last: 3) { nodes { id } }
    }""")
    ids = [node["id"] for connection in data.values() for node in connection["nodes"]]
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    nodes = (await ask(asked, ids=ids))["nodes"]
    assert [node["id"] for node in nodes] == ids
    types = {node["__typename"] for node in nodes}
    assert {"Article", "Actor", "Relation", "MeetingHeld", "Commission", "LogEntry"} <= types
    for node in nodes[:: len(nodes) // 5]:
        one = await ask("query ($id: ID!) { node(id: $id) { id __typename } }", id=node["id"])
        assert one["node"] == node


@pytest.mark.parametrize(
    "id_", ["Actor:nobody", "Query:1", "LogEntry:0", "LogEntry:120", "LogEntry:x", "x", ":"]
)
async def test_unknown_id_is_null(id_: str, ask: Ask):
    data = await ask("query ($i: ID!) { node(id: $i) { id } nodes(ids: [$i]) { id } }", i=id_)
    assert data == {"node": None, "nodes": [None]}


async def test_unknown_slug_is_null(ask: Ask):
    asked = '{ actor(slug: "nobody") { name } article(slug: "nothing") { title } }'
    assert await ask(asked) == {"actor": None, "article": None}


async def test_merged_slug_leads_to_the_one_that_stands_for_it(ask: Ask):
    merged = await ask(
        'mutation { mergeActors(input: {actor: "uae", into: "egypt", reason: "for the test"}) {'
        " ... on Recorded { actors { slug } } } }"
    )
    assert merged == {"mergeActors": {"actors": [{"slug": "egypt"}]}}
    data = await ask("""{
      actor(slug: "uae") { slug }
      node(id: "Actor:uae") { id }
      relations(filter: {subject: "uae", predicate: SUPPORTS}) { nodes { subject { slug } count } }
      timeline(filter: {actor: "uae"}) { totalCount }
      same: timeline(filter: {actor: "egypt"}) { totalCount }
      actors(filter: {kind: STATE}) { nodes { slug } }
    }""")
    assert data["actor"] == {"slug": "egypt"}
    assert data["node"] == {"id": "Actor:egypt"}
    assert data["relations"]["nodes"] == [{"subject": {"slug": "egypt"}, "count": 2}]
    assert data["timeline"] == data["same"]
    assert {"slug": "uae"} not in data["actors"]["nodes"]


@pytest.mark.parametrize("example", pages.examples(), ids=lambda example: example.title)
async def test_example_runs(example: pages.Example, ask: Ask):
    (answer,) = (await ask(example.body)).values()
    assert answer.get("edges", answer)
