"""What does a row say?  Who used armed force against whom, when, where, and how many died."""

import csv
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from events.occurrences import ClashReported, Coordinates, Deaths, Violence
from events.values import (
    Basis,
    Count,
    Degrees,
    FreeText,
    Name,
    Quote,
    ReviewStatus,
    Text,
    Value,
    When,
    WhenRole,
)
from seeds.problems import Findings, Place
from seeds.telling import of_validation

VIOLENCE: Final = {
    "State-based violence": Violence.STATE_BASED,
    "Non-state violence": Violence.NON_STATE,
    "One-sided violence": Violence.ONE_SIDED,
}
BY: Final = "communique import ucdp"
"""Who read the rows so."""
CONTRADICTION: Final = "the estimates of deaths contradict each other, so none is taken over"
"""Why a report has no deaths."""


def _digits(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("that is no whole number")
    return text


def _within(bound: int) -> AfterValidator:
    def check(degrees: str) -> str:
        if abs(float(degrees)) > bound:
            raise ValueError("there is no such place on the earth")
        return degrees

    return AfterValidator(check)


Digits = BeforeValidator(_digits)


class Row(Value):
    """A row of the data set, column by column."""

    id: Annotated[Count, Digits]
    """A whole number that no other row has."""
    year: Annotated[int, Field(ge=1989, le=2020), Digits]
    """A year of the edition, 1989 to 2020."""
    month: Annotated[int, Field(ge=1, le=12), Digits]
    """A month, 1 to 12."""
    day: Annotated[int, Field(ge=1, le=31), Digits]
    """A day of the month."""
    country: Text
    """The country where it happened."""
    type_of_violence: Literal["State-based violence", "Non-state violence", "One-sided violence"]
    """State-based violence, Non-state violence or One-sided violence."""
    conflict_name: FreeText
    """What the conflict is called."""
    side_a: Name
    """The name of the first side, 1 to 300 characters."""
    side_b: Name
    """The name of the second side, 1 to 300 characters."""
    latitude: Annotated[Degrees, _within(90)]
    """Degrees north, -90 to 90, with at most nine decimals."""
    longitude: Annotated[Degrees, _within(180)]
    """Degrees east, -180 to 180, with at most nine decimals."""
    low_death: Annotated[Count, Digits]
    """A whole number: the lowest credible number of deaths."""
    best_death: Annotated[Count, Digits]
    """A whole number: the most likely number of deaths."""
    high_death: Annotated[Count, Digits]
    """A whole number: the highest credible number of deaths."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            self.date()
        except ValueError:
            message = f"{self.year}-{self.month}-{self.day} is no day; write one of the calendar"
            raise ValueError(message) from None
        return self

    def date(self) -> date:
        """The day of the event.  Raises ValueError."""
        return date(self.year, self.month, self.day)

    @property
    def deaths(self) -> Deaths | None:
        """The estimates of deaths; none if they contradict each other."""
        low, best, high = self.low_death, self.best_death, self.high_death
        return Deaths(low=low, best=best, high=high) if low <= best <= high else None

    @property
    def ref(self) -> str:
        """What the report is called that the row becomes."""
        return f"clash-{self.id}"


COLUMNS: Final = tuple(Row.model_fields)
HEADER: Final = ",".join(COLUMNS)


def read_row(findings: Findings, line: int, text: str) -> Row | None:
    """The row in a line, if it fits; every problem is noted, also with the deaths that it goes in without."""
    place = Place(line, 1)
    try:
        (cells,) = csv.reader((text,), strict=True)
    except csv.Error as error:
        right = "a row is one line, with commas between its columns, or within quotation marks"
        findings.add(place, f"the row is no CSV ({error})", right)
        return None
    if len(cells) != len(COLUMNS):
        what = f"the row has {len(cells)} columns"
        findings.add(place, what, f"there are {len(COLUMNS)}: {', '.join(COLUMNS)}")
        return None
    try:
        row = Row.model_validate(dict(zip(COLUMNS, cells, strict=True)))
    except ValidationError as refusal:
        for each in refusal.errors():
            name = str(each["loc"][0]) if each["loc"] else "the row"
            findings.add(place, *of_validation(each, Row, name, "the row"))
        return None
    if row.deaths is None:
        shown = f"low {row.low_death}, best {row.best_death}, high {row.high_death}"
        what = f"the row goes in without its deaths, which contradict each other: {shown}"
        findings.add(place, what, "low_death is at most best_death, and that at most high_death")
    return row


def clash(row: Row, sides: tuple[str, str], quote: Quote) -> ClashReported:
    """What a row reports; `sides` are the slugs of its sides."""
    return ClashReported(
        ref=row.ref,
        evidence=(quote,),
        sides=sides,
        violence=VIOLENCE[row.type_of_violence],
        place=row.country,
        coordinates=Coordinates(latitude=row.latitude, longitude=row.longitude),
        deaths=(deaths := row.deaths),
        when=When(edtf=row.date().isoformat(), role=WhenRole.OCCURRED, basis=Basis.STATED),
        by=BY,
        status=ReviewStatus.DRAFTED,
        note=None if deaths else CONTRADICTION,
    )
