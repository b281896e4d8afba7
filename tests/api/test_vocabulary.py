"""Can every kind of report be recorded through the API, and read back with all that it said?"""

from enum import Enum
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from api.schema import schema
from events.vocabulary import REPORT_KINDS, report_of
from projections.views.reports import camel
from tests.histories import TEXT, quote
from tests.served import Api
from tests.strategies import ACTORS, fields

GRAPH = schema()._schema
EXAMPLES = 25
"""Reports of each kind."""
SHOWN = {"Actor": "slug", "Article": "slug", "Report": "ref", "Evidence": "exact"}
"""By which field another thing is told."""
DERIVED = {
    "id",
    "kind",
    "position",
    "recordedAt",
    "article",
    "corrections",
    "retraction",
    "disputes",
    "because",
    "history",
}
OF_DATES = {"earliest", "latest"}


def told(type_: Any, value: Any) -> Any:
    """What an input says, or what is told of an output: a value of the vocabulary in the words of the API."""
    type_ = get_nullable_type(type_)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        return [told(type_.of_type, each) for each in value]
    if isinstance(type_, GraphQLEnumType):
        return str(value.value if isinstance(value, Enum) else value).upper()
    if isinstance(type_, GraphQLInputObjectType | GraphQLObjectType) and isinstance(value, dict):
        named = {camel(name): each for name, each in value.items()}
        return {
            name: told(field.type, named[name])
            for name, field in type_.fields.items()
            if name in named
        }
    return value


def everything(type_: GraphQLObjectType, skipped: set[str]) -> str:
    """A selection of all that a type says itself."""
    parts = []
    for name, field in type_.fields.items():
        inner: Any = get_named_type(field.type)
        if name in skipped:
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif inner.name in SHOWN:
            parts.append(f"{name} {{ {SHOWN[inner.name]} }}")
        else:
            parts.append(f"{name} {everything(inner, OF_DATES)}")
    return "{ " + " ".join(parts) + " }"


def plain(value: Any) -> Any:
    """An answer, with things that are told by one field replaced by that."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        if len(value) == 1 and set(value) <= {"slug", "ref", "exact"}:
            return next(iter(value.values()))
        return {name: plain(each) for name, each in value.items()}
    return value


@pytest.fixture
async def oslo(empty: Api) -> Api:
    """An API with one article and some actors."""
    actors = [{"slug": slug, "kind": "PERSON", "name": slug.title()} for slug in ACTORS]
    await empty.ask(
        """mutation ($text: String!, $actors: [ActorInput!]!) {
          ingestArticle(input: {slug: "oslo", title: "x", published: "2020-12-30", text: $text}) { __typename }
          registerActors(input: {actors: $actors}) { __typename }
        }""",
        text=TEXT,
        actors=actors,
    )
    return empty


@pytest.mark.parametrize("kind", sorted(REPORT_KINDS))
async def test_kind_is_recorded_and_read_back(kind: str, oslo: Api):
    model = REPORT_KINDS[kind]
    input_: Any = GRAPH.type_map[f"{kind}Input"]
    output: Any = GRAPH.type_map[kind]
    said = [
        {
            **fields(Random(seed), model, "ref", "evidence"),
            "ref": f"r{seed}",
            "links": [{"kind": "context_of", "report": "r0"}] if seed else [],
        }
        for seed in range(EXAMPLES)
    ]
    member = kind[0].lower() + kind[1:]
    reports = [
        {member: {**told(GraphQLNonNull(input_), each), "evidence": [{"exact": "Ann met"}]}}
        for each in said
    ]
    done = await oslo.ask(
        'mutation ($reports: [ReportInput!]!) { record(input: {article: "oslo", reports: $reports}) {'
        f" ... on Problem {{ message }} ... on Recorded {{ reports {{ ... on {kind} {everything(output, DERIVED)} }} }} }} }}",
        reports=reports,
    )
    shown = [plain(report) for report in done["record"]["reports"]]
    for each, report in zip(said, shown, strict=True):
        whole = report_of(kind, {**each, "evidence": [quote("Ann met")]}).model_dump(mode="json")
        del whole["kind"]
        assert report == {**told(output, whole), "evidence": ["Ann met"]}


@pytest.mark.parametrize(
    "text", ['"\\', "\u2028é🕊️", "\x01\x1f\x7f", "'; --", "a\0b", " ", "\ufeff"]
)
async def test_awkward_text_is_read_back(text: str, oslo: Api):
    """To the character, or it is refused."""
    report = {"evidence": [{"exact": "Ann met"}], "situation": "s", "note": text, "by": text}
    done = await oslo.ask(
        """mutation ($report: ReportInput!) { record(input: {article: "oslo", reports: [$report]}) {
          ... on Malformed { code } ... on Recorded { reports { note by } } } }""",
        report={"situationAttested": {**report, "when": None}},
    )
    read = {"reports": [{"note": text, "by": text}]}
    assert done["record"] in ([read, {"code": "MALFORMED"}] if "\0" in text else [read])
