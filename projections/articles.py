"""Which articles are there?"""

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.curation import Curated
from events.record import Recorded
from events.sources import ArticleCorrected, ArticleIngested
from events.values import Report
from projections.rows import Rows
from projections.versioned import Versioned, changes, indexes, listed


class Article(Versioned, table=True):
    """An article as it is known."""

    __tablename__ = "articles"
    __table_args__ = indexes(
        "articles", *listed("articles_published", "published", "key"), *changes("articles")
    )

    title: str
    publisher: str | None
    url: str | None
    language: str
    published: str
    text: str
    sha256: str
    position: int
    recorded_at: str


def fold(rows: Rows, record: Recorded) -> None:
    """Article rows after one more event."""
    match record.event:
        case ArticleIngested() as event:
            content = event.model_dump(exclude={"kind"})
            rows.put(
                Article,
                {
                    "key": record.slug,
                    **content,
                    "position": record.position,
                    "recorded_at": record.recorded_at,
                },
            )
        case ArticleCorrected() as event:
            row = rows.get(Article, record.slug)
            assert row is not None  # noqa: S101 - the decider refuses corrections of what is not there
            rows.put(Article, {**row, **event.changes})
        case (
            ActorRegistered()
            | ActorCorrected()
            | AliasAdded()
            | AliasRetracted()
            | ActorsMerged()
            | MergeUndone()
            | Report()
            | Curated()
        ):
            pass
