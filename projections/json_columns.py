"""How is JSON kept whose members are shown?  As canonical text on SQLite; parsed on PostgreSQL, which would else parse it for every answer.

What is parsed has no order or spelling of its own, but the same members, and numbers in the same digits: so folds and digests, which
compare texts, are given the canonical one again.  JSON that only folds read, or that is shown as a whole, stays text on both.
"""

from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles

from events.canonical import canonical
from projections.versioned import Row, Versioned, table_of


class Json(JSONB):
    """The type of such a column."""


WHOLE: Final[dict[str, Any]] = {"postgresql_with": {"toast_tuple_target": 8160}}
"""Of a table of which many members are shown: rows of up to 8 kB, rather than 2, are kept as they are, not compressed or cut up.

What is, PostgreSQL puts together again for each member that is read.
"""


@compiles(Json, "sqlite")
def _text(*_: object, **__: object) -> str:
    return "VARCHAR"


def spelt(model: type[Versioned], row: Row) -> Row:
    """A row that came from PostgreSQL, its JSON spelt canonically."""
    for name in _parsed(model):
        if row.get(name) is not None:
            row[name] = _spelt(row[name])
    return row


@cache
def _parsed(model: type[Versioned]) -> tuple[str, ...]:
    return tuple(column.name for column in table_of(model).columns if isinstance(column.type, Json))


def _spelt(text: str) -> str:
    try:
        return canonical(orjson.loads(text)).decode()
    except orjson.JSONDecodeError:  # nested deeper than anything that a fold writes
        return text
