"""Which questions can be asked?  The root fields, and every type that they lead to."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy.types import String

from events.refusals import Malformed
from projections.actors import Naming
from projections.reading.fields import AnyField, At, Nodes, One, Order, Page, Sql, View
from projections.reading.full_text import CONVERT, found
from projections.reading.selection import Argument
from projections.reading.statement import Statement
from projections.search import Document
from projections.versioned import table_of
from projections.views import (
    actors,
    articles,
    changes,
    commissions,
    diff,
    entries,
    log,
    relations,
    reports,
)
from projections.views.common import because_view
from projections.views.filters import param, standing

MAX_IDS: Final = 200
"""How many nodes can be asked for at once."""

HIT = View("SearchHit", table_of(Document), dict, points=True)

VIEWS: Final[Mapping[str, View]] = {
    view.name: view
    for view in (
        *(articles.VIEW, actors.VIEW, actors.ALIAS, relations.VIEW, reports.VIEW, reports.DISPUTE),
        *reports.KIND_VIEWS.values(),
        *(commissions.VIEW, commissions.SEAT, log.VIEW, log.STATUS, log.PROJECTION),
        *(actors.VERSION, relations.VERSION, reports.VERSION, diff.VIEW),
        *(because_view(table_of(Naming)), HIT),
        *map(changes.view, changes.FOLLOWED),
    )
}


def _slug(s: Statement, c: Any, at: At) -> Sql:
    return c.key == s.bind(param(at.arguments["slug"]))


def _actor(s: Statement, c: Any, at: At) -> Sql:
    return c.key == standing(s, at.arguments["slug"])


def _pair(global_id: Any) -> list[str]:
    type_, _, key = str(global_id).partition(":")
    return [type_, key]


def _one_id(s: Statement, at: At) -> Sql:
    return s.bind(
        param(at.arguments["id"]), lambda value: orjson.dumps([_pair(value)]).decode(), String()
    )


def _pairs(ids: Any) -> str:
    return orjson.dumps([_pair(each) for each in ids]).decode()


def _few_pairs(ids: Any) -> str:
    if len(ids) > MAX_IDS:
        raise Malformed(f"ask for at most {MAX_IDS} ids at once, not {len(ids)}")
    return _pairs(ids)


def _many_ids(convert: Callable[[Any], str]) -> Callable[[Statement, At], Sql]:
    return lambda s, at: s.bind(param(at.arguments["ids"]), convert, String())


def _matching(s: Statement, at: At, value: Argument) -> Sql:
    """The document has the words, by the engine's full-text index."""
    asked = s.bind(param(value), CONVERT[s.dialect.name])
    return at.c.row_id.in_(found(asked, s.moment))


PASSING: Final = frozenset({"status"})
"""Root fields that tell how things are when they are read: the log goes on before the views follow, so their position does not say."""
ROOTS: Final[Mapping[str, AnyField]] = {
    "node": Nodes(_one_id, many=False),
    "nodes": Nodes(_many_ids(_few_pairs), many=True),
    "recorded": Nodes(_many_ids(_pairs), many=True),  # what a mutation shows of what it wrote
    "status": One("Status", log.always),
    "article": One("Article", _slug),
    "articles": articles.PAGE,
    "actor": One("Actor", _actor),
    "actors": actors.PAGE,
    "relations": relations.PAGE,
    "statements": reports.STATEMENTS,
    "meetings": reports.MEETINGS,
    "commissions": commissions.PAGE,
    "timeline": reports.TIMELINE,
    "search": Page(
        "SearchHit",
        {"RANK": Order(lambda c: [c.rank, c.position])},
        filters={"text": _matching},
        found=True,
    ),
    "log": log.PAGE,
    "diff": diff.SPAN,
    "entries": entries.ENTRIES,  # and what follows: what subscriptions tell
    **{f"{each.type}Changes": changes.changes(each) for each in changes.FOLLOWED},
    **{f"{each.type}Listing": changes.listing(each) for each in changes.FOLLOWED},
}
