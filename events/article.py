"""What may happen to an article and its reports?  The decider of the streams `article/<slug>`.

`decide` is pure: given what the stream says so far and a command, it returns the events, or raises a refusal before anything is written.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from events.article_commands import (
    ArticleCommand,
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
from events.article_curating import curate, dispute
from events.article_recording import correct_article, ingest, record
from events.article_state import ArticleState
from events.refusals import UnknownArticle
from events.vocabulary import AnyEvent


def decide(
    command: ArticleCommand,
    state: ArticleState,
    actors: Collection[str] = (),
    others: Mapping[str, ArticleState] = MappingProxyType({}),
) -> list[AnyEvent]:
    """The events that a command leads to.  `actors`: the slugs that are registered; `others`: the articles that it names.

    Raises UnknownArticle, AlreadyExists, QuoteNotFound, UnknownActor, UnknownReport, AlreadyRetracted, NothingToChange, Malformed.
    """
    if isinstance(command, IngestArticle):
        return [ingest(command.article, state)]
    if state.article is None:
        message = f"there is no article {command.slug!r}; ingest it first"
        raise UnknownArticle(message)
    match command:
        case CorrectArticle(changes=changes):
            return [correct_article(state.article, command, changes)]
        case RecordReports(reports=reports):
            return record(reports, state, state.article, actors)
        case CorrectReport() | UndoCorrection() | RetractReport() | UndoRetraction():
            return [curate(command, state, state.article, actors)]
        case RecordDispute() | SettleDispute():
            return [dispute(command, state, others)]
