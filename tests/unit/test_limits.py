"""Is a document refused exactly where it exceeds a limit, and is its cost what its pages say?"""

from typing import Any

import pytest
from graphql import GraphQLError, parse
from hypothesis import given
from hypothesis import strategies as st

from api.limits import text
from api.limits.bounds import Limits
from api.limits.walk import Walker
from api.schema import schema


def walked(source: str, **limits: Any) -> Any:
    """The costs of a document's operations.  Raises GraphQLError."""
    bounds = Limits(**limits)
    text.check(source, bounds)
    return Walker(schema()._schema, bounds).walk(parse(source))


def cost(source: str, **variables: Any) -> int:
    (only,) = walked(source, max_depth=100).values()
    return int(only.of(variables))


def refusal(source: str, **limits: Any) -> GraphQLError:
    with pytest.raises(GraphQLError) as caught:
        walked(source, **limits)
    return caught.value


FITTING = {
    "max_document_bytes": ("{ status { head } } # é", 24),
    "max_tokens": ('{ a(b: "c", d: """e""") # comment\n }', 12),
    "max_nesting": ("{ a(b: [{c: [1]}]) { d } }", 5),
    "max_depth": ("{ ...A } fragment A on Query { status { ... { head } } }", 4),
    "max_breadth": ("{ a b c { d } ... { e } }", 4),
    "max_fields": ("{ a b ... { c { d } } ...E } fragment E on Query { e }", 5),
    "max_aliases": ("{ a: b c { d: e } } fragment F on X { f: g }", 3),
    "max_directives": (
        "query ($a: Int @a) @b { c @d(e: 1) ... @f { g } ...H @h } fragment H on X @i { j @k }",
        7,
    ),
    "max_root_fields": ("{ a b ...C ... { ...C d } } fragment C on Query { c }", 5),
    "max_comparisons": ("{ a a a b { a a } }", 4),
}
"""Documents, and the least limit with which they pass."""


@pytest.mark.parametrize("name", FITTING)
def test_limit_is_exact(name: str):
    source, most = FITTING[name]
    walked(source, **{name: most})
    error = refusal(source, **{name: most - 1})
    assert error.extensions is not None
    assert error.extensions["limit"] == most - 1
    assert f"the limit is {most - 1}" in error.message
    assert error.locations or name == "max_document_bytes"


def doubling(levels: int, used: str = "...F{0} ...F{0}") -> str:
    spreads = [f"fragment F{n} on Actor {{ {used.format(n + 1)} }}" for n in range(levels)]
    return f'query ($n: Int) {{ actor(slug: "x") {{ ...F0 }} }} {" ".join(spreads)} fragment F{levels} on Actor {{ name }}'


def test_fragment_counts_once_in_one_place():
    assert cost(doubling(40)) == 1
    walked(doubling(40))


def test_fragments_multiply_in_several_places():
    twice = "a: relations(first: 1) {{ nodes {{ subject {{ ...F{0} }} }} }} b: relations(first: 1) {{ nodes {{ subject {{ ...F{0} }} }} }}"
    assert cost(doubling(3, twice)) == 1 + sum(6 * 2**n for n in range(3))
    by_variable = twice.replace("first: 1", "first: $n")
    assert cost(doubling(3, by_variable), n=1) == cost(doubling(3, twice))
    assert cost(doubling(12, by_variable), n=200) == 2**53


@pytest.mark.parametrize("source", [
    "{ ...A }", "{ ...A } fragment A on Query { ...A }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "{ nobody { nothing { no } } }", "{ ... on Nobody { a { b } } }", "fragment A on X { a { b } }",
    "{ }", "type X { a: Int }", "subscription { a { b } } mutation { c { d } }",
])  # fmt: skip
def test_nonsense_is_left_to_validation(source: str):
    for costs in walked(source).values():
        assert costs.of({}) in {0, 1, 2, 3}


COSTS: dict[str, tuple[str, dict[str, Any], int]] = {
    "values": ("{ __typename }", {}, 0),
    "object": ('{ actor(slug: "x") { name kind } }', {}, 1),
    "twice": ('{ a: actor(slug: "x") { name } b: actor(slug: "y") { name } }', {}, 2),
    "page of 20": ("{ actors { nodes { name } } }", {}, 21),
    "page without elements": ("{ actors(first: 200) { totalCount } }", {}, 1),
    "first": ("{ actors(first: 7) { nodes { name } pageInfo { endCursor } } }", {}, 9),
    "last": ("{ actors(last: 7) { edges { node { name } } } }", {}, 15),
    "both ways": ("{ actors(first: 7) { nodes { name } edges { node { name } } } }", {}, 22),
    "too much": ("{ actors(first: 100000) { nodes { name } } }", {}, 201),
    "negative": ("{ actors(first: -5) { nodes { name } } }", {}, 1),
    "in each other": (
        "{ actors(first: 3) { nodes { relations(first: 5) { nodes { subject { name } } } } } }",
        {},
        1 + 3 * (1 + 1 + 5 * (1 + 1)),
    ),
    "list": ('{ actor(slug: "x") { aliases { evidence { exact } } } }', {}, 1 + 5 * (1 + 5)),
    "ids": ('{ nodes(ids: ["a", "b"]) { id } }', {}, 2),
    "ids by a variable": ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 3}, 3),
    "variable": ("query ($n: Int) { actors(first: $n) { nodes { id } } }", {"n": 9}, 10),
    "variable left out": ("query ($n: Int) { actors(first: $n) { nodes { id } } }", {}, 21),
    "variable null": ("query ($n: Int) { actors(first: $n) { nodes { id } } }", {"n": None}, 21),
    "variable of the wrong type": ("query ($n: Int) { actors(first: $n) { nodes { id } } }", {"n": "9"}, 21),
    "default": ("query ($n: Int = 4) { actors(first: $n) { nodes { id } } }", {}, 5),
    "default not taken": ("query ($n: Int = 4) { actors(first: $n) { nodes { id } } }", {"n": 5}, 6),
    "fragment on a page": (
        "query ($n: Int) { actors(first: $n) { ...P } } fragment P on ActorConnection { nodes { ...A } } fragment A on Actor { aliases { name } }",
        {"n": 2},
        1 + 2 * (1 + 5),
    ),
    "put off": ("{ ... @defer { actors(first: 7) { nodes @stream { ... @defer { name } } } } }", {}, 10 + 1 + 10 + 7 * (1 + 10)),
    "schema": ("{ __schema { queryType { name } } }", {}, 2),
    "mutation": ("mutation { retract { ... on Recorded { reports { id } } } }", {}, 6),
    "subscription": ("subscription { log { report { id } } }", {}, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTS)
def test_cost(name: str):
    source, variables, expected = COSTS[name]
    assert cost(source, **variables) == expected


@given(st.integers(-5, 300), st.integers(-5, 300))
def test_cost_is_the_same_by_variables_and_by_values(first: int, last: int):
    asked = "actors(first: {}) {{ nodes {{ relations(last: {}) {{ edges {{ node {{ subject {{ id }} }} }} }} }} }}"
    by_variables = "query ($f: Int, $l: Int) {" + asked.format("$f", "$l") + "}"
    assert cost(by_variables, f=first, l=last) == cost("{" + asked.format(first, last) + "}")


VALUES = [
    *('"x"', '""', '"\\""', '"\\\\"', '"#{"', '""""""', '"""a"b\n#"""', '"""\\""""""', '"""" """', "é".join('""')),
    *("1", "-1.5e3", "0", "e", "$v", "true", "[]", "{}", "[1 {a: [2]}]", '# c " {\n', "#\r", ",", "\ufeff"),
]  # fmt: skip


@given(st.lists(st.sampled_from(VALUES)))
def test_tokens_are_counted_as_they_are_parsed(values: list[str]):
    source = f"{{ a(b: [{' '.join(values)}]) ...F }}"
    location = parse(source).loc
    assert location is not None
    token, number = location.start_token.next, 0
    while token is not None and token.kind.name != "EOF":
        token, number = token.next, number + 1
    text.check(source, Limits(max_tokens=number))
    with pytest.raises(GraphQLError, match="too many tokens"):
        text.check(source, Limits(max_tokens=number - 1))
