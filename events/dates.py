"""Which days can a date from a source mean?

A small subset of EDTF, the Extended Date/Time Format of ISO 8601-2:2019, as the Library of
Congress specifies it (https://www.loc.gov/standards/datetime/).

=====================  ============================  =========================================
shape                  example                       earliest and latest day
=====================  ============================  =========================================
year, month or day     ``2020-02``                   2020-02-01, 2020-02-29
qualified              ``2020?-02``, ``2020-~02``    the same: a qualifier never widens
interval               ``2020-07/2020-12-30?``       2020-07-01, 2020-12-30
open or unknown end    ``2020/..``, ``2020/``        2020-01-01, none
open or unknown start  ``../2020``, ``/2020``        none, 2020-12-31
some time up to        ``[..2020-12-30]``            none, 2020-12-30
=====================  ============================  =========================================

Qualifiers are ``?`` uncertain, ``~`` approximate and ``%`` both. Behind a component one holds for
it and all to its left, before a component for it alone. Years run from 0001 to 9999.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_DATE = re.compile(
    r"""[?~%]? (?P<year>[0-9]{4}) [?~%]?
        (?: - [?~%]? (?P<month>[0-9]{2}) [?~%]?
            (?: - [?~%]? (?P<day>[0-9]{2}) [?~%]? )? )?""",
    re.VERBOSE,
)


class MalformedDate(ValueError):
    """The text is no date of our subset; says what is wrong, where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Edtf:
    """A date as its source gives it, with the days that bound it.

    >>> parse("2020?-02").latest
    datetime.date(2020, 2, 29)
    >>> parse("[..2020-12-30]").earliest is None
    True
    >>> parse("2020-12-30%").uncertain, parse("2020-12-30~").uncertain
    (True, False)
    """

    text: str
    """The source's own form, never normalised."""
    earliest: date | None
    """The first day it can mean; None where nothing bounds it."""
    latest: date | None
    """The last day it can mean, included; None where nothing bounds it."""

    @property
    def uncertain(self) -> bool:
        """Whether some part is marked uncertain, by ``?`` or ``%``."""
        return "?" in self.text or "%" in self.text

    @property
    def approximate(self) -> bool:
        """Whether some part is marked approximate, by ``~`` or ``%``."""
        return "~" in self.text or "%" in self.text


@lru_cache(maxsize=4096)
def parse(text: str) -> Edtf:
    """Read a date; raise `MalformedDate` for anything outside the subset.

    >>> parse("2020-02-30")
    Traceback (most recent call last):
    ...
    events.dates.MalformedDate: found '30' at column 8; 2020-02 has days 01 to 29
    """
    if text.startswith("["):
        if not (text.startswith("[..") and text.endswith("]")):
            raise _malformed(text, 0, "a set is written [..d], some time up to the date d")
        return Edtf(text, None, _days(text, 3, len(text) - 1)[1])
    if "/" in text:
        return _interval(text)
    return Edtf(text, *_days(text, 0, len(text)))


EdtfText = Annotated[
    str,
    AfterValidator(lambda text: parse(text).text),
    # Not `Field(description=…)`, which would win over the docstring of a model's own field.
    WithJsonSchema(
        {
            "type": "string",
            "format": "edtf",
            "description": "A date in a subset of EDTF (ISO 8601-2): YYYY, YYYY-MM or YYYY-MM-DD; "
            "? uncertain, ~ approximate, % both, on the whole or a part; "
            "intervals a/b, open a/.. and ../b, unknown a/ and /b; [..d] for some time up to d.",
            "examples": ["2021-12-24", "2020?-02", "2020-07/2020-12-30?", "[..2020-12-30]"],
        }
    ),
]
"""A string that `parse` accepts, kept as it was written."""


def _interval(text: str) -> Edtf:
    start, _, end = text.partition("/")
    after = len(start) + 1
    earliest = None if start in ("", "..") else _days(text, 0, len(start))[0]
    latest = None if end in ("", "..") else _days(text, after, len(text))[1]
    if earliest is None and latest is None:
        raise _malformed(text, 0, "one end of an interval must be a date")
    if earliest and latest and latest < earliest:
        raise _malformed(text, after, f"an interval from {start} cannot end before it starts")
    return Edtf(text, earliest, latest)


def _days(text: str, start: int, stop: int) -> tuple[date, date]:
    """Give the first and last day of the date that fills text[start:stop]."""
    match = _DATE.match(text, start, stop)
    if match is None:
        raise _malformed(text, start, "a date begins with a year of four digits, such as 2020")
    if match.end() < stop:
        raise _malformed(text, match.end(), "a date is YYYY, YYYY-MM or YYYY-MM-DD and ends there")
    year, month, day = (int(digits or 0) for digits in match.groups())
    if year == 0:
        raise _malformed(text, match.start("year"), "the years are 0001 to 9999")
    if match["month"] is None:
        return date(year, 1, 1), date(year, 12, 31)
    if month not in range(1, 13):
        raise _malformed(text, match.start("month"), "the months are 01 to 12")
    last = monthrange(year, month)[1]
    if match["day"] is None:
        return date(year, month, 1), date(year, month, last)
    if day not in range(1, last + 1):
        raise _malformed(text, match.start("day"), f"{year:04}-{month:02} has days 01 to {last}")
    return (only := date(year, month, day)), only


def _malformed(text: str, column: int, rule: str) -> MalformedDate:
    # In ASCII, because digits of other scripts look right; cut, because the text can be any size.
    found = f"{text[column : column + 20]!a}" if column < len(text) else "the end of the text"
    return MalformedDate(f"found {found} at column {column}; {rule}")
