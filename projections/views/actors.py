"""What is shown of an actor?"""

from typing import Any

from sqlalchemy import func, select

from projections.actors import Alias, Naming
from projections.mentions import ANY_FIELD, Mention
from projections.reading.fields import Fields, Many, Order, Page, Sql, View
from projections.reading.statement import Statement
from projections.versioned import table_of
from projections.views import relations
from projections.views.common import because, column, evidence, global_id
from projections.views.filters import ACTORS, equals, one_of
from projections.views.history import history, version_view
from projections.views.reports import (
    STATEMENT_FILTERS,
    TIMELINE_FILTERS,
    TIMELINE_ORDERS,
    standing_reports,
)

ALIASES = table_of(Alias)


def _fields() -> Fields:
    return {
        "id": global_id("Actor"),
        "slug": column("key", "word"),
        "kind": column("kind", "enum"),
        "name": column("name"),
        "certainty": column("certainty", "enum"),
        "note": column("note"),
        "position": column("position", "number"),
        "recordedAt": column("recorded_at"),
        "aliases": Many(
            "Alias", lambda _, c, at: c.actor == at.c.key, lambda c: [c.position, c.key]
        ),
        "relations": relations.OF_ACTOR,
        "statements": Page(
            "StatementMade",
            TIMELINE_ORDERS,
            lambda _, c, at: (c.actor == at.c.key) & (c.field == "speaker"),
            STATEMENT_FILTERS,
            standing_reports,
            table_of(Mention),
        ),
        "timeline": Page(
            "Report",
            TIMELINE_ORDERS,
            lambda _, c, at: (c.actor == at.c.key) & (c.field == ANY_FIELD),
            TIMELINE_FILTERS,
            standing_reports,
            table_of(Mention),
        ),
        "because": because(table_of(Naming)),
        "history": history("Actor", stands),
    }


def _alias_fields() -> Fields:
    return {
        "name": column("alias"),
        "kind": column("kind", "enum"),
        "certainty": column("certainty", "enum"),
        "note": column("note"),
        "evidence": evidence(lambda at: at.c.evidence),
    }


def stands(c: Any) -> Sql:
    """The actor is not merged into another."""
    return c.merged_into.is_(None)


def _standing(s: Statement, c: Any, key: Sql) -> Sql:
    """The actor with a key, or the one that it was merged into."""
    row = s.alias(ACTORS)
    merged = select(row.c.merged_into).where(s.row(row, lambda c: c.key == key))
    return c.key == func.coalesce(merged.correlate_except(row).scalar_subquery(), key)


VIEW = View("Actor", ACTORS, _fields, node=True, key=_standing)
VERSION = version_view("Actor", ACTORS)
ALIAS = View("Alias", ALIASES, _alias_fields)

PAGE = Page(
    "Actor",
    {
        "NAME": Order(lambda c: [c.name, c.key]),
        "NEWEST": Order(lambda c: [c.position], descending=True),
    },
    filters={"kind": equals("kind"), "kinds": one_of("kind"), "slugs": one_of("key")},
    always=lambda _, at: stands(at.c),
)
