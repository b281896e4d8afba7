"""How is the past of a node shown?  As its versions, each with the event that began it."""

from api.nodes import Actor, LogEntry, Relation, Report
from api.nouns import noun, said
from api.scalars import DateTime, Position

BEGAN = "Position of the event that began it."
WHEN = "When that event was recorded."
UNTIL = (
    "Position of the event that ended it; null while it stands, as far as was known by the moment"
    " that is read."
)
CAUSE = "The event that began it."


@noun
class ActorVersion:
    """What was known of an actor for a while: from one event to another."""

    position: Position = said(BEGAN)
    recorded_at: DateTime = said(WHEN)
    until: Position | None = said(UNTIL)
    cause: LogEntry = said(CAUSE)
    actor: Actor = said(
        "The actor as this version says it; all that it leads to, and its aliases, as of `position`."
    )


@noun
class RelationVersion:
    """How one actor stood to another for a while: from one event to another."""

    position: Position = said(BEGAN)
    recorded_at: DateTime = said(WHEN)
    until: Position | None = said(UNTIL)
    cause: LogEntry = said(CAUSE)
    relation: Relation = said(
        "The relation as this version says it; all that it leads to, and `count`, as of `position`."
    )


@noun
class ReportVersion:
    """How a report read for a while: from one event to another."""

    position: Position = said(BEGAN)
    recorded_at: DateTime = said(WHEN)
    until: Position | None = said(UNTIL)
    cause: LogEntry = said(CAUSE)
    report: Report = said(
        "The report as this version says it; all that it leads to as of `position`."
    )
