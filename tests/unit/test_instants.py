"""Does an instant become the text that the log would write?"""

import pytest

from events.instants import instant


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2020-12-30T12:00:00Z", "2020-12-30T12:00:00.000000Z"),
        ("2020-12-30T12:00:00.5+02:00", "2020-12-30T10:00:00.500000Z"),
        ("2020-12-31T01:00:00-05:30", "2020-12-31T06:30:00.000000Z"),
        ("0009-01-01T00:00:00Z", "0009-01-01T00:00:00.000000Z"),
    ],
)
def test_every_offset_becomes_utc(text: str, written: str) -> None:
    assert instant(text) == written


@pytest.mark.parametrize(
    "text",
    ["", "now", "2020-12-30", "2020-12-30T12:00:00", "2020-02-30T12:00:00Z", "0001-01-01T00+01"],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="offset from UTC, as 2020-12-30T12:00:00Z is"):
        instant(text)
