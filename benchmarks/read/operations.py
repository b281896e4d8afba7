"""What is asked?  Three operations, each as the product and as the peer understand it, and what their answers have in common.

The lists are also asked for their further pages: those of the product are of the position that the first one was of, and so never overlap.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

Ask = Callable[[bytes], bytes]
"""Posts a body, and gives that of the answer."""

ACTORS: Final = 200
"""Actors whose pages are asked for."""
PAGES: Final = 20
"""Pages of each list that are asked for."""
CURSORS: Final = ("cursor", "endCursor")


@dataclass(frozen=True)
class Operation:
    """What one side is asked."""

    document: str
    connection: str | None = None
    """The root field that is a list; none asks for one actor after the other."""
    further: bool = False
    """Whether to ask for one page of the list after the other, not always for the first one."""

    def body(self, **variables: Any) -> bytes:
        return orjson.dumps({"query": self.document, "variables": variables})

    def bodies(self, ask: Ask, slugs: list[str], **variables: Any) -> list[bytes]:
        """Requests that all ask for something else; a page begins where the one before it ended."""
        if self.connection is None:
            return [self.body(slug=slug, **variables) for slug in slugs]
        if not self.further:
            return [self.body(**variables)]
        return list(self._pages(ask, variables))

    def _pages(self, ask: Ask, variables: dict[str, Any]) -> Iterator[bytes]:
        """The full pages behind the first one, up to some number."""
        body = self.body(**variables)
        for _ in range(PAGES):
            page = orjson.loads(ask(body))["data"][self.connection]["pageInfo"]
            if not page["hasNextPage"]:
                return
            yield (body := self.body(after=page["endCursor"], **variables))


def _operations(page: str, actors: str, timeline: str) -> dict[str, Operation]:
    return {
        "actor page": Operation(page),
        "50 actors": Operation(actors, "actors"),
        "timeline of 100": Operation(timeline, "timeline"),
        "50 actors, further": Operation(actors, "actors", further=True),
        "timeline of 100, further": Operation(timeline, "timeline", further=True),
    }


PRODUCT: Final = _operations(
    page="""
        query ($slug: String!, $then: AsOf) { actor(slug: $slug, asOf: $then) { id name kind aliases { name kind }
          relations(first: 10) { totalCount nodes { key predicate status subject { slug name } object { slug name } } } } }""",
    actors="""
        query ($after: String, $then: AsOf) { actors(first: 50, after: $after, asOf: $then) { edges { cursor node { id name kind
          relations(first: 5) { nodes { predicate status object { slug name } } }
          statements(last: 2) { nodes { id content when { edtf } } } } } pageInfo { hasNextPage endCursor } } }""",
    timeline="""
        query ($after: String, $then: AsOf) { timeline(first: 100, after: $after, asOf: $then) { edges { cursor node {
          id kind when { edtf } article { slug title } evidence { exact }
          ... on StatementMade { speaker { slug name } } ... on MeetingHeld { participants { role actor { slug name } } } } }
          pageInfo { hasNextPage endCursor } } }""",
)
PEER: Final = _operations(
    page="""
        query ($slug: String!) { actor: actorBySlug(slug: $slug) { id: ref name kind
          aliases: aliasesList(orderBy: PRIMARY_KEY_ASC) { name kind }
          relations(first: 10, orderBy: PRIMARY_KEY_ASC) { totalCount
            nodes { key predicate status subject { slug name } object { slug name } } } } }""",
    actors="""
        query ($after: Cursor) { actors(first: 50, after: $after, orderBy: PRIMARY_KEY_ASC) { edges { cursor node { id: ref name kind
          relations: relationsList(first: 5, orderBy: PRIMARY_KEY_ASC) { predicate status object { slug name } }
          statements: statementsList(first: 2, orderBy: PRIMARY_KEY_DESC) { id: ref content when: edtf } } }
          pageInfo { hasNextPage endCursor } } }""",
    timeline="""
        query ($after: Cursor) { timeline: reports(first: 100, after: $after, orderBy: PRIMARY_KEY_ASC) { edges { cursor node {
          id: ref kind when: edtf article { slug title } evidence: quotesList(orderBy: PRIMARY_KEY_ASC) { exact }
          speaker { slug name } participants: participantsList(orderBy: PRIMARY_KEY_ASC) { role actor { slug name } } } }
          pageInfo { hasNextPage endCursor } } }""",
)
"""The peer lists without connections where the product has them, counts the statements of an actor from the end, and has dates flat."""


def facts(answer: bytes) -> Any:
    """What an answer says, without cursors, the forms of lists and dates, and what a kind of report does not have."""
    given = json.loads(answer)
    assert "errors" not in given, given["errors"]
    return _plain(given["data"])


def _plain(value: Any) -> Any:
    match value:
        case {"nodes": nodes, **others}:
            return [*_plain(nodes), *others.values()]
        case {"edtf": date}:
            return date
        case dict():
            said = {name: _plain(each) for name, each in value.items() if name not in CURSORS}
            return {
                name: _ordered(name, each) for name, each in said.items() if each not in (None, [])
            }
        case list():
            return [_plain(each) for each in value]
    return value


def _ordered(name: str, value: Any) -> Any:
    return sorted(value, key=lambda each: each["id"]) if name == "statements" else value
