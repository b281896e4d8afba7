"""What did a dossier say in the log before?

Every append of a dossier has the correlation `dossier/<slug>`.  Folding these events alone gives
the dossier's own last words, whatever others added, corrected or retracted in between.
"""

from dataclasses import dataclass, field

from events.actors import (
    ActorCorrected,
    ActorKind,
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
from events.vocabulary import AnyEvent, AnyReport, corrected


@dataclass
class EarlierActor:
    """An actor's stream, as far as a dossier must know it."""

    registered: ActorRegistered | None = None
    """What the dossier last said, if it was the one that registered the actor."""
    aliases: dict[str, AliasAdded] = field(default_factory=dict)
    """The aliases that the dossier added, by the alias."""
    known: ActorRegistered | None = None
    """What is recorded now, by whomever."""
    identities: set[tuple[ActorKind, str]] = field(default_factory=set)
    """Every kind and name that the actor has or had."""


@dataclass
class Earlier:
    """What a dossier said before."""

    article: ArticleIngested | None = None
    """The article as it was ingested, by whomever, with the dossier's corrections."""
    ingested: bool = False
    """Whether it was the dossier, or the loader of its text, that ingested the article."""
    reports: dict[str, AnyReport] = field(default_factory=dict)
    """The reports that the dossier recorded, as it last had them; those that it retracted too."""
    retracted: set[str] = field(default_factory=set)
    """Refs of the reports that it retracted."""
    actors: dict[str, EarlierActor] = field(default_factory=dict)
    """By slug."""


def correlation(slug: str) -> str:
    """What marks the appends of an article's dossier."""
    return f"dossier/{slug}"


def evolve(earlier: Earlier, slug: str, event: AnyEvent, *, own: bool) -> Earlier:
    """What it said, with one more event of `article/<slug>` or `actor/<slug>`.

    `own`: the event is the dossier's.  The given state is used up.
    """
    if isinstance(event, AnyReport):
        if own:
            earlier.reports[event.ref] = event
        return earlier
    actor = earlier.actors.setdefault(slug, EarlierActor())
    match event:
        case ArticleIngested():
            earlier.article, earlier.ingested = event, own
        case ArticleCorrected():
            if own and earlier.article is not None:
                earlier.article = corrected(earlier.article, event.changes)
        case ReportCorrected():
            if own:
                report = earlier.reports[event.target]
                earlier.reports[event.target] = corrected(report, event.changes)
        case ReportRetracted():
            if own:
                earlier.retracted.add(event.target)
        case RetractionUndone():
            if own:
                earlier.retracted.discard(event.target)
        case ActorRegistered():
            actor.registered = event if own else None
            _identify(actor, event)
        case ActorCorrected():
            if own and actor.registered is not None:
                actor.registered = corrected(actor.registered, event.changes)
            if actor.known is not None:
                _identify(actor, corrected(actor.known, event.changes))
        case AliasAdded():
            if own:
                actor.aliases[event.alias] = event
        case AliasRetracted():
            if own:
                actor.aliases.pop(event.alias, None)
        case (
            ActorsMerged()
            | MergeUndone()
            | CorrectionUndone()
            | DisputeRecorded()
            | DisputeSettled()
        ):
            pass  # a person decides these, never a dossier
    return earlier


def _identify(actor: EarlierActor, known: ActorRegistered) -> None:
    actor.known = known
    actor.identities.add((known.actor_kind, known.name))
