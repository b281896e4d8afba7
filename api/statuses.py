"""How is it shown how the log and its views stand?"""

from api.nouns import noun, said
from api.scalars import Position


@noun
class ProjectionStatus:
    """How far a projection has followed the log."""

    name: str = said("Its name.")
    version: int = said("Version of its fold.")
    position: Position = said("The last position that it reflects.")


@noun
class Status:
    """How the log and its views stand."""

    head: Position = said("Position of the last event in the log.")
    position: Position = said("The last position that all views reflect.")
    projections: list[ProjectionStatus] = said("Each projection.")
    program: str = said("Version of the program.")
