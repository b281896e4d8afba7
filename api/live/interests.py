"""Who may be concerned by what?  By tokens: what a filter asks for at least, and what a touched row says.

A filter is found by one of its conditions, the one that fewest rows fulfil; whether a row really fits is seen when it is read.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final

import orjson

from events.references import mentions
from events.vocabulary import report_of
from projections.views.touching import COLUMNS, LOG_ENTRY

Token = tuple[str, ...]
"""(type, column, value); of a type alone, whatever row of it is touched."""

Columns = tuple[str, ...]

FOUND_BY: Final[Mapping[str, Mapping[str, Columns]]] = {
    "Actor": {"slugs": ("key",), "kind": ("kind",), "kinds": ("kind",)},
    "Relation": {
        "via": ("via",),
        "claimed_by": ("claimed_by",),
        "subject": ("subject",),
        "object": ("object",),
        "actor": ("subject", "object"),
        "predicate": ("predicate",),
        "predicates": ("predicate",),
        "status": ("status",),
        "certainty": ("certainty",),
    },
    "Report": {"actor": ("actor",), "article": ("article",), "kinds": ("kind",)},
    LOG_ENTRY: {
        "stream": ("stream",),
        "article": ("stream",),
        "kinds": ("kind",),
        "recorder": ("recorder",),
    },
}
"""By which columns a condition finds rows: the conditions in order, those first that fewest rows fulfil."""

SLUGS: Final = {"subject", "object", "actor", "via", "claimed_by"}
"""The conditions that name an actor, or the one that stands for it."""


async def wanted(
    type_: str, conditions: Mapping[str, Any], standing: Callable[[str], Awaitable[str]]
) -> set[Token]:
    """The tokens of what a filter may want; `standing` gives the slug of the actor that stands for a slug."""
    merges: set[Token] = {("Actor", "key", conditions[name]) for name in SLUGS & conditions.keys()}
    for name, columns in FOUND_BY[type_].items():
        given = conditions.get(name)
        if given is None:
            continue
        values = {_plain(each) for each in (given if isinstance(given, list) else [given])}
        if name in SLUGS:
            values |= {await standing(each) for each in values}
        if (type_, name) == (LOG_ENTRY, "article"):
            values = {f"article/{each}" for each in values}
        return merges | {(type_, column, value) for column in columns for value in values}
    return merges | {(type_,)}


def touched(type_: str, rows: Iterable[list[Any]]) -> set[Token]:
    """The tokens of what touched rows say."""
    found: set[Token] = set()
    for values in rows:
        found.add((type_,))
        row = dict(zip(COLUMNS[type_], values, strict=True))
        if type_ == "Report":
            report = report_of(row["kind"], orjson.loads(row.pop("payload")))
            found.update((type_, "actor", each.actor) for each in mentions(report))
        found.update((type_, name, value) for name, value in row.items() if value is not None)
    return found


def _plain(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)
