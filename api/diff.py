"""How is it asked what changed, and how is it shown?"""

from typing import Any, Optional

from api.connections import Arguments
from api.filters import may
from api.nodes import LogEntry, Node
from api.nouns import choice, given, noun, said
from api.scalars import Position
from api.vocabulary import word
from events.values import Word
from projections.views import comparing

Change: Any = word(comparing.Change)

END = "The state right after the event at this position, not less than `from`; the present if nothing is said, or if it is beyond the head."
SPAN: Arguments = {
    "from_": (Position, "The state right after the event at this position; 0 is before the first."),
    "to": (Optional[Position], END),
}
DIFF = (
    "What was added, changed or removed between the states right after two positions, by the position of the last event that touched it,"
    " then by id. What came and went in between, or says the same again at the end, is not in it. A change of an actor's aliases, of a"
    " commission's seats, or of a report's disputes is one of the actor, commission or report; that more reports say so, or fewer,"
    " is none. A retracted report is"
    " CHANGED, for it stays, marked; a merged actor is REMOVED, for another stands for it. A `from` behind which nothing was recorded"
    " gives an empty list."
)


@choice
class DifferenceType(Word):
    """A type of node that is compared."""

    ACTOR = "Actor", "Actors, with their aliases."
    ARTICLE = "Article", "Articles."
    COMMISSION = "Commission", "Commissions, with their seats."
    RELATION = "Relation", "Relations."
    REPORT = "Report", "Reports, with their disputes."


@given
class DifferenceFilter:
    """Which differences."""

    types: list[DifferenceType] | None = may("Of nodes of one of these types.")
    changes: list[Change] | None = may("Of one of these kinds.")


@noun
class Difference:
    """A node that is not as it was."""

    change: Change = said("What happened to it.")
    before: Node | None = said("The node, and all that it leads to, as of `from`; null if added.")
    after: Node | None = said("The node, and all that it leads to, as of `to`; null if removed.")
    position: Position = said("Position of the last event in the span that touched it.")
    causes: list[LogEntry] = said(
        "Every event in the span that began or ended a version of it, in order of position."
    )
