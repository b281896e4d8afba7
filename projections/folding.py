"""Which views are there, and what does one event change in them?  All folds, in the order in which one needs the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from events import references
from events.record import Recorded
from events.values import Report as AnyReportBase
from projections import actors, articles, commissions, disputes, mentions, reports, search
from projections.relations import fold as relations
from projections.rows import Rows
from projections.versioned import Versioned


@dataclass(frozen=True)
class Projection:
    """Tables that are folded, rebuilt and switched together."""

    name: str
    version: int
    """Raised whenever its rows for the same log change; the next start then rebuilds it."""
    models: tuple[type[Versioned], ...]


PROJECTIONS: Final = (
    Projection("articles", 2, (articles.Article,)),
    Projection("actors", 3, (actors.Actor, actors.Alias, actors.Naming)),
    Projection(
        "timeline",
        3,
        (reports.Report, mentions.Mention, reports.ReportGround, disputes.Dispute),
    ),
    Projection("relations", 3, (relations.Relation, relations.RelationGround)),
    Projection(
        "commissions", 3, (commissions.Commission, commissions.Seat, commissions.CommissionGround)
    ),
    Projection("search", 3, (search.Document,)),
)

MODELS: Final = tuple(model for projection in PROJECTIONS for model in projection.models)


def fold_batch(rows: Rows, records: Sequence[Recorded]) -> None:
    """The rows of all views after a batch; what most of its events will ask for is loaded at once."""
    said = [record.event for record in records if isinstance(record.event, AnyReportBase)]
    named = {actor for report in said for actor in references.actors(report)}
    named.update(record.slug for record in records if record.stream.startswith("actor/"))
    rows.prefetch(actors.Actor, "key", named)
    rows.prefetch(
        articles.Article,
        "key",
        {record.slug for record in records if record.stream.startswith("article/")},
    )
    rows.prefetch(
        commissions.Commission,
        "key",
        filter(None, {commissions.body_of(report) for report in said}),
    )
    changes = [(record.position, _fold(rows, record)) for record in records]
    relations.fold(rows, changes)


def _fold(rows: Rows, record: Recorded) -> list[reports.Change]:
    """The rows of all views but the relations after one more event, and which reports it changed."""
    rows.position = record.position
    articles.fold(rows, record)
    actors.fold(rows, record)
    changes = reports.fold(rows, record)
    commissions.fold(rows, changes)
    search.fold(rows, record, changes)
    return changes
