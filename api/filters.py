"""How can lists be narrowed and ordered?  What is left out, or null, narrows nothing."""

from collections.abc import Mapping
from enum import Enum
from inspect import getdoc
from typing import Any

import strawberry

from api.nouns import choice, given
from api.scalars import EDTF, Date, DateTime
from api.vocabulary import word
from events import actors, attestations, occurrences, values
from events.values import Word
from events.vocabulary import KINDS, REPORT_KINDS
from projections.relations import deriving

ActorKind: Any = word(actors.ActorKind)
Predicate: Any = word(attestations.Predicate)
SpeechAct: Any = word(occurrences.SpeechAct)
Certainty: Any = word(values.Certainty)
Modality: Any = word(values.Modality)
RelationStatus: Any = word(deriving.RelationStatus)


def _kinds(name: str, description: str, kinds: Mapping[str, type]) -> Any:
    """An enum of kinds, whose names stay those of the vocabulary."""
    words = Enum(name, {kind: kind for kind in kinds})  # type: ignore[misc]
    words.__doc__ = description
    for kind, model in kinds.items():
        words[kind].__doc__ = getdoc(model)
    return choice(words)


ReportKind: Any = _kinds("ReportKind", "A kind of report.", REPORT_KINDS)
EventKind: Any = _kinds("EventKind", "A kind of event.", KINDS)


def may(description: str) -> Any:
    """A condition that can be left out."""
    return strawberry.field(default=strawberry.UNSET, description=description)


@choice
class ArticleOrder(Word):
    """Orders of articles."""

    NEWEST = "NEWEST", "By day of publication, the last first."
    OLDEST = "OLDEST", "By day of publication, the first first."


@choice
class ActorOrder(Word):
    """Orders of actors."""

    NAME = "NAME", "By name."
    NEWEST = "NEWEST", "By when they were registered, the last first."


@choice
class RelationOrder(Word):
    """Orders of relations."""

    KEY = "KEY", "By predicate, subject and object."
    NEWEST = "NEWEST", "By when they became known, the last first."


@choice
class TimelineOrder(Word):
    """Orders of reports."""

    OLDEST = "OLDEST", "By when it happened or held, then by when it was recorded, the first first."
    NEWEST = "NEWEST", "By when it happened or held, then by when it was recorded, the last first."


@choice
class LogOrder(Word):
    """Orders of the log."""

    OLDEST = "OLDEST", "By position, the first first."
    NEWEST = "NEWEST", "By position, the last first."


@given
class ArticleFilter:
    """Which articles."""

    publisher: str | None = may("Published by this publisher.")
    language: str | None = may("In this language, a BCP 47 tag.")
    published_from: Date | None = may("Published on or after this day.")
    published_to: Date | None = may("Published on or before this day.")


@given
class ActorFilter:
    """Which actors."""

    kind: ActorKind | None = may("Of this kind.")
    kinds: list[ActorKind] | None = may("Of one of these kinds.")
    slugs: list[str] | None = may("With one of these slugs.")


@given
class RelationFilter:
    """Which relations.  Actors are given by slug; the slug of a merged actor means the one that stands for it."""

    subject: str | None = may("With this subject.")
    object: str | None = may("With this object.")
    actor: str | None = may("With this actor as subject or object.")
    predicate: Predicate | None = may("With this predicate.")
    predicates: list[Predicate] | None = may("With one of these predicates.")
    status: RelationStatus | None = may("With this status.")
    certainty: Certainty | None = may("As sure as this.")
    via: str | None = may("Through this actor.")
    claimed_by: str | None = may("Known only from this actor's words.")


@given
class CommonFilter:
    """Conditions on every report."""

    article: str | None = may("Out of this article, by slug.")
    from_: Date | None = strawberry.field(
        default=strawberry.UNSET, name="from", description="Ordered under this day or later."
    )
    to: Date | None = may("Ordered under this day or earlier.")
    during: EDTF | None = may("With a time that can overlap this one.")
    modality: Modality | None = may("With this modality.")
    certainty: Certainty | None = may("As sure as this.")
    include_retracted: bool | None = may("Also those that were retracted.")


@given
class TimelineFilter(CommonFilter):
    """Which reports.  Actors are given by slug."""

    actor: str | None = may("Naming this actor in any field.")
    kinds: list[ReportKind] | None = may("Of one of these kinds.")


@given
class StatementFilter(CommonFilter):
    """Which statements.  Actors are given by slug."""

    speaker: str | None = may("Made by this actor.")
    addressee: str | None = may("Made to this actor.")
    about: str | None = may("About this actor.")
    act: SpeechAct | None = may("With this speech act.")
    direct: bool | None = may("In the speaker's own words, or in others'.")


@given
class MeetingFilter(CommonFilter):
    """Which meetings.  Actors are given by slug."""

    participant: str | None = may("With this participant.")
    place: str | None = may("In this place.")


@given
class CommissionFilter:
    """Which commissions.  Actors are given by slug."""

    body: str | None = may("This body.")
    selector: str | None = may("With seats that this actor fills.")


@given
class LogFilter:
    """Which records."""

    stream: str | None = may("Of this stream: `article/<slug>` or `actor/<slug>`.")
    article: str | None = may("Of this article's stream, by slug.")
    kinds: list[EventKind] | None = may("Of one of these kinds.")
    recorder: str | None = may("Recorded by this recorder.")
    recorded_from: DateTime | None = may("Recorded at or after this instant.")
    recorded_to: DateTime | None = may("Recorded at or before this instant.")
