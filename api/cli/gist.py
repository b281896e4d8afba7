"""What is an event about, in a few words?"""

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
from events.sources import ArticleCorrected, ArticleIngested
from events.values import Report
from events.vocabulary import AnyEvent


def gist(event: AnyEvent) -> str:
    """The gist of an event; of a report, the words that it rests on."""
    match event:
        case ArticleIngested():
            return f"{event.title} ({event.published})"
        case ActorRegistered():
            return f"{event.name} ({event.actor_kind})"
        case AliasAdded():
            return f"“{event.alias}” ({event.alias_kind})"
        case AliasRetracted():
            return f"“{event.alias}”: {event.reason}"
        case ActorsMerged():
            return f"is {event.into}: {event.reason}"
        case MergeUndone():
            return f"is not {event.into}: {event.reason}"
        case ArticleCorrected() | ActorCorrected():
            return f"{', '.join(event.changes)}: {event.reason}"
        case ReportCorrected():
            return f"{event.target}, {', '.join(event.changes)}: {event.reason}"
        case CorrectionUndone():
            return f"{event.target}, correction {event.correction}: {event.reason}"
        case DisputeRecorded() | DisputeSettled():
            return f"{event.target} and {event.against}: {event.reason}"
        case ReportRetracted() | RetractionUndone():
            return f"{event.target}: {event.reason}"
        case Report():
            return f"{event.ref}: {' … '.join(f'“{quote.exact}”' for quote in event.evidence)}"
