"""What can come of a mutation?  Success, or one of the problems that it can have."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Optional, Union

import strawberry

from api import problems
from api.connections import asked
from api.nodes import Actor, Article, Report
from api.nouns import noun, said
from api.scalars import Position


@noun
class Recorded:
    """It is in the log, and this answer already sees it."""

    first: Position = said("Position of the first event.")
    last: Position = said("Position of the last event.")
    repeated: bool = said(
        "Whether the key had been used with this content before, so that nothing new was written."
    )
    article_slug: strawberry.Private[str | None] = None
    actor_slugs: strawberry.Private[Sequence[str]] = ()
    report_keys: strawberry.Private[Sequence[str]] = ()
    article = asked(Optional[Article], "The article that it is about, if it is about one.")
    actors = asked(list[Actor], "The actors that it is about.")
    reports = asked(list[Report], "The reports that it is about, as they are now.")


LEADS_TO: dict[str, Callable[[Recorded], tuple[str, dict[str, Any]]]] = {
    "article": lambda recorded: ("article", {"slug": recorded.article_slug}),
    "actors": lambda recorded: ("recorded", {"ids": [f"Actor:{s}" for s in recorded.actor_slugs]}),
    "reports": lambda recorded: (
        "recorded",
        {"ids": [f"Report:{k}" for k in recorded.report_keys]},
    ),
}
"""Which root field gives the value of a field of `Recorded`, and with which arguments."""


def _result(name: str, description: str, *own: Any) -> Any:
    """Success, or one of the problems that this mutation can have."""
    always = (problems.Malformed, problems.KeyReused, problems.LogUnavailable)
    union = strawberry.union(name, description=description)
    return Annotated[Union[(Recorded, *own, *always)], union]


IngestArticleResult: Any = _result(
    "IngestArticleResult",
    "What came of ingesting an article.",
    problems.AlreadyExists,
    problems.VersionConflict,
)
RegisterActorsResult: Any = _result(
    "RegisterActorsResult",
    "What came of registering actors.",
    *(problems.AlreadyExists, problems.QuoteNotFound, problems.UnknownArticle),
    problems.VersionConflict,
)
_ON_REPORTS = (
    *(problems.VersionConflict, problems.QuoteNotFound, problems.UnknownActor),
    *(problems.UnknownArticle, problems.UnknownReport),
)
RecordResult: Any = _result(
    "RecordResult", "What came of recording reports.", *_ON_REPORTS, problems.AlreadyExists
)
CorrectResult: Any = _result(
    "CorrectResult",
    "What came of a correction.",
    *(*_ON_REPORTS, problems.AlreadyRetracted, problems.NothingToChange),
)
_ON_A_REPORT = (problems.VersionConflict, problems.UnknownArticle, problems.UnknownReport)
UndoCorrectionResult: Any = _result(
    "UndoCorrectionResult",
    "What came of undoing a correction.",
    *(*_ON_A_REPORT, problems.AlreadyRetracted, problems.NothingToChange),
)
RetractResult: Any = _result(
    "RetractResult", "What came of a retraction.", *_ON_A_REPORT, problems.AlreadyRetracted
)
UndoRetractionResult: Any = _result(
    "UndoRetractionResult",
    "What came of undoing a retraction.",
    *(*_ON_A_REPORT, problems.NothingToChange),
)
DisputeResult: Any = _result(
    "DisputeResult",
    "What came of recording a dispute.",
    *(*_ON_A_REPORT, problems.AlreadyRetracted, problems.AlreadyExists),
)
SettleDisputeResult: Any = _result(
    "SettleDisputeResult",
    "What came of settling a dispute.",
    *(*_ON_A_REPORT, problems.NothingToChange),
)
_ON_ACTORS = (problems.UnknownActor, problems.MergeRefused, problems.VersionConflict)
MergeActorsResult: Any = _result("MergeActorsResult", "What came of merging actors.", *_ON_ACTORS)
UndoMergeResult: Any = _result("UndoMergeResult", "What came of undoing a merge.", *_ON_ACTORS)
