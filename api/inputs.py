"""What can be told to the log?  The inputs of the mutations; those of the reports are made from the vocabulary."""

from collections.abc import Mapping
from typing import Any, Final, Optional

import strawberry

from api.defining import field, input_of
from api.filters import ActorKind, Certainty
from api.nodes import AliasKind
from api.nouns import given
from api.scalars import Date
from api.vocabulary import changes_type, input_type
from events.vocabulary import REPORT_KINDS


def needed(description: str) -> Any:
    """A field that must be given."""
    return strawberry.field(description=description)


def optional(description: str) -> Any:
    """A field that can be left out."""
    return strawberry.field(default=strawberry.UNSET, description=description)


KEY: Final = "Makes a retry safe: the same key with the same content gives the first answer again. Unique for ever."
EXPECTED: Final = "Version of the article's stream that this was decided on (`Article.version`); refused if it moved on."


@given
class QuoteInput:
    """Words of the article.  Offsets are found by the words; prefix and suffix tell repeated ones apart."""

    exact: str = needed("The words, to the character.")
    prefix: str | None = optional("Characters right before them.")
    suffix: str | None = optional("Characters right after them.")


@given
class IngestArticleInput:
    """An article to take into the log."""

    slug: str = needed("Its name in the log: small letters, digits and hyphens.")
    title: str = needed("The headline.")
    publisher: str | None = optional("Who published it.")
    url: str | None = optional("Where it was published.")
    language: str | None = optional("Language of the text, a BCP 47 tag; `en` if nothing is said.")
    published: Date = needed("Day of publication.")
    text: str = needed("The whole text, untouched.")
    key: str | None = optional(KEY)


@given
class AliasInput:
    """Another name of an actor."""

    alias: str = needed("The name, as the words have it.")
    kind: AliasKind = needed("How it stands to the actor.")
    evidence: list[QuoteInput] | None = optional("The words that use it.")
    certainty: Certainty | None = optional("How sure it is that the words name this actor.")
    note: str | None = optional("Why the words are read so.")


@given
class ActorInput:
    """An actor to make known."""

    slug: str = needed("Its name in the log: small letters, digits and hyphens.")
    kind: ActorKind = needed("What sort of actor it is.")
    name: str = needed("Its full name, in its canonical form.")
    evidence: list[QuoteInput] | None = optional("The words of the article that name it.")
    certainty: Certainty | None = optional("How sure it is that the words name an actor.")
    note: str | None = optional("Why the words are read so.")
    aliases: list[AliasInput] | None = optional("Its other names.")


@given
class RegisterActorsInput:
    """Actors to make known; all or none."""

    actors: list[ActorInput] = needed("The actors.")
    article: str | None = optional("Slug of the article that the evidence quotes.")
    by: str | None = optional("Who read the words so.")
    key: str | None = optional(KEY)


def _one_kind(name: str, description: str, types: Mapping[str, Any]) -> Any:
    """An input that takes exactly one kind of report."""
    fields = [
        field(f"{kind[0].lower()}{kind[1:]}", Optional[type_], f"`{kind}`.")
        for kind, type_ in types.items()
    ]
    return input_of(name, description, fields, one_of=True)


ReportInput: Any = _one_kind(
    "ReportInput",
    "A report to record. Exactly one field: its kind.",
    {kind: input_type(model) for kind, model in REPORT_KINDS.items()},
)
ReportChanges: Any = _one_kind(
    "ReportChanges",
    "Changes to a report. Exactly one field: its kind, with the changed fields only; null empties a field.",
    {kind: changes_type(model) for kind, model in REPORT_KINDS.items()},
)


@given
class RecordInput:
    """Reports to record; all or none."""

    article: str = needed("Slug of the article.")
    reports: list[ReportInput] = needed("The reports.")
    expected_version: int | None = optional(EXPECTED)
    key: str | None = optional(KEY)


@given
class CorrectInput:
    """A report to put right."""

    article: str = needed("Slug of the article.")
    report: str = needed("The report, by its `ref`.")
    changes: ReportChanges = needed("What it should have said.")
    reason: str = needed("Why it was wrong.")
    by: str | None = optional("Who corrects it.")
    expected_version: int | None = optional(EXPECTED)
    key: str | None = optional(KEY)


@given
class RetractInput:
    """A report to take back."""

    article: str = needed("Slug of the article.")
    report: str = needed("The report, by its `ref`.")
    reason: str = needed("Why.")
    by: str | None = optional("Who retracts it.")
    expected_version: int | None = optional(EXPECTED)
    key: str | None = optional(KEY)


@given
class UndoCorrectionInput:
    """A correction to take back; later corrections of the report go on to hold."""

    article: str = needed("Slug of the article.")
    report: str = needed("The report, by its `ref`.")
    correction: int = needed("Which of its corrections, by its `number`.")
    reason: str = needed("Why it was wrong.")
    by: str | None = optional("Who undoes it.")
    expected_version: int | None = optional(EXPECTED)
    key: str | None = optional(KEY)


@given
class UndoRetractionInput:
    """A retraction to take back: the report stands again."""

    article: str = needed("Slug of the article.")
    report: str = needed("The report, by its `ref`.")
    reason: str = needed("Why the retraction was wrong.")
    by: str | None = optional("Who undoes it.")
    expected_version: int | None = optional(EXPECTED)
    key: str | None = optional(KEY)


@given
class ReportNameInput:
    """A report, by its name."""

    article: str = needed("Slug of its article.")
    report: str = needed("Its `ref`.")


@given
class DisputeInput:
    """Two reports that contradict each other."""

    report: ReportNameInput = needed("One of them.")
    against: ReportNameInput = needed("The other one.")
    reason: str = needed("Why both cannot be right.")
    by: str | None = optional("Who found out.")
    key: str | None = optional(KEY)


@given
class SettleDisputeInput:
    """Two reports that do not contradict each other, or no longer."""

    report: ReportNameInput = needed("One of them.")
    against: ReportNameInput = needed("The other one.")
    reason: str = needed("How it was settled.")
    by: str | None = optional("Who settled it.")
    key: str | None = optional(KEY)


@given
class UndoMergeInput:
    """A merge to take back."""

    actor: str = needed("Slug of the actor that is to stand for itself again.")
    reason: str = needed("Why it is not the other one.")
    by: str | None = optional("Who found out.")
    key: str | None = optional(KEY)


@given
class MergeActorsInput:
    """Two actors that are one."""

    actor: str = needed("Slug of the actor that is no longer to stand for itself.")
    into: str = needed("Slug of the actor that is to stand for both.")
    reason: str = needed("Why they are the same.")
    by: str | None = optional("Who found out.")
    key: str | None = optional(KEY)
