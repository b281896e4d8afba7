"""What can happen at a time?  Every kind of occurrence that a report can state."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from events.dates import EdtfText
from events.values import ActorSlug, Certainty, Count, Degrees, Report, Text, Value, Word


class MeetingRole(Word):
    """What part an actor has in a meeting."""

    HOST = "host", "Receives the others."
    VISITOR = "visitor", "Comes to the host."
    PARTICIPANT = "participant", "Takes part; who received whom is not known."


class Channel(Word):
    """How people come together or reach each other."""

    IN_PERSON = "in_person", "In one place."
    ONLINE = "online", "By video or another connection."
    PHONE = "phone", "By telephone."
    WRITTEN = "written", "By letter or message."


class Participant(Value):
    """One actor's part in a meeting."""

    actor: ActorSlug
    """Who took part."""
    role: MeetingRole = MeetingRole.PARTICIPANT
    """In which part."""


class Topic(Value):
    """Something that was talked about."""

    about: Text
    """The topic, in the words of the source or near to them."""
    certainty: Certainty = Certainty.CERTAIN
    """How sure it is that it was talked about."""


class MeetingHeld(Report):
    """Actors met."""

    kind: Literal["MeetingHeld"] = "MeetingHeld"
    participants: Annotated[tuple[Participant, ...], Field(min_length=2, max_length=100)]
    """Who met."""
    place: Text | None = None
    """Where."""
    channel: Channel | None = None
    """How they came together."""
    topics: tuple[Topic, ...] = ()
    """What they talked about."""


class SpeechAct(Word):
    """What a speaker does by speaking, after Searle."""

    ASSERTIVE = "assertive", "Says that something is so."
    DIRECTIVE = "directive", "Tries to get someone to do something."
    COMMISSIVE = "commissive", "Binds the speaker to do something."
    EXPRESSIVE = "expressive", "Shows how the speaker feels about something."
    DECLARATIVE = "declarative", "Makes something so by saying it."


class StatementMade(Report):
    """An actor said something."""

    kind: Literal["StatementMade"] = "StatementMade"
    speaker: ActorSlug
    """Who said it."""
    addressees: tuple[ActorSlug, ...] = ()
    """To whom it was said."""
    act: SpeechAct
    """What the speaker did by saying it."""
    direct: bool
    """Whether the evidence has the speaker's own words, in quotation marks."""
    content: Text
    """What was said, in one clause."""
    about: tuple[ActorSlug, ...] = ()
    """The actors spoken of."""
    commits_to: ActorSlug | None = None
    """What a commissive statement binds the speaker to."""
    occasion: Text | None = None
    """On which occasion."""


class Seats(Value):
    """Seats of a body that one actor fills."""

    selector: ActorSlug
    """Who chooses their holders."""
    number: Annotated[int, Field(ge=1, le=100_000)]
    """How many."""
    rank: Text | None = None
    """What the holders are: "senior military officers"."""
    holders: ActorSlug | None = None
    """The holders, as a group."""


class CommissionFormed(Report):
    """A body was established."""

    kind: Literal["CommissionFormed"] = "CommissionFormed"
    body: ActorSlug
    """The body."""
    seats: tuple[Seats, ...] = ()
    """Its seats, by who fills them."""
    formed_by: tuple[ActorSlug, ...] = ()
    """Who established it."""


class SessionOpened(Report):
    """A body started a session."""

    kind: Literal["SessionOpened"] = "SessionOpened"
    body: ActorSlug
    """The body."""
    channel: Channel | None = None
    """How it meets."""
    place: Text | None = None
    """Where it meets."""
    participants: ActorSlug | None = None
    """Those who take part, as a group."""
    attendance: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """How many take part."""
    composition: tuple[Text, ...] = ()
    """From where or from whom they come."""


class MessageSent(Report):
    """An actor sent a message."""

    kind: Literal["MessageSent"] = "MessageSent"
    sender: ActorSlug
    """Who sent it."""
    recipients: tuple[ActorSlug, ...] = ()
    """To whom."""
    content: Text | None = None
    """What it says, in one clause."""


class SupportExtended(Report):
    """An actor gave support to another."""

    kind: Literal["SupportExtended"] = "SupportExtended"
    supporter: ActorSlug
    """Who gave it."""
    beneficiary: ActorSlug
    """To whom."""
    means: Text
    """What was given: "arms", "military support"."""
    via: ActorSlug | None = None
    """Through whom."""
    on_behalf_of: ActorSlug | None = None
    """For whom the supporter acted."""


class SupportWithdrawn(Report):
    """An actor ended its support of another."""

    kind: Literal["SupportWithdrawn"] = "SupportWithdrawn"
    supporter: ActorSlug
    """Who ended it."""
    beneficiary: ActorSlug
    """Whose support ended."""
    means: Text | None = None
    """What is no longer given; none means all of it."""


class OffensiveOutcome(Word):
    """How an offensive ended."""

    SUCCEEDED = "succeeded", "It reached its target."
    FAILED = "failed", "It did not reach its target."
    ONGOING = "ongoing", "It has not ended."


class OffensiveLaunched(Report):
    """An actor attacked another with armed force."""

    kind: Literal["OffensiveLaunched"] = "OffensiveLaunched"
    attacker: ActorSlug
    """Who attacked."""
    target: ActorSlug | None = None
    """Who was attacked."""
    place: Text | None = None
    """Where."""
    outcome: OffensiveOutcome | None = None
    """How it ended."""


class LossesSuffered(Report):
    """An actor suffered military losses."""

    kind: Literal["LossesSuffered"] = "LossesSuffered"
    sufferer: ActorSlug
    """Whose losses."""
    inflicted_by: ActorSlug | None = None
    """Who inflicted them."""
    number: Count | None = None
    """How many were lost."""


class Deaths(Value):
    """How many died, as an estimate with its range."""

    low: Count
    """The lowest credible number."""
    best: Count
    """The most likely number."""
    high: Count
    """The highest credible number."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.best <= self.high:
            message = (
                f"deaths must be low <= best <= high, not {self.low}, {self.best}, {self.high}"
            )
            raise ValueError(message)
        return self


class Coordinates(Value):
    """A point on the earth, WGS 84, as decimal text so that records stay exact."""

    latitude: Degrees
    """Degrees north, -90 to 90."""
    longitude: Degrees
    """Degrees east, -180 to 180."""


class Violence(Word):
    """Who used armed force against whom, as UCDP tells it apart."""

    STATE_BASED = "state_based", "A government fought another party."
    NON_STATE = "non_state", "Two parties fought, neither of them a government."
    ONE_SIDED = "one_sided", "The first side attacked the second, which did not fight."


class ClashReported(Report):
    """Armed force was used between two sides."""

    kind: Literal["ClashReported"] = "ClashReported"
    sides: Annotated[tuple[ActorSlug, ...], Field(min_length=2, max_length=2)]
    """The two sides."""
    violence: Violence | None = None
    """Who of them fought."""
    place: Text | None = None
    """Where."""
    coordinates: Coordinates | None = None
    """Where exactly."""
    deaths: Deaths | None = None
    """How many died."""


class AgreementReached(Report):
    """Parties agreed on something."""

    kind: Literal["AgreementReached"] = "AgreementReached"
    parties: tuple[ActorSlug, ...] = ()
    """The parties that the source names; an unnamed party is not guessed."""
    agreement: Text
    """What it is called or about."""
    ends_hostilities: bool = False
    """Whether it ends a war or rivalry between the named parties."""


class AgreementEnded(Report):
    """An agreement is no longer in force."""

    kind: Literal["AgreementEnded"] = "AgreementEnded"
    parties: tuple[ActorSlug, ...] = ()
    """The parties that the source names."""
    agreement: Text
    """What it is called or about."""


class VoteScheduled(Report):
    """A vote was set for a date."""

    kind: Literal["VoteScheduled"] = "VoteScheduled"
    vote: Text
    """Which vote: "national elections"."""
    of: ActorSlug
    """Whose vote it is."""
    on: EdtfText
    """The date that it is set for, as an EDTF expression."""
    announced_by: ActorSlug | None = None
    """Who announced it."""


class DealSought(Report):
    """An actor is after a deal with another."""

    kind: Literal["DealSought"] = "DealSought"
    seeker: ActorSlug
    """Who is after it."""
    counterpart: ActorSlug
    """With whom."""
    sectors: tuple[Text, ...] = ()
    """In which sectors: "construction", "energy"."""
    amount_min: Count | None = None
    """Least worth, in whole units of the currency."""
    amount_max: Count | None = None
    """Greatest worth, in whole units of the currency."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """ISO 4217 code of the currency."""

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        amounts = [x for x in (self.amount_min, self.amount_max) if x is not None]
        if amounts and self.currency is None:
            message = "an amount needs its currency"
            raise ValueError(message)
        if amounts != sorted(amounts):
            message = f"amount_min {self.amount_min} is greater than amount_max {self.amount_max}"
            raise ValueError(message)
        return self
