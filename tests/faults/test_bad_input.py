"""What if a client sends nonsense?  A 4xx or a typed error, soon, nothing written, and the next good query is answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterator
from itertools import cycle, islice
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.schema import schema
from tests.served import Api, served_article

pytestmark = [pytest.mark.fault, pytest.mark.asyncio(loop_scope="module")]

BOUND = 3.0
"""Seconds of computing that any answer may take: two for a statement, and what is around it."""
GOOD = '{ actor(slug: "lavrov") { name } }'
SLUG = "libya-russia-moscow-2020-12-30"
JSON = {"content-type": "application/json"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The one API that gets all of it."""
    async with served_article(tmp_path_factory.mktemp("attacked") / "communique.db") as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def api(attacked: Api, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Api]:
    """The API; afterwards it must be as it was, and soon."""
    before, began = await attacked.head(), process_time()
    yield attacked
    assert process_time() - began < BOUND
    assert await attacked.head() == before
    assert await attacked.ask(GOOD) == {"actor": {"name": "Sergey Lavrov"}}
    assert [record for record in caplog.records if record.exc_info] == []


def body(query: Any, **more: Any) -> bytes:
    return json.dumps({"query": query, **more}).encode()


NOT_GRAPHQL: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 400),
    "no JSON": (b"{", 400),
    "a number": (b"5", 400),
    "null": (b"null", 400),
    "a string": (b'"x"', 400),
    "a list": (b"[]", 400),
    "a batch": (b"[" + body(GOOD) + b"]", 400),
    "no query": (b"{}", 400),
    "query is a number": (body(5), 400),
    "query is blank": (body(" \n"), 400),
    "variables are a list": (body(GOOD, variables=[1]), 400),
    "variables are a string": (body(GOOD, variables="{}"), 400),
    "operation name is a number": (body(GOOD, operationName=5), 400),
    "invalid UTF-8": (b'{"query": "\xff\xfe"}', 400),
    "invalid UTF-8 in variables": (b'{"query": "{x}", "variables": {"a": "\xc3("}}', 400),
    "overlong UTF-8": (b'{"query": "\xc0\xaf"}', 400),
    "UTF-16": (body(GOOD).decode().encode("utf-16"), 400),
    "lone surrogate": (rb'{"query": "{ actor(slug: \"\ud800\") { name } }"}', 400),
    "lone surrogate in variables": (rb'{"query": "{x}", "variables": {"a": "\udfff"}}', 400),
    "NaN": (b'{"query": "{x}", "variables": {"a": NaN}}', 400),
    "Infinity": (b'{"query": "{x}", "variables": {"a": -Infinity}}', 400),
    "JSON 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, 400),
    "variables 100,000 deep": (
        b'{"query": "{x}", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        400,
    ),
    "variables are 0": (body(GOOD, variables=0), 400),
    "variables are false": (body(GOOD, variables=False), 400),
    "variables are blank": (body(GOOD, variables=""), 400),
    "operation name is false": (body(GOOD, operationName=False), 400),
    "operation name is an object": (body(GOOD, operationName={}), 400),
    "extensions are 0": (body(GOOD, extensions=0), 400),
    "a batch of one number": (b"[1]", 400),
    "a batch of null": (b"[null]", 400),
    "a nested batch": (b"[[" + body(GOOD) + b"]]", 400),
    "a batch of 1,000": (b"[" + b",".join([body(GOOD)] * 1000) + b"]", 400),
    "gzip that is none": (b"\x1f\x8b\x08\x00" + b"\x00" * 100, 400),
    "byte order mark": (b"\xef\xbb\xbf" + body(GOOD), 400),
    "2**70 as query": (b'{"query": %d}' % 2**70, 400),
}
TOO_LARGE = {
    "5 MB of variables": body(GOOD, variables={"a": "x" * 5_000_000}),
    "20 MB of nothing": b" " * 20_000_000,
    "20 MB of brackets": b"[" * 20_000_000,
}


@pytest.mark.parametrize("name", NOT_GRAPHQL)
async def test_body_that_is_no_request(name: str, api: Api):
    content, status = NOT_GRAPHQL[name]
    response = await api.client.post("/graphql", content=content, headers=JSON)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert 0 < len(error["message"]) < 500


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_body_that_is_too_large(name: str, api: Api):
    response = await api.client.post("/graphql", content=TOO_LARGE[name], headers=JSON)
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"] == {"code": "BODY_TOO_LARGE"}


async def test_last_of_two_keys_counts(api: Api):
    content = b'{"query": "{ nobody }", ' + body(GOOD)[1:]
    response = await api.client.post("/graphql", content=content, headers=JSON)
    assert response.json()["data"] == {"actor": {"name": "Sergey Lavrov"}}


@pytest.mark.parametrize(
    "headers",
    [
        *(
            {"content-type": each}
            for each in (
                *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ";"),
                *("text/xapplication/jsonx", "application/jsonx", "application/json2", "json"),
                *("application/graphql-response+json", "application/json, text/plain", "\xff"),
                *("application/json; charset=utf-16", "application/json; charset=latin1"),
            )
        ),
        {},
        *(
            {**JSON, "content-encoding": each}
            for each in ("gzip", "br", "deflate", "identity, gzip", "x")
        ),
    ],
    ids=str,
)
async def test_body_in_another_form(headers: dict[str, str], api: Api):
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    response = await api.client.post("/graphql", content=body(GOOD), headers=sent)
    assert response.status_code == 415
    error = response.json()["errors"][0]
    assert error["extensions"] == {"code": "UNSUPPORTED_MEDIA_TYPE"}
    assert any(each in error["message"] for each in ("application/json", "utf-8", "encoding"))


@pytest.mark.parametrize(
    "accept",
    [
        *("application/xml", "text/event-stream;q=0", "application/json;q=0", "*/*;q=0"),
        *(
            "application/json;charset=utf-16",
            "text/*",
            "multipart/mixed;subscriptionSpec=1.0",
            "image/png, text/html;q=0",
        ),
    ],
)
async def test_answer_in_another_form(accept: str, api: Api):
    headers = {**JSON, "accept": accept}
    response = await api.client.post("/graphql", content=body(GOOD), headers=headers)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_ACCEPTABLE"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "TRACE", "PROPFIND", "X"])
async def test_other_methods(method: str, api: Api):
    """PUT reserves a stream of events; DELETE ends an operation on one, if it names one."""
    response = await api.client.request(method, "/graphql", content=body(GOOD), headers=JSON)
    assert response.status_code == 405
    assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"
    assert response.json()["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("query=%ff", 200),
        ("query=" + quote(GOOD) + "&variables=5", 400),
        ("query=" + quote(GOOD) + "&variables={", 400),
        ("query=" + quote(GOOD) + "&variables=%ed%a0%80", 400),
        ("query=" + quote(GOOD) + "&operationName=Nobody", 200),
    ],
)
async def test_get_that_is_no_request(query: str, status: int, api: Api):
    response = await api.client.get(f"/graphql?{query}")
    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "INVALID_GRAPHQL"}


async def test_mutation_by_get(api: Api):
    mutation = f'mutation {{ retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x"}}) {{ __typename }} }}'
    for method in ("GET", "HEAD"):
        for headers, status in (({}, 405), ({"sec-fetch-site": "cross-site"}, 403)):
            response = await api.client.request(
                method, "/graphql", params={"query": mutation}, headers=headers
            )
            assert response.status_code == status


async def test_subscription_by_post(api: Api):
    response = await api.post("subscription { log { position } }")
    assert response.status_code == 400
    message = response.json()["errors"][0]["message"]
    assert "graphql-transport-ws" in message
    assert "text/event-stream" in message


def nested(levels: int, opening: str, closing: str) -> str:
    return opening * levels + closing * levels


def doubling(levels: int, spread: str) -> str:
    """Fragments, each of which has the next one twice."""
    parts = [
        f"fragment F{n} on Actor {{ {spread.format(next=f'...F{n + 1}')} }}" for n in range(levels)
    ]
    return f'{{ actor(slug: "siala") {{ ...F0 }} }} {" ".join(parts)} fragment F{levels} on Actor {{ name }}'


INVALID: dict[str, str] = {
    "syntax error": "{ actor(",
    "NUL character": "{ actor\0 }",
    "unknown field": "{ nobody }",
    "unknown enum value": "{ actors(filter: {kind: KING}) { totalCount } }",
    "NaN": "{ actors(first: NaN) { totalCount } }",
    "2**70": f"{{ actors(first: {2**70}) {{ totalCount }} }}",
    "2**70 as position": f'{{ actor(slug: "x", asOf: {{position: {2**70}}}) {{ name }} }}',
    "negative position": '{ actor(slug: "x", asOf: {position: -1}) { name } }',
    "asOf without a field": '{ actor(slug: "x", asOf: {}) { name } }',
    "asOf with two fields": (
        '{ actor(slug: "x", asOf: {position: 1, recordedAt: "2020-01-01T00:00:00Z"}) { name } }'
    ),
    "malformed EDTF": '{ relations(on: "2020-13") { totalCount } }',
    "malformed EDTF in a filter": '{ timeline(filter: {during: "last week"}) { totalCount } }',
    "malformed date": '{ timeline(filter: {from: "2020-02-30"}) { totalCount } }',
    "instant without offset": '{ log(filter: {recordedFrom: "2020-01-01T00:00:00"}) { totalCount } }',
    "lone surrogate": r'{ actor(slug: "\ud800") { name } }',
    "unknown fragment": "{ ...A }",
    "unused fragment": "{ status { head } } fragment A on Query { status { head } }",
    "1,000 unused variables": f"query ({' '.join(f'$v{n}: Int' for n in range(1000))}) {{ status {{ head }} }}",
    "1,000 unknown variables": f"{{ nodes(ids: [{' '.join(f'$v{n}' for n in range(1000))}]) {{ id }} }}",
    "a directive again and again": "{ status { head @include(if: true) @include(if: true) } }",
    "@stream on no list": '{ actor(slug: "x") @stream { name } }',
    "100 @defer in a subscription": "subscription { "
    + "... @defer { log { position } } " * 100
    + "}",
    "100 operations of one name": "query A { status { head } } " * 100,
    "100 fragments of one name": "{ ...A } " + "fragment A on Query { status { head } } " * 100,
    "no selection": "{ status }",
    "selection of a value": "{ status { head { x } } }",
    "a type": "type Query { a: Int }",
    "an extension": "extend type Query { a: Int }",
    "two operations without a name": "query A { status { head } } query B { status { head } }",
    "fragment cycle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragment on itself": '{ actor(slug: "x") { ...A } } fragment A on Actor { relations { nodes { subject { ...A } } } }',
}


@pytest.mark.parametrize("name", INVALID)
async def test_document_that_is_not_valid(name: str, api: Api):
    await check(api, INVALID[name], {"INVALID_GRAPHQL"})


PUT_OFF: dict[str, str] = {
    "100 @defer": "{ " + "... @defer { status { head } } " * 100 + "}",
    "100 parts": "{ "
    + " ".join(f"... @defer {{ a{n}: status {{ head }} }}" for n in range(100))
    + " }",
    "100 @defer in 100 @defer": (
        f"{{ {'...A @defer ' * 100} }} fragment A on Query {{ status {{ {'... @defer { head } ' * 100} }} }}"
    ),
    "@stream": "{ actors { nodes @stream { name } } }",
}


@pytest.mark.parametrize("name", PUT_OFF)
async def test_much_that_is_put_off(name: str, api: Api):
    await check(api, PUT_OFF[name], {"INCREMENTAL_NOT_ACCEPTED"}, 406)
    asking: Any = {"json": {"query": PUT_OFF[name]}, "headers": {"accept": "multipart/mixed"}}
    response, other = await asyncio.gather(api.client.post("/graphql", **asking), api.ask(GOOD))
    assert other == {"actor": {"name": "Sergey Lavrov"}}
    assert b"errors" not in response.content
    assert response.content.endswith(b'"hasNext":false}\r\n-----\r\n')


async def check(api: Api, query: str, codes: Collection[str], status: int = 200) -> None:
    """A document is refused with one of these codes; a second client, who asks at the same time, is answered."""
    response, other = await asyncio.gather(api.post(query), api.ask(GOOD))
    assert other == {"actor": {"name": "Sergey Lavrov"}}
    assert response.status_code == status
    answer = response.json()
    assert answer.get("data") is None
    for error in answer["errors"]:
        assert 0 < len(error["message"]) < 500
        assert error["extensions"]["code"] in codes


SUBJECT = "{ relations { nodes { subject ", "} } }"
TOO_MUCH: dict[str, tuple[str, str]] = {
    "selections 3,000 deep": (nested(3000, "{ a ", "}"), "TOO_DEEP"),
    "selections 400 deep": (nested(400, "{ a ", "}"), "TOO_DEEP"),
    "selections 60 deep": (nested(60, "{ a ", "}"), "TOO_DEEP"),
    "lists 3,000 deep": (f"{{ nodes(ids: {nested(3000, '[', ']')}) {{ id }} }}", "TOO_DEEP"),
    "objects 3,000 deep": (f"{{ actors(filter: {nested(3000, '{a: ', '}')}) }}", "TOO_DEEP"),
    "types 3,000 deep": (f"query ($a: {nested(3000, '[', ']')}) {{ status {{ head }} }}", "TOO_DEEP"),
    "inline fragments 3,000 deep": (nested(3000, "{ ... ", "}"), "TOO_DEEP"),
    "inline fragments 100 deep": (nested(100, "{ ... ", "}"), "TOO_DEEP"),
    "100,000 brackets": (nested(30_000, "{a", "}"), "TOO_DEEP"),
    "brackets one after the other": ("{}" * 50_000, "TOO_MANY_TOKENS"),
    "defined fields 1,000 deep": (f'{{ actor(slug: "siala") {nested(1000, *SUBJECT)} }}', "TOO_DEEP"),
    "fragments 60 deep": (doubling(60, "{next} {next}"), "TOO_DEEP"),
    "120 kB": ("{ status { head } } #" + "é" * 60_000, "DOCUMENT_TOO_LONG"),
    "3 MB of a value": (f'{{ actor(slug: "{"x" * 3_000_000}") {{ name }} }}', "DOCUMENT_TOO_LONG"),
    "many tokens": ("{" + " a" * 40_000 + "}", "TOO_MANY_TOKENS"),
    "many comments": ("#\n" * 40_000 + "{ status { head } }", "TOO_MANY_TOKENS"),
    "strings that do not end": ('"\\' * 45_000, "INVALID_GRAPHQL"),
    "quotes": ('"' * 99_000, "TOO_MANY_TOKENS"),
    "minus": ("-" * 99_000, "TOO_MANY_TOKENS"),
    "one field 3,000 times": ("{" + "status { head } " * 1500 + "}", "TOO_WIDE"),
    "a value 3,000 times": ("{ status {" + "head " * 3000 + "} }", "TOO_WIDE"),
    "one field in parts": (
        '{ actor(slug: "x") {' + ("... {" + "name " * 100 + "} ") * 9 + "} }",
        "TOO_MANY_COMPARISONS",
    ),
    "5,000 aliases": ("{" + " ".join(f"a{n}: x" for n in range(3000)) + "}", "TOO_WIDE"),
    "aliases in parts": (
        "{" + " ".join(f"... {{ {' '.join(f'a{m}n{n}: x' for n in range(100))} }}" for m in range(12)) + "}",
        "TOO_MANY_ALIASES",
    ),
    "200 root fields": (
        "{ ...A ...B } "
        + " ".join(f"fragment {f} on Query {{ {' '.join(f'{f}{n}: x' for n in range(99))} }}" for f in "AB"),
        "TOO_MANY_ROOT_FIELDS",
    ),
    "200 spreads in one place": (
        '{ actor(slug: "x") {' + " ".join(f"...F{n}" for n in range(200)) + "} }"
        + " ".join(f"fragment F{n} on Actor {{ name }}" for n in range(200)),
        "TOO_MANY_COMPARISONS",
    ),
    "20 large fragments of one name": (
        "{ ...A } " + f"fragment A on Query {{ {'x ' * 150} }} " * 20 + "fragment A on Query { x }",
        "TOO_MANY_FIELDS",
    ),
    "400 spreads in one place": ("{" + " ".join(f"...F{n}" for n in range(400)) + "}", "TOO_WIDE"),
    "each of 60 fragments with all that follow": (
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ {' '.join(f'...F{m}' for m in range(n + 1, 60))} x }}" for n in range(60)),
        "TOO_DEEP",
    ),
    "unknown directive 3,000 times": ("{ status { head " + "@a " * 3000 + "} }", "TOO_MANY_DIRECTIVES"),
    "@include 1,000 times": (
        "{ status { head " + "@include(if: true) " * 1000 + "} }",
        "TOO_MANY_DIRECTIVES",
    ),
    "directives on variables": (
        f"query ({' '.join(f'$v{n}: Int @a @b' for n in range(500))}) {{ status {{ head }} }}",
        "TOO_MANY_DIRECTIVES",
    ),
    "2,000 fields": (
        "{" + " ".join(f"x{m} {{ {' '.join(f'y{n}' for n in range(150))} }}" for m in range(14)) + "}",
        "TOO_MANY_FIELDS",
    ),
    "pages in pages": (
        "{ actors(first: 200) { nodes { timeline(first: 200) { nodes { because { rule } } } } } }",
        "TOO_COSTLY",
    ),
    "doubling under two names": (
        doubling(10, "a: relations {{ nodes {{ subject {{ {next} }} }} }} b: relations {{ nodes {{ subject {{ {next} }} }} }}"),
        "TOO_COSTLY",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_document_that_asks_for_too_much(name: str, api: Api):
    query, code = TOO_MUCH[name]
    began = process_time()
    await check(api, query, {code})
    assert process_time() - began < 1


@pytest.mark.parametrize("levels", [10, 20, 30, 40])
async def test_fragments_that_double_in_one_place(levels: int, api: Api):
    assert await api.ask(doubling(levels, "{next} {next}")) == {
        "actor": {"name": "Mohammed Taher Siala"}
    }


async def test_document_11_deep(tmp_path: Path):
    async with served_article(tmp_path / "shallow.db", max_depth=10) as shallow:
        await check(shallow, nested(11, "{ a ", "}"), {"TOO_DEEP"})
        await check(shallow, nested(10, "{ a ", "}"), {"INVALID_GRAPHQL"})


async def test_document_that_is_not_valid_is_400_where_the_media_type_allows(api: Api):
    response = await api.client.post(
        "/graphql",
        content=body("{ nobody }"),
        headers={**JSON, "accept": "application/graphql-response+json"},
    )
    assert response.status_code == 400


async def test_unknown_operation(api: Api):
    content = body("query A { status { head } }", operationName="B")
    answer = (await api.client.post("/graphql", content=content, headers=JSON)).json()
    assert answer["errors"][0]["message"] == "the document has no operation 'B'"


PAGES = "query ($f: Int, $l: Int, $a: String, $b: String) { timeline(first: $f, last: $l, after: $a, before: $b) { nodes { id } } }"
BAD_PAGES: dict[str, tuple[dict[str, Any], str]] = {
    "negative first": ({"f": -1}, "BAD_PAGE"),
    "negative last": ({"l": -1}, "BAD_PAGE"),
    "huge first": ({"f": 201}, "BAD_PAGE"),
    "largest first": ({"f": 2**31 - 1}, "BAD_PAGE"),
    "first and last": ({"f": 1, "l": 1}, "BAD_PAGE"),
    "beyond 32 bits": ({"f": 2**31}, "INVALID_GRAPHQL"),
    "2**70": ({"f": 2**63 - 1}, "INVALID_GRAPHQL"),
    "true": ({"f": True}, "INVALID_GRAPHQL"),
    "text": ({"f": "1"}, "INVALID_GRAPHQL"),
    "fraction": ({"f": 1.5}, "INVALID_GRAPHQL"),
    "word": ({"a": "x"}, "BAD_CURSOR"),
    "empty": ({"a": ""}, "BAD_CURSOR"),
    "not ASCII": ({"b": "é\0"}, "BAD_CURSOR"),
    "not base64": ({"a": "%%%"}, "BAD_CURSOR"),
    "no JSON": ({"a": "eA"}, "BAD_CURSOR"),
    "object": ({"a": "e30"}, "BAD_CURSOR"),
    "too short": ({"a": "WyJPTERFU1QiLDFd"}, "BAD_CURSOR"),
    "long": ({"a": "W" * 1_000_000}, "BAD_CURSOR"),
}


@pytest.mark.parametrize("name", BAD_PAGES)
async def test_page_that_cannot_be(name: str, api: Api):
    variables, code = BAD_PAGES[name]
    assert await api.code(PAGES, **variables) == code


async def test_integer_beyond_64_bits(api: Api):
    content = b'{"query": "query ($f: Int) { timeline(first: $f) { totalCount } }", "variables": {"f": %d}}'
    response = await api.client.post("/graphql", content=content % 2**70, headers=JSON)
    assert response.status_code in {200, 400}
    assert response.json()["errors"][0]["extensions"]["code"] in {"INVALID_GRAPHQL", "BAD_REQUEST"}


def cursor(*content: Any) -> str:
    from projections.reading.cursors import encode

    return encode(json.dumps(content))


@pytest.mark.parametrize(
    "content",
    [
        ("NEWEST", 119, "2020-12-30", 5),
        ("OLDEST", -1, "2020-12-30", 5),
        ("OLDEST", 2**63, "2020-12-30", 5),
        ("OLDEST", True, "2020-12-30", 5),
        ("OLDEST", 119, None, 5),
        ("OLDEST", 119, ["2020-12-30"], 5),
        ("OLDEST", 119, "2020-12-30", 1.5),
        ("OLDEST", 119, "2020-12-30", 2**64),
        ("OLDEST", 119, "2020-12-30", True),
        ("OLDEST", 119, "2020-12-30"),
        ("OLDEST", 119, "2020-12-30", 5, 5),
        (5, 119, "2020-12-30", 5),
    ],
)
async def test_cursor_that_was_made_up(content: tuple[Any, ...], api: Api):
    assert await api.code(PAGES, a=cursor(*content)) == "BAD_CURSOR"


@pytest.mark.parametrize("name", ["\0", "a\0b", "'; DROP TABLE log; --", "%", "_", '"', "*", "\\"])
@pytest.mark.parametrize("field", ["actor", "article"])
async def test_awkward_slug_is_unknown(name: str, field: str, api: Api):
    asked = f"query ($s: String!) {{ found: {field}(slug: $s) {{ slug }} }}"
    assert await api.ask(asked, s=name) == {"found": None}


AWKWARD = [
    *("\0", "a\0b", "", "%", "_", "*", "^", "(", ")", '"', '"a', "'", "''", "\\", "-", "--", ":"),
    *("AND", "OR NOT", "NEAR(a b)", "a NEAR/2 b", "words:a", "{text}: a", "+", "a + b", "a^", "-a"),
    *(
        "a & b",
        "a | !b",
        "a <-> b",
        "a:*",
        "a & ",
        "(a",
        "!",
        "\x01",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\t\r\n",
        "e\u0301",
    ),
    *("'; DROP TABLE log; --", "1 OR 1=1", "$[0]", "$.x", "\u2028", "\ufffe", "🕊️", "a" * 10_000),
]


NEEDED = {
    "slug": '"siala"',
    "text": '"a"',
    "id": '"Actor:siala"',
    "ids": '["Actor:siala"]',
    "from": "60",
}
"""Values of the arguments that must be given."""


def is_text(type_: Any) -> bool:
    return get_named_type(type_).name in {"String", "ID", "EDTF", "Date", "DateTime"}


def string_arguments() -> Iterator[tuple[str, str]]:
    """(selection, type of its variable) for every place of a query in which a text can be given; `…` stands for it."""
    query = schema()._schema.query_type
    assert query is not None
    found, todo = {query.name}, [(query, "…")]
    for type_, around in todo:
        for name, field in type_.fields.items():
            needed = {
                key: NEEDED[key] for key, each in field.args.items() if is_required_argument(each)
            }
            named: Any = get_named_type(field.type)
            below = "" if is_leaf_type(named) else "{ __typename }"
            for key, argument in field.args.items():
                for value, its_type in with_text(argument.type):
                    given = ", ".join(f"{k}: {v}" for k, v in {**needed, key: value}.items())
                    yield around.replace("…", f"{name}({given}) {below}"), its_type
            if (
                isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
                and named.name not in found
            ):
                found.add(named.name)
                given = ", ".join(f"{k}: {v}" for k, v in needed.items())
                inner = f"{name}{f'({given})' if given else ''} {{ … }}"
                todo.append((named, around.replace("…", inner)))  # type: ignore[arg-type]


def with_text(type_: Any) -> Iterator[tuple[str, str]]:
    """(value, type of its variable) for every place of an argument in which a text can be given."""
    nullable: Any = get_nullable_type(type_)
    if isinstance(nullable, GraphQLInputObjectType):
        for name, field in nullable.fields.items():
            if is_text(field.type):
                yield f"{{{name}: $v}}", str(get_nullable_type(field.type))
    elif is_text(nullable):
        yield "$v", str(nullable)


PLACES = list(string_arguments())


@pytest.mark.parametrize(("field", "type_"), PLACES, ids=[field for field, _ in PLACES])
async def test_awkward_text_in_every_place(field: str, type_: str, api: Api):
    asked = f"query ($v: {type_}!) {{ {field} }}"
    for text in AWKWARD:
        value = [text, text] if type_.startswith("[") else text
        answer = (await api.post(asked, v=value)).json()
        for error in answer.get("errors", ()):
            assert error["extensions"]["code"] in {"INVALID_GRAPHQL", "BAD_CURSOR", "MALFORMED"}
            assert len(error["message"]) < 500


async def test_places_were_found():
    assert len(PLACES) > 60
    assert any(field.startswith("actor") and "relations(filter" in field for field, _ in PLACES)
    assert not any(type_.endswith("!") for _, type_ in PLACES)


LEAVES = {
    "Int": 1,
    "Position": 1,
    "Float": 1.0,
    "Boolean": True,
    "BigInt": 1,
    "EDTF": "2020",
    "Date": "2020-01-01",
}


def least(type_: Any) -> Any:
    """The smallest value of an input type; its texts name nothing that there is."""
    named: Any = get_nullable_type(type_)
    if isinstance(named, GraphQLList):
        return [least(named.of_type)]
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    if isinstance(named, GraphQLInputObjectType):
        fields = list(named.fields.items())
        needed = (
            fields[:1]
            if named.is_one_of
            else [each for each in fields if is_required_input_field(each[1])]
        )
        return {name: least(field.type) for name, field in needed}
    return LEAVES.get(named.name, "BAD!")


def texts(type_: Any, text: str, inside: tuple[str, ...] = ()) -> Iterator[Any]:
    """Values of an input type, each with a text in another place."""
    named: Any = get_nullable_type(type_)
    if isinstance(named, GraphQLList):
        yield from ([each] for each in texts(named.of_type, text, inside))
    elif isinstance(named, GraphQLInputObjectType) and named.name not in inside:
        around = {} if named.is_one_of else least(named)
        for name, field in named.fields.items():
            for each in texts(field.type, text, (*inside, named.name)):
                yield {**around, name: each}
    elif is_text(named):
        yield text


MUTATIONS = schema()._schema.mutation_type


@pytest.mark.parametrize("name", MUTATIONS.fields if MUTATIONS else ())
async def test_awkward_text_in_every_place_of_a_mutation(name: str, api: Api):
    assert MUTATIONS is not None
    type_ = MUTATIONS.fields[name].args["input"].type
    asked = f"mutation ($v: {type_}) {{ {name}(input: $v) {{ __typename ... on Problem {{ message }} }} }}"
    awkward = cycle(AWKWARD)
    for number, _ in enumerate(texts(type_, "")):
        value = next(islice(texts(type_, next(awkward)), number, None))
        answer = (await api.post(asked, v=value)).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"INVALID_GRAPHQL"}
        assert codes or 0 < len(answer["data"][name]["message"]) < 1000


@pytest.mark.parametrize(
    "id_",
    [
        *(
            "",
            ":",
            "Actor",
            "Actor:",
            ":siala",
            "Query:1",
            "Actor:Siala",
            "actor:siala",
            "Report:siala",
        ),
        *(
            "LogEntry:0",
            "LogEntry:-1",
            "LogEntry:x",
            f"LogEntry:{2**63}",
            f"LogEntry:{2**70}",
        ),
        *(
            "Relation:siala",
            "Because:1",
            "__Schema:1",
            "Actor:siala:",
            "Actor:siala\0",
            "x" * 90_000,
        ),
    ],
)
async def test_id_of_nothing(id_: str, api: Api):
    asked = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }"
    assert await api.ask(asked, id=id_) == {"node": None, "nodes": [None]}


async def test_cursor_of_another_list(api: Api):
    """One of another order or list is refused; a filter changes no places, so that one of another filter is as good."""
    found = await api.ask("{ actors { edges { cursor } } relations { edges { cursor } } }")
    (actor, *_), (relation, *_) = [
        [edge["cursor"] for edge in found[name]["edges"]] for name in ("actors", "relations")
    ]
    for foreign in (actor, relation, actor[:-2], actor + actor, f" {actor}"):
        assert await api.code(PAGES, a=foreign) == "BAD_CURSOR"
    assert (
        await api.code(
            "query ($a: String) { actors(after: $a, orderBy: NEWEST) { totalCount nodes { id } } }",
            a=actor,
        )
        == "BAD_CURSOR"
    )
    other = "query ($a: String) { actors(after: $a, filter: {kind: STATE}) { nodes { kind } } }"
    assert (await api.ask(other, a=actor))["actors"]["nodes"]


async def test_many_ids(api: Api):
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert len((await api.ask(asked, ids=["Actor:siala"] * 200))["nodes"]) == 200
    assert await api.code(asked, ids=["Actor:siala"] * 201) == "MALFORMED"
    assert await api.code(asked, ids=["Actor:siala"] * 10_000) == "MALFORMED"


@pytest.mark.parametrize("levels", [5, 10, 20, 50, 100, 300])
@pytest.mark.parametrize("size", [1, 200])
async def test_connections_in_connections(levels: int, size: int, api: Api):
    opening = f"{{ relations(first: {size}) {{ nodes {{ subject "
    query = f"{{ actors {{ nodes {nested(levels, opening, '} } }')} }} }}".replace(
        "subject }", "subject { name } }"
    )
    answer = (await api.post(query)).json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert codes <= {"TOO_COMPLEX", "TOO_SLOW", "TOO_COSTLY", "TOO_DEEP"}
    assert codes or answer["data"]["actors"]


WRITES: dict[str, tuple[str, str]] = {
    "quote that is not in the text": (
        f'record(input: {{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [{{exact: "no such words"}}], body: "ldf"}}}}]}})',
        "QUOTE_NOT_FOUND",
    ),
    "empty quote": (
        f'record(input: {{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [{{exact: ""}}], body: "ldf"}}}}]}})',
        "QUOTE_NOT_FOUND",
    ),
    "unknown actor": (
        f'record(input: {{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [{{exact: "Lavrov in Moscow"}}], body: "nobody"}}}}]}})',
        "UNKNOWN_ACTOR",
    ),
    "no evidence": (
        f'record(input: {{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [], body: "ldf"}}}}]}})',
        "MALFORMED",
    ),
    "no reports": (f'record(input: {{article: "{SLUG}", reports: []}})', "MALFORMED"),
    "unknown article": (
        'record(input: {article: "nothing", reports: [{sessionOpened: {evidence: [{exact: "x"}], body: "ldf"}}]})',
        "UNKNOWN_ARTICLE",
    ),
    "NUL in a slug": (
        'ingestArticle(input: {slug: "a\\u0000b", title: "x", published: "2020-01-01", text: "x"})',
        "MALFORMED",
    ),
    "NUL in a text": (
        'ingestArticle(input: {slug: "a", title: "x", published: "2020-01-01", text: "x\\u0000"})',
        "MALFORMED",
    ),
    "wrong expected version": (
        f'retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", expectedVersion: 1}})',
        "VERSION_CONFLICT",
    ),
    "negative expected version": (
        f'retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", expectedVersion: -1}})',
        "VERSION_CONFLICT",
    ),
    "empty key": (
        f'retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", key: ""}})',
        "MALFORMED",
    ),
    "no reason": (
        f'retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: ""}})',
        "MALFORMED",
    ),
    "awkward article": (
        'retract(input: {article: "\'; DROP TABLE log; --", report: "x", reason: "x"})',
        "UNKNOWN_ARTICLE",
    ),
    "slug with capitals": (
        'registerActors(input: {actors: [{slug: "BAD", kind: STATE, name: "x"}]})',
        "MALFORMED",
    ),
    "no actors": ("registerActors(input: {actors: []})", "MALFORMED"),
    "blank name": (
        'registerActors(input: {actors: [{slug: "x", kind: STATE, name: ""}]})',
        "MALFORMED",
    ),
    "key of 90,000 characters": (
        f'retract(input: {{article: "{SLUG}", report: "arms-to-haftar", reason: "x", key: "{"k" * 90_000}"}})',
        "MALFORMED",
    ),
}


@pytest.mark.parametrize("name", WRITES)
async def test_write_that_is_refused(name: str, api: Api):
    mutation, code = WRITES[name]
    data = await api.ask(
        f"mutation {{ done: {mutation} {{ __typename ... on Problem {{ code message }} }} }}"
    )
    assert data["done"]["code"] == code
    assert 0 < len(data["done"]["message"]) < 1000


@pytest.mark.parametrize(
    "input_",
    [
        f'{{article: "{SLUG}", reports: [{{}}]}}',
        f'{{article: "{SLUG}", reports: [{{sessionOpened: null}}]}}',
        f'{{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [{{exact: "x"}}], body: "a"}}, rumour: {{}}}}]}}',
        f'{{article: "{SLUG}", reports: [{{sessionOpened: {{body: "ldf"}}}}]}}',
        f'{{article: "{SLUG}", reports: [{{sessionOpened: {{evidence: [{{exact: "x"}}], body: "ldf", when: {{edtf: "2020-13", role: OCCURRED, basis: STATED}}}}}}]}}',
        f'{{article: "{SLUG}", reports: 5}}',
        "{}",
    ],
)
async def test_write_that_is_not_valid(input_: str, api: Api):
    assert await api.code(f"mutation {{ record(input: {input_}) {{ __typename }} }}") == (
        "INVALID_GRAPHQL"
    )


@pytest.mark.parametrize(
    "asked",
    [
        "query ($v: [ID!]!) { nodes(ids: $v) { id } }",
        "mutation ($v: RecordInput!) { record(input: $v) { __typename } }",
    ],
)
@pytest.mark.parametrize("member", ["list", "object"])
async def test_variables_1000_deep(asked: str, member: str, api: Api):
    opening, closing = ("[", "]") if member == "list" else ('{"reports": ', "}")
    variables = (
        b'{"v": %b}'
        % nested(1000, opening, closing).replace(opening + closing, f"{opening}1{closing}").encode()
    )
    content = b'{"query": %b, "variables": %b}' % (json.dumps(asked).encode(), variables)
    response = await api.client.post("/graphql", content=content, headers=JSON)
    assert response.json()["errors"][0]["extensions"]["code"] in {
        "VARIABLES_TOO_DEEP",
        "BAD_REQUEST",
    }


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("timeline(first: -1) { totalCount nodes { ref } }", "BAD_PAGE"),
        ('timeline(after: "x") { nodes { ref } }', "BAD_CURSOR"),
        ('search(text: "-a") { totalCount }', "MALFORMED"),
        (
            "timeline { "
            + " ".join(
                f"a{n}: nodes {{ ref evidence {{ exact }} because {{ rule }} }}" for n in range(190)
            )
            + " }",
            "TOO_COMPLEX",
        ),
    ],
)
async def test_refused_beside_introspection(asked: str, code: str, api: Api):
    assert await api.code(f"{{ __schema {{ queryType {{ name }} }} {asked} }}") == code
