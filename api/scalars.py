"""Which values does the API know beyond GraphQL's own?"""

from datetime import date
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from events.dates import parse
from events.instants import instant

EDTF = NewType("EDTF", str)
Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
Position = NewType("Position", int)
BigInt = NewType("BigInt", int)
JSON = NewType("JSON", object)

_LARGEST: Final = 2**53 - 1


def _edtf(value: Any) -> str:
    return parse(_text(value)).text


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(_text(value)).isoformat()
    except ValueError:
        raise ValueError(f"{value!r:.40} is not a calendar day, YYYY-MM-DD") from None


def _instant(value: Any) -> str:
    return instant(_text(value))


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError(f"{str(value)[:40]} is not a whole number from 0 to {_LARGEST}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]} is not a string")  # noqa: TRY004 - GraphQL wants one type
    return value


SCALARS: Final[dict[object, ScalarDefinition]] = {
    EDTF: strawberry.scalar(
        name="EDTF",
        description="A date as the source allows it, in a subset of EDTF (ISO 8601-2): `2020-12-30`, `2020-12-30?`"
        " (uncertain), `2020~` (approximate), `2020?-02` (only the year is), `2020-07/2020-12`, `2020/..`,"
        " `[..2020-12-30]` (some time up to that day).",
        specified_by_url="https://www.loc.gov/standards/datetime/",
        parse_value=_edtf,
    ),
    Date: strawberry.scalar(
        name="Date", description="A calendar day, `YYYY-MM-DD`.", parse_value=_date
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339: in UTC with microseconds where it is given, with any offset where it is asked for.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        parse_value=_instant,
    ),
    Position: strawberry.scalar(
        name="Position",
        description="A position in the log: 1, 2, 3 … without holes; 0 is before the first event. A JSON number.",
        parse_value=_whole,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number up to 2^53 - 1, as a JSON number.",
        parse_value=_whole,
    ),
    JSON: strawberry.scalar(name="JSON", description="Any JSON value."),
}
