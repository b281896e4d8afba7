"""What does a node say, apart from its grounds?  All of its own fields, made from the schema itself, at any moment."""

from functools import cache
from typing import Any, Final

import orjson
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from api.reading import Reading
from api.schema import schema

NODES: Final = {
    "articles": ("Article", ""),
    "actors": ("Actor", ""),
    "relations": ("Relation", ""),
    "timeline": ("Report", ", filter: {includeRetracted: true}"),
    "commissions": ("Commission", ""),
}
"""The lists that together have every node, and the type of each."""

REFERENCES: Final = {"Actor": "slug", "Article": "slug", "Report": "ref"}
GROUNDS: Final = frozenset({"because", "history", "count", "holds", "sessions", "version", "text"})

State = dict[str, Any]
"""What the nodes say, by id."""


@cache
def said(type_: str, *without: str) -> str:
    """The fields of a node, as a selection; of an interface, those of every type that has it."""
    graph = schema()._schema
    named: Any = graph.type_map[type_]
    if isinstance(named, GraphQLObjectType):
        return _fields(named, "", without)
    return "__typename " + " ".join(
        f"... on {each.name} {{ {_fields(each, f'{each.name}_', without)} }}"
        for each in graph.get_possible_types(named)
        if each.name != "LogEntry"
    )


async def state(reading: Reading, position: int) -> State:
    """Every node as of a position; lists must not be longer than a page."""
    lists = " ".join(
        f"{name}(first: 200, asOf: {{position: $p}}{more}) {{ totalCount nodes {{ id {said(type_)} }} }}"
        for name, (type_, more) in NODES.items()
    )
    found = await read(reading, f"query ($p: Position!) {{ {lists} }}", p=position)
    assert all(each["totalCount"] <= 200 for each in found.values())
    return {node["id"]: node for each in found.values() for node in each["nodes"]}


async def read(reading: Reading, query: str, **variables: Any) -> Any:
    """The data of an answer."""
    assert reading.document(query).errors == []
    answer = await reading.answer(query, None, variables)
    assert isinstance(answer, tuple), answer
    return orjson.loads(answer[1])


def _fields(type_: GraphQLObjectType, prefix: str, without: tuple[str, ...]) -> str:
    """Fields whose keys are new in each type, since one name may mean different things in two."""
    parts = []
    for name, field in type_.fields.items():
        named: Any = get_named_type(field.type)
        if name in GROUNDS or name in without or named.name.endswith("Connection"):
            continue
        inner = ""
        if not is_leaf_type(named):
            inner = f" {{ {REFERENCES.get(named.name) or _fields(named, '', ())} }}"
        key = f"{prefix}{name}: " if prefix and name != "id" else ""
        parts.append(f"{key}{name}{inner}")
    return " ".join(parts)
