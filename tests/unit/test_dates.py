"""Which texts are dates, which days do they mean, and what is said about the others?"""

import re
from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from events.dates import EdtfText, MalformedDate, parse

GOOD = [
    # from the first article
    ("2021-12-24", "2021-12-24", "2021-12-24"),
    ("2020-12-30?", "2020-12-30", "2020-12-30"),
    ("2020-12-30~", "2020-12-30", "2020-12-30"),
    ("2020?-02", "2020-02-01", "2020-02-29"),
    ("2020?-07", "2020-07-01", "2020-07-31"),
    ("2020-07/2020-12-30?", "2020-07-01", "2020-12-30"),
    ("2020-12-30?/..", "2020-12-30", None),
    ("2020-12-30?/", "2020-12-30", None),
    ("[..2020-12-30]", None, "2020-12-30"),
    ("[..2020-12-30?]", None, "2020-12-30"),
    # the specification's own examples of qualification
    ("2004-06-11%", "2004-06-11", "2004-06-11"),
    ("2004-06~-11", "2004-06-11", "2004-06-11"),
    ("2004?-06-11", "2004-06-11", "2004-06-11"),
    ("?2004-06-~11", "2004-06-11", "2004-06-11"),
    ("2004-%06-11", "2004-06-11", "2004-06-11"),
    ("2004-06-~01/2004-06-~20", "2004-06-01", "2004-06-20"),
    # the edges of the calendar
    ("0001", "0001-01-01", "0001-12-31"),
    ("9999-12", "9999-12-01", "9999-12-31"),
    ("1900-02", "1900-02-01", "1900-02-28"),
    ("2000-02-29", "2000-02-29", "2000-02-29"),
    # intervals
    ("1964/2008", "1964-01-01", "2008-12-31"),
    ("2020/2020", "2020-01-01", "2020-12-31"),
    ("2020-07-15/2020-07", "2020-07-15", "2020-07-31"),
    ("2020-07/2020-07-15", "2020-07-01", "2020-07-15"),
    ("../2020", None, "2020-12-31"),
    ("/2020", None, "2020-12-31"),
    ("[..1984]", None, "1984-12-31"),
]

BAD = [
    # text, column of the fault, what would be right
    ("", 0, "year of four digits"),
    ("20-12", 0, "year of four digits"),
    (" 2020", 0, "year of four digits"),
    ("-2020", 0, "year of four digits"),
    ("..", 0, "year of four digits"),
    ("??2020", 0, "year of four digits"),
    ("２０２０", 0, "year of four digits"),  # full-width
    ("٢٠٢٠-١٢", 0, "year of four digits"),  # Arabic-Indic
    ("2020-0١", 4, "YYYY-MM"),
    ("2020-12-3٣", 7, "YYYY-MM-DD"),
    ("2020 ", 4, "ends there"),
    ("2020\n", 4, "ends there"),
    ("2020-12-30\n", 10, "ends there"),
    ("2020-12\x00", 7, "ends there"),
    ("\x002020", 0, "year of four digits"),
    ("2020-2", 4, "YYYY-MM"),
    ("2020-12-3", 7, "YYYY-MM-DD"),
    ("20201230", 4, "YYYY-MM-DD"),
    ("2020-12-30T10:00:00Z", 10, "ends there"),
    ("2020-12-30-01", 10, "ends there"),
    ("2020??", 5, "ends there"),
    ("2020?~", 5, "ends there"),
    ("2020-12??", 8, "ends there"),
    ("2020-12-30?~", 11, "ends there"),
    ("2020-XX", 4, "YYYY-MM"),
    ("1" * 10_000, 4, "ends there"),
    ("2020/" * 2_000, 9, "ends there"),
    ("0000", 0, "0001 to 9999"),
    ("?0000-13", 1, "0001 to 9999"),
    ("2020-13", 5, "01 to 12"),
    ("2020-00-01", 5, "01 to 12"),
    ("2020-02-30", 8, "2020-02 has days 01 to 29"),
    ("2021-02-29", 8, "2021-02 has days 01 to 28"),
    ("0900-~02-?29", 10, "0900-02 has days 01 to 28"),
    ("2020-12-00", 8, "01 to 31"),
    ("/", 0, "must be a date"),
    ("../", 0, "must be a date"),
    ("/..", 0, "must be a date"),
    ("../..", 0, "must be a date"),
    ("2020/2019", 5, "from 2020 cannot end before it starts"),
    ("2020-12?/2020-11-30~", 9, "cannot end before it starts"),
    ("2020-12-31/2020-12-30", 11, "cannot end before it starts"),
    ("2020-13/2021", 5, "01 to 12"),
    ("2020/2021-13", 10, "01 to 12"),
    ("2020 /2021", 4, "ends there"),
    ("2020/2021/2022", 9, "ends there"),
    ("2020..2021", 4, "ends there"),
    ("..?/2020", 0, "year of four digits"),
    ("[2020..]", 0, "written [..d]"),
    ("[2020]", 0, "written [..d]"),
    ("[", 0, "written [..d]"),
    ("[..2020-12-30", 0, "written [..d]"),
    ("[..2020-12-30]\n", 0, "written [..d]"),
    ("[..2020-12-30]?", 0, "written [..d]"),
    ("[..]", 3, "year of four digits"),
    ("[..2020-02-30]", 11, "01 to 29"),
    ("[..2020/2021]", 7, "ends there"),
    ("[..2020,2021]", 7, "ends there"),
    ("{..2020}", 0, "year of four digits"),
]


@pytest.mark.parametrize(("text", "earliest", "latest"), GOOD)
def test_good_dates_have_bounds(text: str, earliest: str | None, latest: str | None) -> None:
    edtf = parse(text)
    assert edtf.text == text
    assert edtf.earliest == (earliest and date.fromisoformat(earliest))
    assert edtf.latest == (latest and date.fromisoformat(latest))


@pytest.mark.parametrize(("text", "column", "remedy"), BAD, ids=lambda value: ascii(value)[:24])
def test_bad_dates_say_where_and_why(text: str, column: int, remedy: str) -> None:
    with pytest.raises(MalformedDate) as refused:
        parse(text)
    message = str(refused.value)
    assert f" at column {column}; " in message
    assert remedy in message
    assert message.isascii()
    assert len(message) < 200


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate"),
    [
        ("2020", False, False),
        ("2020?-02", True, False),
        ("2020-~02", False, True),
        ("%2020-02", True, True),
        ("?2020-02~", True, True),
        ("2020/2021~", False, True),
        ("[..2020?]", True, False),
    ],
)
def test_qualifiers_are_told_apart(text: str, *, uncertain: bool, approximate: bool) -> None:
    assert (parse(text).uncertain, parse(text).approximate) == (uncertain, approximate)


def test_a_parsed_date_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        parse("2020").text = "2021"  # type: ignore[misc]


class Dated(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    when: EdtfText
    """When it was."""


def test_a_model_keeps_the_source_form() -> None:
    assert Dated.model_validate_json('{"when": "2020?-02"}').model_dump() == {"when": "2020?-02"}


@pytest.mark.parametrize(
    ("text", "found"), [("2020-13", "'13' at column 5"), ("2020 ", "' ' at column 4")]
)
def test_a_model_refuses_with_the_reason(text: str, found: str) -> None:
    with pytest.raises(ValidationError, match=f"found {found}; "):
        Dated(when=text)


def test_a_field_describes_itself() -> None:
    assert Dated.model_json_schema()["properties"]["when"]["description"] == "When it was."


def test_the_examples_in_the_schema_are_dates() -> None:
    schema = TypeAdapter(EdtfText).json_schema()
    assert schema["type"] == "string"
    assert [parse(example).text for example in schema["examples"]] == schema["examples"]


QUALIFIER = st.sampled_from(["", "", "?", "~", "%"])
PLAIN = st.builds(lambda day, size: day.isoformat()[:size], st.dates(), st.sampled_from([4, 7, 10]))


@st.composite
def qualified(draw: st.DrawFn) -> str:
    """Draw a date with qualifiers before and behind any of its components."""
    parts = draw(PLAIN).split("-")
    return "-".join(f"{draw(QUALIFIER)}{part}{draw(QUALIFIER)}" for part in parts)


def is_ordered(start: str, end: str) -> bool:
    """Whether the last day of `end` is not before the first of `start`, told from the text."""
    first, last = ([int(part) for part in plain(text).split("-")] for text in (start, end))
    return last[: len(first)] >= first[: len(last)]


def plain(text: str) -> str:
    """Take the qualifiers away."""
    return re.sub("[?~%]", "", text)


ENDS = st.tuples(qualified(), qualified())
INTERVALS = ENDS.filter(lambda ends: is_ordered(*ends)).map("/".join)
HALF_OPEN = st.builds(
    str.format, st.sampled_from(["{}/..", "{}/", "../{}", "/{}", "[..{}]"]), qualified()
)
MEMBERS = st.one_of(qualified(), INTERVALS, HALF_OPEN)


@st.composite
def nearly(draw: st.DrawFn) -> str:
    """Draw a member in which a few characters were replaced, dropped or inserted."""
    text = draw(MEMBERS)
    at, size = draw(st.integers(0, len(text))), draw(st.integers(0, 2))
    return text[:at] + draw(st.text("0123456789-/?~%.[]\n ٣", max_size=2)) + text[at + size :]


@pytest.mark.property
@given(MEMBERS)
def test_every_member_parses_and_round_trips(text: str) -> None:
    edtf = parse(text)
    assert edtf.text == text
    assert edtf.earliest or edtf.latest
    if edtf.earliest and edtf.latest:
        assert edtf.earliest <= edtf.latest


@pytest.mark.property
@given(PLAIN)
def test_bounds_are_the_days_that_begin_so(text: str) -> None:
    edtf = parse(text)
    assert edtf.earliest
    assert edtf.latest
    assert edtf.earliest.isoformat().startswith(text)
    assert edtf.latest.isoformat().startswith(text)
    if edtf.earliest > date.min:
        assert not (edtf.earliest - timedelta(days=1)).isoformat().startswith(text)
    if edtf.latest < date.max:
        assert not (edtf.latest + timedelta(days=1)).isoformat().startswith(text)


@pytest.mark.property
@given(MEMBERS)
def test_qualifiers_never_move_the_bounds(text: str) -> None:
    edtf, bare = parse(text), parse(plain(text))
    assert (edtf.earliest, edtf.latest) == (bare.earliest, bare.latest)
    assert edtf.uncertain == bool({"?", "%"} & set(text))
    assert edtf.approximate == bool({"~", "%"} & set(text))


@pytest.mark.property
@given(ENDS)
def test_an_interval_is_bound_by_its_ends(ends: tuple[str, str]) -> None:
    start, end = ends
    if is_ordered(start, end):
        interval = parse(f"{start}/{end}")
        assert interval.earliest == parse(start).earliest
        assert interval.latest == parse(end).latest
    else:
        with pytest.raises(MalformedDate, match="cannot end before it starts"):
            parse(f"{start}/{end}")


@pytest.mark.property
@given(qualified())
def test_an_open_side_has_no_bound(text: str) -> None:
    only = parse(text)
    assert (parse(f"{text}/..").earliest, parse(f"{text}/..").latest) == (only.earliest, None)
    for before in (f"../{text}", f"/{text}", f"[..{text}]"):
        assert (parse(before).earliest, parse(before).latest) == (None, only.latest)


@pytest.mark.property
@given(st.one_of(st.text(), st.text("0123456789-/?~%.[]"), nearly()))
def test_any_text_is_a_date_or_malformed(text: str) -> None:
    try:
        edtf = parse(text)
    except MalformedDate as refused:
        assert re.search(r"^found .+ at column \d+; .+$", str(refused))  # noqa: PT017 - either may come
    else:
        assert edtf.text == text
        assert re.fullmatch(r"[0-9?~%./\[\]-]+", text)
