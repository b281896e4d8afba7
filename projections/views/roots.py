"""Which questions can be asked?  The root fields, and every type that they lead to."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import TableClause, column, func, literal_column, select, table
from sqlalchemy.types import String

from events.refusals import Malformed
from projections.actors import Naming
from projections.reading.fields import AnyField, At, Nodes, One, Order, Page, Sql, View
from projections.reading.functions import joined
from projections.reading.json_sql import literal
from projections.reading.selection import Argument
from projections.reading.statement import Statement
from projections.search import Document, terms
from projections.versioned import table_of
from projections.views import actors, articles, commissions, diff, log, relations, reports
from projections.views.common import because_view
from projections.views.filters import param, standing

WORDS, PAST_WORDS = table("words", column("rowid")), table("words_past", column("rowid"))
"""The full-text indexes over the documents, the open ones and those that ended."""

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
    asked = s.bind(param(value), match)
    now = _found(WORDS, asked)
    if s.moment is None:
        return at.c.row_id.in_(now)
    spans = func.spans_holding(s.moment)
    then = joined(literal("text : ("), asked, literal(") AND spans : ("), spans, literal(")"))
    return at.c.row_id.in_(now.union_all(_found(PAST_WORDS, then)))


def _found(words: TableClause, asked: Sql) -> Any:
    matches = literal_column(words.name, String).op("MATCH")(asked)
    return select(words.c.rowid).where(matches)


def match(text: Any) -> str:
    """What a search text asks for, in the syntax of FTS5.  Raises Malformed."""
    wanted, unwanted = list[str](), list[str]()
    for wants, words, beginning in terms(str(text)):
        phrase = '"' + " ".join(words) + '"' + ("*" if beginning else "")
        (wanted if wants else unwanted).append(phrase)
    found = " AND ".join(wanted)
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


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
}
