"""What do subscribers ask, and which appends must they be told of?  One description for each kind of subscriber.

Keys are numbers: key 7 is the article `article-7` and the actor `actor-7`.  Every subscriber wants to know about one key, and every append
is about one: those who want it must be told, once, and nobody else.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.live.said import ALIAS, REPORT


@dataclass(frozen=True)
class Kind:
    """What subscribers of one kind ask."""

    said: str
    """What is appended, a name in `SAID`."""
    subscription: str
    """The document; its variables are `$after`, a position, and `$filter`."""
    filter: Callable[[int], dict[str, Any]]
    """What is wanted by those who want a key."""
    after: Callable[[int], Any] = str
    """A position as `$after`."""
    servers: Collection[str] = ("mutation", "log")
    """Who can be asked: the peers have a log only, and no mutation gives an actor another name."""

    def position(self, payload: Any) -> int | None:
        """The position of the append that a result tells of; None if it tells of none."""
        (told,) = payload["data"].values()
        return None if told.get("__typename") == "CaughtUp" else int(told["position"])


KINDS: Final = {
    "log": Kind(
        REPORT,
        """subscription ($after: Position, $filter: LogFilter) {
            log(after: $after, filter: $filter) { position eventId stream kind recordedAt } }""",
        lambda key: {"stream": f"article/article-{key}"},
        int,
        ("mutation", "log", "topic", "filter"),
    ),
    "relations": Kind(
        REPORT,
        """subscription ($after: String, $filter: RelationFilter) {
            relationChanges(after: $after, filter: $filter) { __typename ... on Update { cursor position }
              ... on RelationAdded { after { key predicate status object { slug name } } } } }""",
        lambda key: {"actor": f"actor-{key}"},
    ),
    "reports": Kind(
        REPORT,
        """subscription ($after: String, $filter: TimelineFilter) {
            reportChanges(after: $after, filter: $filter) { __typename ... on Update { cursor position }
              ... on ReportAdded { after { id kind evidence { exact } } } } }""",
        lambda key: {"article": f"article-{key}"},
    ),
    "actors": Kind(
        ALIAS,
        """subscription ($after: String, $filter: ActorFilter) {
            actorChanges(after: $after, filter: $filter) { __typename ... on Update { cursor position }
              ... on ActorChanged { after { slug name aliases { name } } } } }""",
        lambda key: {"slugs": [f"actor-{key}"]},
        servers=("log",),
    ),
}
