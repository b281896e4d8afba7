"""What can be read?  The types of the graph; the kinds of report are made from the vocabulary."""

from typing import Any, Optional

import strawberry

from api.connections import connection
from api.filters import (
    ActorKind,
    Certainty,
    Modality,
    Predicate,
    RelationFilter,
    RelationOrder,
    RelationStatus,
    StatementFilter,
    TimelineFilter,
    TimelineOrder,
)
from api.nouns import interface, noun, said
from api.scalars import EDTF, JSON, BigInt, Date, DateTime, Position
from api.vocabulary import by_name, object_type, word
from events import actors, values
from events.vocabulary import REPORT_KINDS
from projections import because

AliasKind: Any = word(actors.AliasKind)
Basis: Any = word(values.Basis)
Effect: Any = word(because.Effect)
ReviewStatus: Any = word(values.ReviewStatus)
WhenRole: Any = word(values.WhenRole)
Attribution: Any = object_type(values.Attribution)
Link: Any = object_type(values.Link)
ActorVersion: Any = by_name("ActorVersion", "api.history")
RelationVersion: Any = by_name("RelationVersion", "api.history")
ReportVersion: Any = by_name("ReportVersion", "api.history")

ON = {
    "on": (
        Optional[EDTF],
        "Only relations that can have held on this date; `holds` then says how surely.",
    )
}


@interface
class Node:
    """Something with an id that is unique among all things."""

    id: strawberry.ID = said("Global id, for `node`.")


@noun
class When:
    """A date with its role and its basis."""

    edtf: EDTF = said("The date, as the source allows it.")
    role: WhenRole = said("What it is the date of.")
    basis: Basis = said("Whether the words give it.")
    reason: str | None = said("The words that give it, or what it was inferred from.")
    earliest: Date | None = said("The first day that it can mean; null if it has no beginning.")
    latest: Date | None = said("The last day that it can mean; null if it has no end.")


@noun
class Article(Node):
    """An article as it is known; its text never changes."""

    slug: str = said("Its name in the log: `article/<slug>`.")
    title: str = said("The headline.")
    publisher: str | None = said("Who published it.")
    url: str | None = said("Where it was published.")
    language: str = said("Language of the text, a BCP 47 tag.")
    published: Date = said("Day of publication.")
    text: str = said("The whole text; all offsets count in it.")
    sha256: str = said("SHA-256 of the text's UTF-8 bytes, in hexadecimal.")
    position: Position = said("Position of the event that ingested it.")
    recorded_at: DateTime = said("When it was ingested.")
    version: int = said("How many events its stream has: what `expectedVersion` is compared with.")
    reports = connection(
        by_name("Report"),
        "What it reports.",
        filter=TimelineFilter,
        order=TimelineOrder,
    )


@noun
class Evidence:
    """Words of an article, to the character."""

    article: Article = said("The article.")
    exact: str = said("The words.")
    prefix: str = said("Up to 32 characters before them.")
    suffix: str = said("Up to 32 characters after them.")
    start: int = said("Offset of the first character: 0-based Unicode code points over the text.")
    end: int = said("Offset after the last character.")


@noun
class LogEntry(Node):
    """A record of the log: exact bytes, hash, and who recorded it."""

    position: Position = said("Its position in the log.")
    event_id: str = said("UUID of the event.")
    stream: str = said("The stream: `article/<slug>` or `actor/<slug>`.")
    version: int = said("Its place in the stream, from 1.")
    kind: str = said("Kind of the event.")
    schema_version: int = said("Version of the kind's form in which it was written.")
    recorded_at: DateTime = said("When it was recorded; never earlier than the position before.")
    recorder: str = said("Who recorded it.")
    key: str | None = said("The key that made its recording safe to repeat.")
    causation: str | None = said("Id of what caused it.")
    correlation: str | None = said("Id of the undertaking that it was part of.")
    record: str = said("The canonical JSON (RFC 8785) that is stored and hashed, to the byte.")
    leaf_hash: str = said(
        "SHA-256(0x00 || record), in hexadecimal: its leaf in a Merkle tree (RFC 6962)."
    )
    report: Optional["Report"] = said("The report that it recorded, in its current version.")


@noun
class Because:
    """Why the view says so: one event, what it did, by which rule, and the exact words."""

    event: Optional["Report"] = said("The report; null where the event names an actor.")
    entry: LogEntry = said("The record in the log.")
    effect: Effect = said("What the event did to what is shown.")
    rule: str = said("By which rule.")
    evidence: list[Evidence] = said("The exact words.")


@noun
class Decision:
    """Somebody decided so."""

    position: Position = said("Position of the event that says so.")
    recorded_at: DateTime = said("When.")
    reason: str = said("Why.")
    by: str | None = said("Who.")


@noun
class Correction:
    """A report was put right."""

    number: int = said("Which of the report's corrections, counted from 1.")
    position: Position = said("Position of the event that did so.")
    recorded_at: DateTime = said("When.")
    reason: str = said("Why the report was wrong.")
    by: str | None = said("Who corrected it.")
    changes: JSON = said("The changed fields with their new contents.")
    undone: Decision | None = said("Why it holds no longer, if it was undone.")


@noun
class Dispute:
    """Two reports contradict each other; both show it."""

    against: "Report" = said("The other report.")
    position: Position = said("Position of the event that recorded it.")
    recorded_at: DateTime = said("When.")
    reason: str = said("Why both cannot be right.")
    by: str | None = said("Who found out.")
    settlement: Decision | None = said("How it was settled, if it was.")


@interface
class Report(Node):
    """A report out of an article, in its current version: corrections applied, retracted ones marked."""

    ref: str = said("Its name within the article.")
    kind: str = said("Kind of the report; also the name of its type.")
    position: Position = said("Position of the event that recorded it.")
    recorded_at: DateTime = said("When it was recorded.")
    article: Article = said("The article that reports it.")
    evidence: list[Evidence] = said("The exact words, one or more quotes.")
    attribution: Attribution = said("Whose words they are.")
    modality: Modality = said("What the source claims about it.")
    certainty: Certainty = said("How sure the reading is.")
    when: When | None = said("When it happened, held, or is planned for.")
    mentions: list["Actor"] = said(
        "Actors whom the words name beside those with a role of their own."
    )
    links: list[Link] = said("Ties to other reports of the same article.")
    by: str | None = said("Who read the words so: a person or a drafting tool.")
    status: ReviewStatus = said("How far the reading has been checked.")
    note: str | None = said("Why the words are read so, where that is not obvious.")
    corrections: list[Correction] = said("Its corrections, the first first.")
    retraction: Decision | None = said("Its retraction, if it is retracted.")
    disputes: list[Dispute] = said("Which reports it contradicts, settled disputes included.")
    because: list[Because] = said(
        "Its recording, corrections and retractions, and what of these was undone."
    )
    history: list[ReportVersion] = said(
        "How it read from its recording on, the first first, as far as was known by the moment that is read."
    )


REPORTS: dict[str, Any] = {kind: object_type(model, Report) for kind, model in REPORT_KINDS.items()}
"""The type of each kind of report."""


@noun
class Alias:
    """Another name of an actor."""

    name: str = said("The name, as the words have it.")
    kind: AliasKind = said("How it stands to the actor.")
    certainty: Certainty = said("How sure it is that the words name this actor.")
    note: str | None = said("Why the words are read so, where that is not obvious.")
    evidence: list[Evidence] = said("The words that use it.")


@noun
class RelationDetail:
    """What the predicate carries."""

    title: str | None = said("Title of the office.")
    means: list[str] = said("Means of support.")
    seats: int | None = said("Seats that the subject fills, or how many take part.")
    sectors: list[str] = said("Sectors of the deal.")
    amount_min: BigInt | None = said("Least worth of the deal, in whole units of the currency.")
    amount_max: BigInt | None = said("Greatest worth of the deal, in whole units of the currency.")
    currency: str | None = said("ISO 4217 code of the currency.")
    on_behalf_of: Optional["Actor"] = said("For whom the subject acted.")


@word
class Holds(values.Word):
    """How surely a relation held on a date."""

    YES = "YES", "On every day that the date can mean."
    POSSIBLY = "POSSIBLY", "On some, or nobody can tell."


@noun
class Relation(Node):
    """How one actor stands to another. It is only derived; `because` says from what."""

    key: str = said("Its name: predicate, subject, object, and what else tells it apart.")
    subject: "Actor" = said("Who stands in it.")
    predicate: Predicate = said("In which relation.")
    object: "Actor" = said("To whom.")
    detail: RelationDetail = said("What the predicate carries.")
    via: Optional["Actor"] = said("Through whom.")
    claimed_by: Optional["Actor"] = said("From whose words alone it is known.")
    since: When | None = said("When it began, where that is known.")
    until: When | None = said("When it ended, where that is known.")
    status: RelationStatus = said("Whether it lasts.")
    holds: Holds | None = said(
        "How surely it held on the date asked for by `on`; null if none was."
    )
    certainty: Certainty = said("How sure the surest reading is.")
    count: int = said("How many reports say so; for meetings and calls, how many there were.")
    position: Position = said("Position of the event that made it known.")
    because: list[Because] = said(
        "Each event that opened, confirmed or closed it, the rule, and the exact words."
    )
    history: list[RelationVersion] = said(
        "What was said of it, the first first, as far as was known by the moment that is read; confirmations make no version."
    )


@noun
class Actor(Node):
    """An actor as it is known."""

    slug: str = said("Its name in the log: `actor/<slug>`.")
    kind: ActorKind = said("What sort of actor it is.")
    name: str = said("Its full name, in its canonical form.")
    certainty: Certainty = said("How sure it is that the words name an actor.")
    note: str | None = said("Why the words are read so, where that is not obvious.")
    position: Position = said("Position of the event that registered it.")
    recorded_at: DateTime = said("When it was registered.")
    aliases: list[Alias] = said("Its other names, in the order in which they were noted.")
    relations = connection(
        by_name("Relation"),
        "Relations in which it is subject or object.",
        filter=RelationFilter,
        order=RelationOrder,
        more=ON,
    )
    statements = connection(
        REPORTS["StatementMade"],
        "What it said.",
        filter=StatementFilter,
        order=TimelineOrder,
    )
    timeline = connection(
        by_name("Report"),
        "Every report that names it.",
        filter=TimelineFilter,
        order=TimelineOrder,
    )
    because: list[Because] = said("Each event that says who it is, and the exact words.")
    history: list[ActorVersion] = said(
        "What was known of it, the first first, as far as was known by the moment that is read; aliases make no version,"
        " and there is none for a time in which another actor stood for it."
    )
