"""How is it told what changes in a list?  As what was added, changed or removed; and what else a client must know to trust in it."""

from typing import Annotated, Any, Generic, TypeVar, Union

import strawberry

from api.nodes import Actor, Because, LogEntry, Relation, Report
from api.nouns import choice, interface, noun, said
from api.scalars import Position
from events.values import Word

N = TypeVar("N")


@interface
class Update:
    """Something that is told about a list."""

    cursor: str = said(
        "Where you stand now: as `after`, it continues here, and misses nothing. It is the position once all of the position was told."
    )
    position: Position = said(
        "Position of the event that did it; of the state that is told, where none did."
    )


@noun
class Added(Update, Generic[N]):
    """A node is in the list that was not: it is new, or fits the filter now. Also what was in the list before you came."""

    after: N = said("The node, and all that it leads to, right after the event.")
    cause: LogEntry = said(
        "The event; of what was in the list before you came, the one that began its present version."
    )
    because: list[Because] = said("Why it says what it says: its grounds right after the event.")


@noun
class Changed(Update, Generic[N]):
    """A node of the list says something else than before, and still fits the filter."""

    before: N = said("The node, and all that it leads to, right before the event.")
    after: N = said("The node, and all that it leads to, right after the event.")
    cause: LogEntry = said("The event.")
    because: list[Because] = said(
        "The grounds that the event gave it, or put differently, right after the event."
    )


@noun
class Removed(Update, Generic[N]):
    """A node is no longer in the list: it is gone, or does not fit the filter any more."""

    before: N = said("The node, and all that it leads to, right before the event.")
    cause: LogEntry = said("The event.")
    because: list[Because] = said(
        "The grounds that the event took from it, as they were right before the event."
    )


@noun
class CaughtUp(Update):
    """You were told all that there was; what follows happens while you listen. It is told once in each subscription."""


@choice
class GapReason(Word):
    """Why some changes are not told."""

    LAG = "lag", "You were further behind than `maxLag` allows."
    MERGE = (
        "merge",
        "An actor of the filter was merged into another, or taken apart again: the filter now means another actor.",
    )


@noun
class Gap(Update):
    """Some changes are not told. Read the list anew, with `@atLeast(position: to)`; what is told from here on continues it."""

    from_: Position = strawberry.field(
        name="from", description="The position up to which changes were told."
    )
    to: Position = said("The position behind which changes are told again.")
    reason: GapReason = said("Why.")


def _changes(node: Any, name: str, description: str) -> Any:
    """What can be told about a list of such nodes."""
    kinds = (Added[node], Changed[node], Removed[node], CaughtUp, Gap)
    return Annotated[Union[kinds], strawberry.union(name, description=description)]  # noqa: UP007 - the types are made here


ActorChange: Any = _changes(Actor, "ActorChange", "What is told about a list of actors.")
RelationChange: Any = _changes(
    Relation, "RelationChange", "What is told about a list of relations."
)
ReportChange: Any = _changes(Report, "ReportChange", "What is told about a list of reports.")
