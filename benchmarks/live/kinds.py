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
    """The document; its variables are `$after`, a position, and `$filter`."""
    filter: Callable[[int], dict[str, Any]]
    """What is wanted by those who want a key."""
    position: Callable[[Any], int]
    """The position of the append that a result tells of."""


KINDS: Final = {
    "log": Kind(
        """subscription ($after: Position, $filter: LogFilter) {
            log(after: $after, filter: $filter) { position eventId stream kind recordedAt } }""",
        lambda key: {"stream": f"article/article-{key}"},
        lambda payload: payload["data"]["log"]["position"],
    ),
}
