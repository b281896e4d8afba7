"""Is it seen from a document alone what it needs, however it leads to the log, and whatever the schema becomes?"""

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    parse,
    validate,
)

from api.access.callers import AUDITING, READING, RECORDING, RIGHTS, Right, Role
from api.access.needs import HIDDEN, needs
from api.schema import schema

SCHEMA = schema()._schema
ENTRY = "{ because { entry { record } } }"


def needed(document: str, name: str | None = None) -> frozenset[Right]:
    tree = parse(document)
    assert validate(SCHEMA, tree) == []
    return needs(SCHEMA, tree)[name]


def objects() -> list[GraphQLObjectType | GraphQLInterfaceType]:
    return [
        type_
        for name, type_ in SCHEMA.type_map.items()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
    ]


LEADING = [
    (type_.name, name)
    for type_ in objects()
    for name, field in type_.fields.items()
    if str(get_named_type(field.type)).startswith("LogEntry")
]
"""Every field of the schema that leads to records of the log, by its type and name."""


def test_there_are_fields_that_lead_to_the_log():
    assert {("Query", "log"), ("Subscription", "log"), ("Because", "entry")} <= set(LEADING)


@pytest.mark.parametrize(("type_", "name"), LEADING)
def test_every_field_that_leads_to_the_log_needs_it(type_: str, name: str):
    """In a fragment, since a type of the schema can stand anywhere; pages lead on from a field that needs it."""
    if type_.startswith("LogEntry"):
        return
    root = {"Query": "query", "Subscription": "subscription"}.get(type_)
    if root:
        assert Right.LOG in needed(f"{root} {{ {name} {{ __typename }} }}")
        return
    document = parse(f"{{ __typename ...F }} fragment F on {type_} {{ {name} {{ __typename }} }}")
    assert Right.LOG in needs(SCHEMA, document)[None]


def test_no_other_way_leads_to_a_record():
    """What may be a record of the log, or anything else, is a node, and of those that may be one there is none."""
    abstract = [
        type_.name
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType)
        and any(each.name in HIDDEN for each in SCHEMA.get_possible_types(type_))
    ]
    assert abstract == ["Node"]


def test_every_mutation_needs_recording():
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        assert not is_leaf_type(get_named_type(field.type))
        document = parse(f"mutation {{ {name} {{ __typename }} }}")
        assert needs(SCHEMA, document)[None] == RECORDING


WAYS = {
    "nothing of it": ("{ status { head } }", READING),
    "introspection": ("{ __schema { types { name } } __typename }", READING),
    "the root": ("{ log { totalCount } }", AUDITING),
    "another name": ("{ views: log { totalCount } }", AUDITING),
    "a reason": (f'{{ actor(slug: "x") {ENTRY} }}', AUDITING),
    "a reason's report": ('{ actor(slug: "x") { because { event { ref } rule } } }', READING),
    "an inline fragment": (f'{{ node(id: "x") {{ ... on Actor {ENTRY} }} }}', AUDITING),
    "a fragment without a type": ("{ ... { log { totalCount } } }", AUDITING),
    "a fragment": (f'{{ actor(slug: "x") {{ ...A }} }} fragment A on Actor {ENTRY}', AUDITING),
    "a fragment of a fragment": (
        f'{{ actor(slug: "x") {{ ...A }} }} fragment A on Actor {{ ...B }} fragment B on Actor {ENTRY}',
        AUDITING,
    ),
    "behind @include": (
        "query ($yes: Boolean!) { status { head } log @include(if: $yes) { totalCount } }",
        AUDITING,
    ),
    "a change": (
        "subscription { actorChanges { ... on ActorAdded { cause { kind } } } }",
        AUDITING,
    ),
    "changes": ("subscription { actorChanges { ... on ActorAdded { position } } }", READING),
    "a node that may be a record": (
        '{ node(id: "LogEntry:1") { ... on LogEntry { record } } }',
        READING,
    ),
    "what was recorded": (
        """mutation { retract(input: {article: "a", report: "b", reason: "c"}) {
          ... on Recorded { reports { because { entry { record } } } } } }""",
        RECORDING | AUDITING,
    ),
}


@pytest.mark.parametrize(("document", "rights"), WAYS.values(), ids=WAYS)
def test_what_an_operation_needs(document: str, rights: frozenset[Right]):
    assert needed(document) == rights


def test_operations_of_one_document_need_what_they_need():
    document = "query A { status { head } } query B { log { totalCount } }"
    assert (needed(document, "A"), needed(document, "B")) == (READING, AUDITING)


def test_roles_are_a_lattice():
    assert RIGHTS[Role.READER] < RIGHTS[Role.RECORDER] < RIGHTS[Role.ADMIN]
    assert RIGHTS[Role.READER] < RIGHTS[Role.AUDITOR] < RIGHTS[Role.ADMIN]
    assert not RIGHTS[Role.RECORDER] <= RIGHTS[Role.AUDITOR]
    assert not RIGHTS[Role.AUDITOR] <= RIGHTS[Role.RECORDER]
