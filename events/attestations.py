"""What can be said to hold?  Every kind of lasting matter that a report can attest."""

from typing import Literal

from events.dates import EdtfText
from events.values import ActorSlug, Count, Name, Report, Text, Word


class RoleKind(Word):
    """How a person belongs to an organisation."""

    OFFICE = "office", "Holds an office in it."
    MEMBERSHIP = "membership", "Is a member of it."
    LEADERSHIP = "leadership", "Leads it."


class RoleAttested(Report):
    """An actor is said to have a role."""

    kind: Literal["RoleAttested"] = "RoleAttested"
    holder: ActorSlug
    """Who has it."""
    role: RoleKind
    """What sort of role."""
    title: Name | None = None
    """What it is called: "foreign minister"."""
    of: ActorSlug | None = None
    """In or of whom; none if the source does not say, and then no relation follows."""
    single_seat: bool = False
    """Whether only one at a time can have it, so that a successor ends it."""
    since: EdtfText | None = None
    """When it began, as an EDTF expression, where the source says so."""
    until: EdtfText | None = None
    """When it ended, as an EDTF expression, where the source says so."""


class RoleEnded(Report):
    """An actor is said to have a role no longer."""

    kind: Literal["RoleEnded"] = "RoleEnded"
    holder: ActorSlug
    """Who had it."""
    role: RoleKind
    """What sort of role."""
    title: Name | None = None
    """What it was called."""
    of: ActorSlug
    """In or of whom."""


class Predicate(Word):
    """How the subject of a relation stands to its object."""

    HOLDS_OFFICE = "holds_office", "Has an office in the object."
    MEMBER_OF = "member_of", "Belongs to the object."
    LEADS = "leads", "Leads the object."
    APPOINTS_TO = "appoints_to", "Fills seats of the object."
    PARTICIPATES_IN = "participates_in", "Takes part in the object's sessions."
    SUPPORTS = "supports", "Gives support to the object."
    BACKS = "backs", "Stands behind the object; how is not said."
    RIVAL_OF = "rival_of", "Is the object's rival, and the object the subject's."
    AT_WAR_WITH = "at_war_with", "Fights the object, and the object fights the subject."
    PARTY_TO = "party_to", "Has a part in the object."
    COMMITTED_TO = "committed_to", "Has pledged itself to the object."
    SEEKS_DEAL_WITH = "seeks_deal_with", "Is after a deal with the object."
    PRESENT_IN_ECONOMY_OF = "present_in_economy_of", "Does business on a large scale in the object."
    MET_WITH = "met_with", "Met the object, and the object met the subject; each meeting counts."
    CALLED_ON = "called_on", "Called on the object to do something; each call counts."


class RelationAttested(Report):
    """Two actors are said to stand in a relation."""

    kind: Literal["RelationAttested"] = "RelationAttested"
    subject: ActorSlug
    """Who stands in it."""
    predicate: Predicate
    """In which relation."""
    object: ActorSlug
    """To whom."""
    since: EdtfText | None = None
    """When it began, as an EDTF expression, where the source says so."""
    until: EdtfText | None = None
    """When it ended, as an EDTF expression, where the source says so."""


class RelationEnded(Report):
    """A relation is said to be over; it may become known only so."""

    kind: Literal["RelationEnded"] = "RelationEnded"
    subject: ActorSlug
    """Who stood in it."""
    predicate: Predicate
    """In which relation."""
    object: ActorSlug
    """To whom."""


class SituationAttested(Report):
    """A state of affairs is said to hold: a ceasefire is in place."""

    kind: Literal["SituationAttested"] = "SituationAttested"
    situation: Text
    """What holds, in one clause."""
    actors: tuple[ActorSlug, ...] = ()
    """Whom it concerns."""
    number: Count | None = None
    """A number that the situation consists of, if it does."""


class DescriptionAttested(Report):
    """An actor is called something; an adjective makes no relation."""

    kind: Literal["DescriptionAttested"] = "DescriptionAttested"
    subject: ActorSlug
    """Who is described."""
    description: Text
    """As what: "shadowy"."""
    aspect: Text | None = None
    """What of the subject is described, where it is not the subject itself."""
    regarding: ActorSlug | None = None
    """With regard to whom."""
    loaded: bool = False
    """Whether the word is the source's own judgement."""
