"""What did an ingestion do?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from events.actor import (
    AddAliases,
    CorrectActor,
    MergeActors,
    RegisterActor,
    RetractAlias,
    UndoMerge,
)
from events.article_commands import (
    CorrectArticle,
    CorrectReport,
    IngestArticle,
    RecordDispute,
    RecordReports,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.handling import Command


@dataclass(frozen=True)
class Summary:
    """What an ingestion appended, by the names of the dossier's parts.

    They are called `article`, `actor/siala`, `alias/siala/Sialas` and `report/arms-to-haftar`.
    """

    slug: str
    """Of the article."""
    registered: tuple[str, ...] = ()
    """Actors and aliases that are new."""
    recorded: tuple[str, ...] = ()
    """The article and the reports that are new."""
    corrected: tuple[str, ...] = ()
    """The article, actors and reports of which something changed."""
    retracted: tuple[str, ...] = ()
    """Reports and aliases taken back; an alias that changed is registered anew as well."""
    unchanged: int = 0
    """How many parts of the dossier needed nothing."""
    positions: tuple[int, int] | None = None
    """Positions of the first and the last new event; none if nothing was appended."""


def summarise(
    slug: str, commands: Sequence[Command], parts: int, positions: tuple[int, int] | None
) -> Summary:
    """What the commands did to a dossier of so many parts."""
    done = [each for command in commands for each in _done(command)]

    def which(what: str) -> tuple[str, ...]:
        return tuple(part for verb, part in done if verb == what)

    registered, recorded, corrected = which("registered"), which("recorded"), which("corrected")
    return Summary(
        slug,
        registered,
        recorded,
        corrected,
        which("retracted"),
        parts - len(registered) - len(recorded) - len(corrected),
        positions,
    )


def _done(command: Command) -> Iterator[tuple[str, str]]:
    match command:
        case IngestArticle():
            yield "recorded", "article"
        case CorrectArticle():
            yield "corrected", "article"
        case RegisterActor(slug=slug, aliases=aliases):
            yield "registered", f"actor/{slug}"
            yield from (("registered", f"alias/{slug}/{each.alias}") for each in aliases)
        case AddAliases(slug=slug, aliases=aliases):
            yield from (("registered", f"alias/{slug}/{each.alias}") for each in aliases)
        case RetractAlias(slug=slug, alias=alias):
            yield "retracted", f"alias/{slug}/{alias}"
        case CorrectActor(slug=slug):
            yield "corrected", f"actor/{slug}"
        case RecordReports(reports=reports):
            yield from (("recorded", f"report/{each.ref}") for each in reports)
        case CorrectReport(target=target):
            yield "corrected", f"report/{target}"
        case RetractReport(target=target):
            yield "retracted", f"report/{target}"
        case UndoRetraction(target=target):
            yield "recorded", f"report/{target}"
        case MergeActors() | UndoMerge() | UndoCorrection() | RecordDispute() | SettleDispute():
            pass  # a person decides these, never a dossier
