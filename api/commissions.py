"""How is a commission shown?"""

from typing import Any

from api.nodes import REPORTS, Actor, Because, Node, When
from api.nouns import noun, said
from api.scalars import Position
from api.vocabulary import object_type
from events import occurrences

Seats: Any = object_type(occurrences.Seats)
SESSION: Any = REPORTS["SessionOpened"]


@noun
class Commission(Node):
    """A body that was formed or opened a session."""

    slug: str = said("The slug of the body.")
    body: Actor = said("The body, as an actor.")
    formed: When | None = said("When it was formed, where that is known.")
    place: str | None = said("Where it meets.")
    seats: list[Seats] = said("Its seats, by who fills them.")
    size: int | None = said("How many seats are known; null if none is.")
    sessions: list[SESSION] = said("Its sessions.")
    position: Position = said("Position of the event that made it known.")
    because: list[Because] = said("Each event that says so, and the exact words.")
