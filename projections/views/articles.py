"""What is shown of an article?"""

from sqlalchemy import func, select

from projections.articles import Article
from projections.reading.fields import At, Fields, Order, Page, Scalar, Sql, View
from projections.reading.statement import Statement
from projections.reading.tables import LOG
from projections.versioned import table_of
from projections.views.common import column, global_id
from projections.views.filters import equals, not_after, not_before
from projections.views.reports import TIMELINE_FILTERS, TIMELINE_ORDERS, standing_reports

ARTICLES = table_of(Article)


def _fields() -> Fields:
    return {
        "id": global_id("Article"),
        "slug": column("key", "word"),
        "title": column("title"),
        "publisher": column("publisher"),
        "url": column("url"),
        "language": column("language"),
        "published": column("published"),
        "text": column("text"),
        "sha256": column("sha256"),
        "position": column("position", "number"),
        "recordedAt": column("recorded_at"),
        "version": Scalar(_version, "number"),
        "reports": Page(
            "Report",
            TIMELINE_ORDERS,
            lambda _, c, at: c.article == at.c.key,
            TIMELINE_FILTERS,
            standing_reports,
        ),
    }


def _version(s: Statement, at: At) -> Sql:
    entry = s.alias(LOG)
    stream = entry.c.stream == ("article/" + at.c.key)
    moment = s.present if s.moment is None else s.moment
    found = select(func.max(entry.c.version)).where(stream, entry.c.position <= moment)
    return found.correlate_except(entry).scalar_subquery()


VIEW = View("Article", ARTICLES, _fields, node=True)

PAGE = Page(
    "Article",
    {
        "NEWEST": Order(lambda c: [c.published, c.key], descending=True),
        "OLDEST": Order(lambda c: [c.published, c.key]),
    },
    filters={
        "publisher": equals("publisher"),
        "language": equals("language"),
        "publishedFrom": not_before("published"),
        "publishedTo": not_after("published"),
    },
)
