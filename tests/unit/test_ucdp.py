"""What does a file of the Georeferenced Event Dataset say, and what in it does not fit?"""

import gzip
import io
from collections.abc import Iterable

import pytest

from events.actors import ActorKind
from events.occurrences import ClashReported, Violence
from events.values import Quote
from seeds.dossier import Dossier
from seeds.problems import DossierRefused, Problem
from seeds.ucdp.dossiers import dossiers
from seeds.ucdp.months import LONGEST, Month, months, survey
from seeds.ucdp.rows import COLUMNS
from tests.ucdp import EXCERPT, HEADER, ROWS, csv, row


def read(plain: bytes) -> tuple[list[Dossier], list[Problem]]:
    problems: list[Problem] = []
    found = list(dossiers(io.BytesIO(gzip.compress(plain)), "ged.csv.gz", problems.append))
    return found, problems


def refused(packed: bytes) -> str:
    with pytest.raises(DossierRefused) as refusal:
        next(dossiers(io.BytesIO(packed), "ged.csv.gz", print))
    return refusal.value.message


def test_a_month_is_an_article_and_its_rows_are_reports() -> None:
    found, _ = read(EXCERPT.read_bytes())

    assert [(each.slug, len(each.reports)) for each in found] == [
        ("ucdp-ged-21-1-2020-05", 28),
        ("ucdp-ged-21-1-2020-06", 9),
        ("ucdp-ged-21-1-2020-07", 1),
    ]
    assert "CC BY 4.0" in (found[0].article.publisher or "")


def test_a_report_says_all_that_its_row_says() -> None:
    (month,), _ = read(csv(*ROWS[:2]))
    clash = month.reports["clash-343688"]

    assert isinstance(clash, ClashReported)
    assert clash.sides == (
        "ucdp-government-of-libya",
        "ucdp-forces-of-the-house-of-representatives",
    )
    assert (clash.place, clash.violence) == ("Libya", Violence.STATE_BASED)
    assert clash.coordinates
    assert (clash.coordinates.latitude, clash.coordinates.longitude) == ("32.477166", "11.900404")
    assert clash.deaths
    assert (clash.deaths.low, clash.deaths.best, clash.deaths.high) == (11, 40, 40)
    assert clash.when
    assert (clash.when.edtf, clash.when.role, clash.when.basis) == (
        "2020-05-05",
        "occurred",
        "stated",
    )


def test_the_evidence_is_the_row_itself_in_the_untouched_text() -> None:
    found, _ = read(EXCERPT.read_bytes())
    texts = [month.article.text.removeprefix(f"{HEADER}\n") for month in found]

    assert f"{HEADER}\n{''.join(texts)}" == EXCERPT.read_text()
    quotes: list[Quote] = []
    for month in found:
        for part in (*month.reports.values(), *(each.actor for each in month.actors.values())):
            (quote,) = part.evidence
            assert month.article.text[quote.start : quote.end] == quote.exact
            quotes.append(quote)
    assert {quote.exact for quote in quotes} == set(ROWS)


def test_an_actor_is_known_by_its_name() -> None:
    (month,), _ = read(
        csv(
            row(1, side_b="Civilians", type_of_violence="One-sided violence"),
            row(2, side_a='"Luo, Kisii"', side_b="Medellín Cartel", type_of_violence="Non-state violence"),
            row(3, side_a="Medellin cartel", type_of_violence="Non-state violence"),
            row(4, side_a="阿", side_b="阿巴"),
        )
    )  # fmt: skip
    assert {slug: (each.actor.actor_kind, each.actor.name) for slug, each in month.actors.items()} == {
        "ucdp-government-of-libya": (ActorKind.GOVERNMENT, "Government of Libya"),
        "ucdp-civilians": (ActorKind.GROUP, "Civilians"),
        "ucdp-luo-kisii": (ActorKind.GROUP, "Luo, Kisii"),
        "ucdp-medellin-cartel": (ActorKind.ARMED_GROUP, "Medellín Cartel"),
        "ucdp-medellin-cartel-dc1d08c2": (ActorKind.ARMED_GROUP, "Medellin cartel"),
        "ucdp-is": (ActorKind.ARMED_GROUP, "IS"),
        "ucdp": (ActorKind.ARMED_GROUP, "阿"),
        "ucdp-203743d2": (ActorKind.ARMED_GROUP, "阿巴"),
    }  # fmt: skip


SOUND = ROWS[0]
WRONG = [
    (SOUND.replace("343688,", "no,"), "id is 'no': that is no whole number; A whole number that"),
    (SOUND.replace("2020,5,5", "2021,5,5"), "year is '2021': input should be less than"),
    (SOUND.replace("2020,5,5", "2020,5,"), "day is '': that is no whole number; A day of the"),
    (SOUND.replace("2020,5,5", "2020,2,30"), "2020-2-30 is no day; write one of the calendar"),
    (SOUND.replace("State-based", "Other"), "type_of_violence is 'Other violence': input should"),
    (SOUND.replace("32.4", "92.4"), "latitude is '92.477166': there is no such place on the earth"),
    (SOUND.replace("11.9", "1e1"), "longitude is '1e100404': string should match"),
    (SOUND.replace(",11,40,40", ",11,40,1.5"), "high_death is '1.5': that is no whole number"),
    (SOUND.replace("Forces", "F" * 300), "side_b is 'FFFF"),
    (SOUND.replace("Government of Libya", ""), "side_a is '': string should have at least 1"),
    (SOUND + ",x", f"the row has 15 columns; there are 14: {', '.join(COLUMNS)}"),
    (SOUND.replace("Libya,State", '"Libya,State'), "the row is no CSV (unexpected end of data); a"),
    (SOUND, "the id 343688 stands in line 2, too; each row has an id of its own"),
    ("", "the row has 0 columns; there are 14"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_row_that_does_not_fit_is_told_and_the_others_stay(wrong: str, told: str) -> None:
    (month,), problems = read(csv(SOUND, wrong, ROWS[1]))

    assert list(month.reports) == ["clash-343688", "clash-343689"]
    (problem,) = problems
    assert (problem.file, problem.line) == ("ged.csv.gz", 3)
    assert told in f"{problem.what}; {problem.right}"


def test_a_row_whose_deaths_contradict_each_other_goes_in_without_them() -> None:
    (month,), (problem,) = read(csv(SOUND.replace(",11,40,40", ",41,40,40")))
    clash = month.reports["clash-343688"]
    assert isinstance(clash, ClashReported)
    assert clash.deaths is None
    assert clash.note == "the estimates of deaths contradict each other, so none is taken over"
    assert (problem.line, problem.what) == (
        2,
        "the row goes in without its deaths, which contradict each other: low 41, best 40, high 40",
    )


def test_a_row_that_does_not_fit_can_still_be_read_in_the_text() -> None:
    wrong = SOUND.replace("2020,5,5", "2020,5,55")
    (month,), _ = read(csv("nonsense", wrong, ROWS[1]))
    assert month.article.text == csv(wrong, ROWS[1]).decode()


def test_nothing_is_made_of_a_month_of_which_no_row_fits() -> None:
    found, problems = read(csv("nonsense", row(1, "2020,4,31"), ROWS[0]))
    assert [each.slug for each in found] == ["ucdp-ged-21-1-2020-05"]
    assert {each.line for each in problems} == {2, 3}


def months_of(plain: bytes) -> Iterable[Month]:
    from seeds.problems import Findings

    findings, file = Findings("ged.csv.gz"), io.BytesIO(gzip.compress(plain))
    return months(findings, file, survey(findings, file))


def test_a_month_is_whole_wherever_its_rows_stand() -> None:
    may, june, late = row(1), row(2, "2020,6,1"), row(3)
    found = [
        (each.name, [line.number for line in each.rows]) for each in months_of(csv(may, june, late))
    ]
    assert found == [("2020-06", [3]), ("2020-05", [2, 4])]  # fmt: skip


def test_line_ends_are_left_as_they_are() -> None:
    plain = csv(*ROWS[:2]).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    (month,), problems = read(plain)
    assert problems == []
    assert month.article.text == plain.decode()
    assert [each.evidence[0].exact for each in month.reports.values()] == ROWS[:2]


PLAIN = EXCERPT.read_bytes()
PACKED = gzip.compress(PLAIN)
DAMAGED = {
    "no gzip": (PLAIN, "1:1: the file is not in gzip, or damaged (Not a gzipped file"),
    "nothing": (b"", "1:1: the header is b''; it is id,year"),
    "cut off": (PACKED[:-20], "the file ends too early, it was cut off; get the whole of it"),
    "altered": (PACKED[:-8] + bytes(8), "the file is not in gzip, or damaged (CRC check"),
    "garbage": (PACKED + b"more", "the file is not in gzip, or damaged (Not a gzipped"),
    "header": (gzip.compress(csv(header="id,year")), "1:1: the header is b'id,year\\n'; it is id"),
    "encoding": (
        gzip.compress(csv(*ROWS[:3]).replace(b"Government of L", b"Government\xe9L", 1)),
        ":2:1: byte 0xe9 at offset 71 of the line is not UTF-8; save the file in UTF-8",
    ),
    "NUL": (gzip.compress(csv(row(1, side_b="\0"))), ":2:1: the line has U+0000; take it out"),
    "endless": (gzip.compress(csv("x" * LONGEST)), ":2:1: the line has more than 10,000 bytes"),
    "one month": (gzip.compress(csv(*[row(1, side_b="x" * 9000)] * 560)), "2020-05 have more than"),
}  # fmt: skip


@pytest.mark.parametrize(("packed", "told"), DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_is_damaged_is_refused_before_any_month_is_given(
    packed: bytes, told: str
) -> None:
    message = refused(packed)
    assert message.startswith("ged.csv.gz:")
    assert told in message
