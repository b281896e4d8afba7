"""Whom does a report name, and in which of its fields?"""

from typing import Final

from events.references import mentions
from events.vocabulary import AnyReport
from projections.versioned import Row, Versioned, current, indexes, listed

ANY_FIELD: Final = "*"
"""The field of the mention that says that a report names an actor at all."""


class Mention(Versioned, table=True):
    """An actor whom a report names: one row for each field that does, and one for the report as a whole."""

    __tablename__ = "mentions"
    __table_args__ = indexes(
        "mentions",
        *listed("mentions_actor", "actor", "field", "day", "position"),
        current("mentions_report", "report"),
    )
    looked_up_by = ("actor", "report")

    report: str
    field: str
    actor: str
    kind: str
    day: str
    position: int
    retracted: bool


def mentioned(row: Row, report: AnyReport) -> list[Row]:
    """The mentions of a report's row."""
    named = [(mention.field, mention.actor) for mention in mentions(report)]
    named += [(ANY_FIELD, actor) for _, actor in named]
    return [
        {
            "key": f"{row['key']}/{field}/{actor}",
            "report": row["key"],
            "field": field,
            "actor": actor,
            "kind": row["kind"],
            "day": row["day"],
            "position": row["position"],
            "retracted": row["retracted"],
        }
        for field, actor in dict.fromkeys(named)
    ]
