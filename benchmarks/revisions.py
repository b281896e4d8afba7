"""What does a log look like in which the same things are put right over and over again?

After some articles nothing new is told: every further event corrects what is there, so that the views show the same however long the log
becomes, and only the number of versions behind them grows.
"""

from collections.abc import Iterator
from itertools import count, islice
from random import Random
from typing import Any, Final

from benchmarks.history import Story, told
from events.actors import ActorRegistered
from events.curation import ReportCorrected, ReportRetracted
from events.sources import ArticleIngested
from events.values import Report
from events.vocabulary import AnyEvent

TOLD: Final = 4_000
"""Events that tell something new."""
SHARES: Final = (65, 33, 2)
"""How often an actor, a report and an article is corrected, of a hundred times."""


class Revisions:
    """Some articles, and corrections of them without end."""

    def __iter__(self) -> Iterator[tuple[str, AnyEvent]]:
        """(stream, event), without end."""
        random, new = Random(1230), dict[tuple[str, str], AnyEvent]()
        for stream, event in islice(Story(), TOLD):
            yield stream, event
            match event:
                case ActorRegistered() | ArticleIngested():
                    new[stream, ""] = event
                case Report():
                    new[stream, event.ref] = event
                case ReportCorrected() | ReportRetracted():
                    del new[stream, event.target]
                case _:
                    pass
        families = [
            [held for held in new.items() if isinstance(held[1], family)]
            for family in (ActorRegistered, Report, ArticleIngested)
        ]
        for number in count(1):
            (family,) = random.choices(families, SHARES)
            (stream, ref), event = random.choice(family)
            yield stream, _corrected(event, ref, number)


def _corrected(event: AnyEvent, ref: str, number: int) -> AnyEvent:
    """What is right in turn; an actor has one of two names, so that it moves to and fro in the list."""
    again, reason = number % 3, "it was misread"
    match event:
        case ActorRegistered():
            name, note = f"{event.name} Bey", f"seen {number} times"
            changes: dict[str, Any] = ({"name": name}, {"note": note}, {"name": event.name})[again]
            return told("ActorCorrected", changes=changes, reason=reason)
        case ArticleIngested():
            changes = {"title": f"{event.title} ({again})"}
            return told("ArticleCorrected", changes=changes, reason=reason)
        case _:
            changes = {"certainty": ("certain", "probable", "possible")[again]}
            return told("ReportCorrected", target=ref, changes=changes, reason=reason)
