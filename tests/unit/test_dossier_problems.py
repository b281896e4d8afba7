"""Is all that is wrong with a dossier told at once, with its place and what would be right?"""

from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from seeds.dossier import load, parse
from seeds.problems import DossierRefused, Problem

TEXT = 'Ann met Bob in Oslo.\n"No," said Bob.  "We must talk, Ann."\nAnn left.\n'
DOSSIER = """\
article:
  slug: oslo
  title: Ann met Bob
  published: 2020-12-30
  text: oslo.txt
defaults: {by: editor}
actors:
  ann: {kind: person, name: Ann Ek, quotes: Ann met}
  bob:
    kind: person
    name: Bob Ek
    quotes: said Bob
    aliases:
      - {alias: Bobby, kind: short, quotes: Bob in Oslo}
reports:
  meeting:
    kind: MeetingHeld
    quotes: Ann met Bob in Oslo
    participants: [ann, bob]
    when: {edtf: "2020-12-30", role: occurred, basis: stated}
  refusal:
    kind: StatementMade
    quotes: '"No," said Bob'
    voice: direct_quote
    speaker: bob
    act: assertive
    content: no
    links: [{kind: during, report: meeting}]
  deal:
    kind: DealSought
    quotes: We must talk
    seeker: bob
    counterpart: ann
    amount_max: 5
    currency: NOK
"""


def problems(source: str | bytes, text: bytes = TEXT.encode()) -> list[Problem]:
    def read(name: str) -> bytes:
        if name != "oslo.txt":
            raise FileNotFoundError(2, "No such file or directory")
        return text

    try:
        parse(source if isinstance(source, bytes) else source.encode(), read, "oslo.yaml")
    except DossierRefused as refusal:
        return list(refusal.problems)
    return []


def test_dossier_of_these_tests_is_sound() -> None:
    assert problems(DOSSIER) == []


ONE = [
    # line of the dossier, what stands there instead, place of the problem, what is wrong, what would be right
    ("article:", "articel:", (1, 1), "'articel' is no part of a dossier", "did you mean article?"),
    ("slug: oslo", "slug: Oslo 2020", (2, 9), "'Oslo 2020' is no slug", ": oslo-2020"),
    ("slug: oslo", "slug:", (2, 8), "the article has no slug", "its name in the log"),
    ("title: Ann met Bob", "titel: Ann", (3, 3), "titel is no field of the article", "title?"),
    ("published: 2020-12-30", "", (2, 3), "the article has no published", "Day of publication"),
    ("published: 2020-12-30", "published: 30.12.2020", (4, 14), "should match pattern", "YYYY-MM-DD"),
    ("published: 2020-12-30", "published: 2020-02-30", (4, 14), "is no day", "YYYY-MM-DD"),
    ("text: oslo.txt", "text: elsewhere.txt", (5, 9), "No such file", "beside the dossier"),
    ("text: oslo.txt", "text: [oslo.txt]", (5, 9), "text is ''", "beside the dossier"),
    ("text: oslo.txt", "text: ../oslo.txt", (5, 9), "text is '../oslo.txt'", "beside the dossier"),
    ("{by: editor}", "{by: editor, state: x}", (6, 24), "state is no field of defaults", "status"),
    ("{by: editor}", "{status: sure}", (6, 20), "status is 'sure'", "one of drafted, confirmed"),
    ("{by: editor}", "editor", (6, 11), "defaults is no mapping", "it has by, status"),
    ("  ann: {", "  Ann E: {", (8, 3), "'Ann E' is no slug", "ann-e"),
    ("name: Ann Ek", "nam: Ann Ek", (8, 23), "nam is no field of actor 'ann'", "mean name?"),
    ("kind: person\n", "kind: persn\n", (10, 11), "kind is 'persn'", "one of person, state,"),
    ("quotes: said Bob", "quotes: said Rob", (12, 13), "'said Rob' is not in the text", "line 2, offset 27: 'said Bob'"),
    ("quotes: said Bob", "quotes: Bob", (12, 13), "'Bob' stands 2 times in the text (at 8, 32)", "prefix or suffix"),
    ("quotes: said Bob", "quotes: {exact: Bob, prefix: by}", (12, 13), "between this prefix and suffix", "offset 8"),
    ("quotes: said Bob", "quotes: {exact: said Bob, start: 2}", (12, 38), "no part of a quote", "offsets are computed"),
    ("quotes: said Bob", "quotes: {prefix: said}", (12, 13), "a quote has no words", "give the text"),
    ("quotes: said Bob", "quotes: [[said Bob]]", (12, 14), "a quote has no words", "give the text"),
    ("{alias: Bobby,", "{", (14, 9), "an alias of 'bob' has no alias", "The other name"),
    ("kind: short", "kind: nick", (14, 30), "kind is 'nick'", "one of short, abbreviation, typo"),
    ("      - {alias: Bobby", "      - x\n      - {alias: Bobby", (14, 9), "an alias of 'bob' is no mapping", "it has alias, kind"),
    ("kind: MeetingHeld", "kind: MetingHeld", (17, 11), "'MetingHeld' is no kind of report", "did you mean MeetingHeld?"),
    ("kind: MeetingHeld", "kind: Zebra", (17, 11), "'Zebra' is no kind of report", "one of MeetingHeld, StatementMade"),
    ("kind: StatementMade", "kind: StatmentMade", (22, 11), "", "did you mean StatementMade?"),
    ("kind: MeetingHeld", "", (18, 5), "report 'meeting' has no kind", "one of MeetingHeld,"),
    ("quotes: Ann met Bob in Oslo", "", (17, 5), "report 'meeting' has no quotes", "exact words"),
    ("quotes: Ann met Bob in Oslo", "quotes: []", (18, 13), "quotes has 0 entries", "at least 1"),
    ("participants: [ann, bob]", "participants: [ann, bod]", (19, 25), "'bod', which is no actor", "did you mean bob?"),
    ("participants: [ann, bob]", "participants: [ann]", (19, 19), "participants has 1 entries", "at least 2"),
    ("participants: [ann, bob]", "participants: [ann, {actor: bob, role: guest}]", (19, 44), "'guest'", "one of host, visitor, participant"),
    ("participants: [ann, bob]", "participant: [ann, bob]", (19, 5), "participant is no field of report", "participants?"),
    ('edtf: "2020-12-30"', "edtf: 2020-13", (20, 18), "'2020-13': found '13' at column 5", "months are 01 to 12"),
    ("when: {edtf: ", "when: {date: ", (20, 12), "when.date is no field", "there are edtf, role, basis, reason"),
    ("when: {edtf", "when: 2020 #", (20, 11), "when is no mapping", "it has edtf, role, basis"),
    ("basis: stated", "basis: guessed", (20, 55), "when.basis is 'guessed'", "one of stated, inferred"),
    ("voice: direct_quote", "voice: quote", (24, 12), "voice is 'quote'", "one of article, headline"),
    ("voice: direct_quote", "voice: headline\n    attribution: {voice: headline}", (24, 12), "attribution and voice", "keep one"),
    ("speaker: bob", "speaker: rob", (25, 14), "speaker is 'rob', which is no actor", "did you mean bob?"),
    ("content: no", "content: no\n    direct: yes", (28, 13), "direct is 'yes'", "true or false"),
    ("content: no", "content: [no, yes]", (27, 14), "content is no text", "give one text"),
    ("content: no", "content: ''", (27, 14), "at least 1 character", "What was said"),
    ("report: meeting", "report: meting", (28, 36), "no other report", "did you mean meeting?"),
    ("report: meeting", "report: refusal", (28, 36), "no other report", "one of meeting, deal"),
    ("amount_max: 5", "amount_max: 5.5", (34, 17), "amount_max is '5.5'", "whole number"),
    ("amount_max: 5", "amount_max: -5", (34, 17), "greater than or equal to 0", "Greatest worth"),
    ("currency: NOK", "", (30, 5), "report 'deal': an amount needs its currency", "agree"),
    ("currency: NOK", "currency: NOK\n    speaker: bob", (36, 14), "nobody is quoted", "direct_quote or paraphrase"),
    ("currency: NOK", "currency: NOK\n    seeker: ann", (36, 5), "'seeker' is here twice, first in line 32", "keep one"),
    ("  deal:", "  meeting:", (29, 3), "'meeting' is here twice, first in line 16", "keep one"),
    ("content: no", "content: !!bool no", (27, 14), "tag:yaml.org,2002:bool is a tag", "leave it out"),
    ("content: no", "content: *what", (27, 14), "*what is an alias", "write out"),
    ("content: no", r'content: "\ud800"', (27, 17), "this is no YAML", ""),
    ("content: no", "? [content]\n    : no", (27, 7), "a key is no text", "names of fields"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "instead", "place", "what", "right"), ONE)
def test_one_problem_is_told(
    line: str, instead: str, place: tuple[int, int], what: str, right: str
) -> None:
    assert line in DOSSIER
    told = [each for each in problems(DOSSIER.replace(line, instead, 1)) if what in each.what]
    assert [(each.file, each.line, each.column) for each in told] == [("oslo.yaml", *place)]
    assert right in told[0].right


WHOLE = [
    # the file, place of its only problem, what is wrong, what would be right
    (b"", (1, 1), "the file is no mapping", "article:, actors: and reports:"),
    (b"- a\n- b", (1, 1), "the file is no mapping", "article:, actors: and reports:"),
    (b"actors: {}", (1, 1), "the dossier has no article", "slug, title"),
    (b"article:\n", (1, 1), "the dossier has no article", "slug, title"),
    (b"article: oslo", (1, 10), "article is no mapping", "slug, title"),
    (b"article:\n\tslug: oslo", (2, 1), "this is no YAML", "not with tabs"),
    (b"article:\n  title: Ann: met", (2, 13), "this is no YAML", "into quotation marks"),
    (b"article:\n  title: @Ann", (2, 10), "this is no YAML", "into quotation marks"),
    (b"article: [", (2, 1), "this is no YAML", "align the lines"),
    (b"article:\n  title: caf\xe9", (2, 13), "byte 0xe9 at offset 21", "in UTF-8"),
    (b"article:\n  title: \xc3\xa9\xff", (2, 11), "byte 0xff at offset 20", "in UTF-8"),
    (b"article: a\x07", (1, 11), "U+0007 is a control character", "an escape"),
    (b"[" * 5000 + b"]" * 5000, (1, 13), "deeper than 12 levels", "flat"),
    (b"x" * 8_000_001, (1, 1), "the file has 8,000,001 bytes", "at most 8,000,000"),
]


@pytest.mark.parametrize(("source", "place", "what", "right"), WHOLE, ids=range(len(WHOLE)))
def test_file_that_is_no_dossier(
    source: bytes, place: tuple[int, int], what: str, right: str
) -> None:
    (told,) = problems(source)
    assert (told.line, told.column) == place
    assert what in told.what
    assert right in told.right


def test_pure_python_parser_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seeds.nodes._Loader", yaml.SafeLoader)
    assert problems(DOSSIER) == []
    (told,) = problems(DOSSIER.replace("content: no", r'content: "\ud800"'))
    assert (told.line, told.column) == (27, 14)


def test_second_document_is_a_problem() -> None:
    told = problems(f"{DOSSIER}---\n{DOSSIER}")
    assert [(each.line, each.what) for each in told] == [(36, "a second document begins")]


def test_aliases_are_not_expanded() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    told = [each for each in problems(bomb) if "is an alias" in each.what]
    assert len(told) == 16


def test_all_problems_are_told_at_once() -> None:
    broken = DOSSIER
    for line, instead in [
        ("slug: oslo", "slug: Oslo"),
        ("published: 2020-12-30", ""),
        ("kind: person\n", "kind: persn\n"),
        ("quotes: said Bob", "quotes: said Rob"),
        ("kind: MeetingHeld", "kind: MetingHeld"),
        ("quotes: Ann met Bob in Oslo", "quotes: Ann met Rob in Oslo"),
        ("speaker: bob", "speaker: rob"),
        ("act: assertive", "act: assertiv"),
        ("quotes: We must talk", "quotes: We must walk\n    certainty: sure\n    topic: x"),
        ("currency: NOK", ""),
    ]:
        broken = broken.replace(line, instead, 1)
    told = problems(broken)
    assert [each.line for each in told] == [2, 2, 10, 12, 17, 18, 25, 26, 30, 31, 32, 33]
    assert told == sorted(told)


def test_text_that_is_not_utf_8() -> None:
    (told,) = problems(DOSSIER, b"Ann met\nB\xf6b")
    assert (told.file, told.line, told.column) == ("oslo.txt", 2, 2)


def test_text_that_is_empty() -> None:
    (told,) = problems(DOSSIER, b"")
    assert (told.line, told.what) == (5, "the text 'oslo.txt' is empty")


def test_quote_is_never_taken_from_the_nearest_place() -> None:
    (told,) = problems(DOSSIER.replace("quotes: Ann met}", "quotes: ann met}"))
    assert "'ann met' is not in the text" in told.what


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DossierRefused, match=r"cannot be read: No such file") as refused:
        load(tmp_path / "none.yaml")
    assert refused.value.problems[0].file == str(tmp_path / "none.yaml")


def test_programs_and_people_get_the_list() -> None:
    with pytest.raises(DossierRefused) as refused:
        parse(DOSSIER.replace("act: assertive", "act: x").encode(), lambda _: TEXT.encode())
    refusal = refused.value
    assert refusal.code == "DOSSIER_REFUSED"
    assert refusal.message == (
        "dossier.yaml:26:10: act is 'x'; "
        "it is one of assertive, directive, commissive, expressive, declarative"
    )
    assert asdict(refusal.problems[0]) == {
        "file": "dossier.yaml",
        "line": 26,
        "column": 10,
        "what": "act is 'x'",
        "right": "it is one of assertive, directive, commissive, expressive, declarative",
    }
