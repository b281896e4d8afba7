"""What do subscribers ask, and which appends must they be told of?  One description for each kind of subscriber.

Keys are numbers: key 7 is the article `article-7` and the actor `actor-7`.  Every subscriber wants to know about one key, and every append
is about one: those who want it must be told, once, and nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Kind:
    """What subscribers of one kind ask."""

    subscription: str
    """The document; its variables are `$after`, a position, as text where the document says so, and `$filter`."""
    filter: Callable[[int], dict[str, Any]]
    """What is wanted by those who want a key."""
    position: Callable[[Any], int | None]
    """The position of the append that a result tells of; none if it tells of none."""

    @property
    def after(self) -> type[int] | type[str]:
        """The type of `$after`."""
        return str if "$after: String" in self.subscription else int


def _told(change: Any, kind: str) -> int | None:
    return int(change["position"]) if change["__typename"] == kind else None


KINDS: Final = {
    "log": Kind(
        """subscription ($after: Position, $filter: LogFilter) {
            log(after: $after, filter: $filter) { position eventId stream kind recordedAt } }""",
        lambda key: {"stream": f"article/article-{key}"},
        lambda payload: payload["data"]["log"]["position"],
    ),
    "relations": Kind(
        """subscription ($after: String, $filter: RelationFilter) {
            relationChanges(after: $after, filter: $filter) {
              __typename ... on Update { cursor position }
              ... on RelationAdded { after { id predicate subject { slug name } object { slug name } status }
                because { rule evidence { exact } } } } }""",
        lambda key: {"subject": f"actor-{key}"},
        lambda payload: _told(payload["data"]["relationChanges"], "RelationAdded"),
    ),
    "reports": Kind(
        """subscription ($after: String, $filter: TimelineFilter) {
            reportChanges(after: $after, filter: $filter) {
              __typename ... on Update { cursor position }
              ... on ReportAdded { after { id kind recordedAt evidence { exact } } } } }""",
        lambda key: {"article": f"article-{key}"},
        lambda payload: _told(payload["data"]["reportChanges"], "ReportAdded"),
    ),
}
