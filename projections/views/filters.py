"""How is a list narrowed?  The conditions that the fields of a filter mean."""

from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.types import String

from events.dates import MalformedDate, parse
from events.refusals import Malformed
from projections.actors import Actor
from projections.mentions import Mention
from projections.reading.fields import At, Filter, Sql, Way
from projections.reading.functions import is_false, is_true, unforeseen
from projections.reading.json_sql import inside
from projections.reading.members import members
from projections.reading.selection import Argument, Param
from projections.reading.statement import Statement
from projections.versioned import table_of

Convert = Callable[[Any], Any]

ACTORS = table_of(Actor)
MENTIONS = table_of(Mention)


def param(value: Argument) -> Param:
    """An argument that is bound."""
    assert isinstance(value, Param)  # noqa: S101 - nulls and truth values never get here
    return value


def equals(name: str, convert: Convert | None = None) -> Filter:
    """The column has the value."""
    return lambda s, at, value: at.c[name] == s.bind(param(value), convert, at.c[name].type)


def one_of(name: str, convert: Convert | None = None) -> Filter:
    """The column has one of the values."""

    def among(s: Statement, at: At, value: Argument) -> Sql:
        return at.c[name].in_(select(values(s, value, convert)))

    return among


def member_equals(name: str, member: str) -> Filter:
    """A member of the JSON object in the column has the value."""

    def equal(s: Statement, at: At, value: Argument) -> Sql:
        found = inside(at.c[name], member)
        if isinstance(value, bool):
            return unforeseen((is_true if value else is_false)(found))
        return unforeseen(found == s.bind(param(value)))

    return equal


def not_before(name: str) -> Filter:
    """The day in the column is on or after the date, as far as that can be."""
    return lambda s, at, value: at.c[name] >= s.bind(param(value), day)


def not_after(name: str) -> Filter:
    """The day in the column is on or before the date, as far as that can be."""
    return lambda s, at, value: at.c[name] <= s.bind(param(value), day)


def actor(name: str) -> Filter:
    """The column has the actor, whichever of its slugs is given."""
    return lambda s, at, value: at.c[name] == standing(s, value)


def named_in(field: str, key: Callable[[At], Sql] = lambda at: at.c.key) -> Filter:
    """The report names the actor in a field."""

    def naming(s: Statement, at: At, value: Argument) -> Sql:
        mention = s.rows(MENTIONS)
        found = select(mention.c.report).where(
            mention.c.actor == standing(s, value), mention.c.field == field
        )
        return key(at).in_(found.correlate_except(mention))

    return naming


def naming(field: str) -> Way:
    """The mentions of the actor in a field, each of which leads to the report."""

    def mentioned(s: Statement, columns: Any, value: Argument) -> Sql:
        return (columns.actor == standing(s, value)) & (columns.field == field)

    return Way(MENTIONS, mentioned)


def standing(s: Statement, slug: Argument) -> Sql:
    """The slug of the actor that stands for a slug that was given."""
    row = s.alias(ACTORS)
    given = s.bind(param(slug))
    merged = select(row.c.merged_into).where(s.row(row, lambda c: c.key == given))
    return func.coalesce(merged.correlate_except(row).scalar_subquery(), given)


def values(s: Statement, value: Argument, convert: Convert | None = None) -> Any:
    """The members of a list that was given, as a column."""

    def dumped(given: Any) -> str:
        return orjson.dumps([convert(each) if convert else each for each in given]).decode()

    return members(s.bind(param(value), dumped, String())).c.value


def day(value: Any) -> str:
    """A calendar day, `YYYY-MM-DD`."""
    return str(value)


def earliest(edtf: Any) -> str:
    """The first day that an EDTF expression can mean.  Raises Malformed."""
    found = _parsed(edtf).earliest
    return found.isoformat() if found else "0001-01-01"


def latest(edtf: Any) -> str:
    """The last day that an EDTF expression can mean.  Raises Malformed."""
    found = _parsed(edtf).latest
    return found.isoformat() if found else "9999-12-31"


def overlaps(s: Statement, at: At, value: Argument) -> Sql:
    """The time of the report can overlap an EDTF expression; one without a date is taken by the day it is ordered under."""
    last = func.coalesce(at.c.latest, at.c.day)
    return (at.c.day <= s.bind(param(value), latest)) & (last >= s.bind(param(value), earliest))


def _parsed(edtf: Any) -> Any:
    try:
        return parse(str(edtf))
    except MalformedDate as error:
        raise Malformed(f"{str(edtf)[:60]!r} is not a date: {error}") from None
