"""Who is there to act?"""

from typing import Annotated, Any, Literal

from pydantic import Field

from events.values import (
    ActorSlug,
    ArticleSlug,
    Certainty,
    FreeText,
    Name,
    Quote,
    Text,
    Value,
    Word,
)


class ActorKind(Word):
    """What sort of actor it is."""

    PERSON = "person", "A human being."
    STATE = "state", "A country as a subject of international relations."
    GOVERNMENT = "government", "The government of a state, or one that claims to be."
    ORGANISATION = "organisation", "An organisation, national or international."
    ARMED_GROUP = "armed_group", "An army, militia or mercenary force."
    BODY = "body", "A commission, council, forum or another organ."
    GROUP = "group", "Several actors named only together; never expanded to its members."


class AliasKind(Word):
    """How another name stands to the actor."""

    SHORT = "short", "A part of the full name."
    ABBREVIATION = "abbreviation", "Initials."
    TYPO = "typo", "A misspelling in the source."
    METONYM = "metonym", "A capital for a state, a seat for an office."
    DESCRIPTION = "description", "Words that describe the actor instead of naming it."


class Naming(Value):
    """What every statement about an actor's identity may cite."""

    article: ArticleSlug | None = None
    """The article whose words are quoted; none if the actor was entered by hand."""
    evidence: Annotated[tuple[Quote, ...], Field(max_length=50)] = ()
    """The words that name the actor."""
    certainty: Certainty = Certainty.CERTAIN
    """How sure it is that the words name this actor."""
    by: FreeText | None = None
    """Who read the words so: a person or a drafting tool."""
    note: FreeText | None = None
    """Why the words are read so, where that is not obvious."""


class ActorRegistered(Naming):
    """An actor became known under a slug."""

    kind: Literal["ActorRegistered"] = "ActorRegistered"
    actor_kind: ActorKind
    """What sort of actor it is."""
    name: Name
    """Its full name, in its canonical form."""


class AliasAdded(Naming):
    """An actor is also called by another name."""

    kind: Literal["AliasAdded"] = "AliasAdded"
    alias: Name
    """The other name, as the words have it."""
    alias_kind: AliasKind
    """How it stands to the actor."""


class AliasRetracted(Value):
    """An alias was wrong; the actor is not called so."""

    kind: Literal["AliasRetracted"] = "AliasRetracted"
    alias: Name
    """The alias, as it was added."""
    reason: Text
    """Why."""
    by: FreeText | None = None
    """Who retracted it."""


class ActorCorrected(Value):
    """What was registered about an actor was wrong."""

    kind: Literal["ActorCorrected"] = "ActorCorrected"
    changes: Annotated[dict[str, Any], Field(min_length=1)]
    """The changed fields with their new contents; null empties a field."""
    reason: Text
    """Why."""
    by: FreeText | None = None
    """Who corrected it."""


class ActorsMerged(Value):
    """This actor turned out to be another one; from here on the other stands for both."""

    kind: Literal["ActorsMerged"] = "ActorsMerged"
    into: ActorSlug
    """The actor that stands for both."""
    reason: Text
    """Why they are the same."""
    by: FreeText | None = None
    """Who found out."""


class MergeUndone(Value):
    """A merge was wrong: this actor stands for itself again, and for those that were merged into it."""

    kind: Literal["MergeUndone"] = "MergeUndone"
    into: ActorSlug
    """The actor that it had been merged into."""
    reason: Text
    """Why they are not the same."""
    by: FreeText | None = None
    """Who found out."""
