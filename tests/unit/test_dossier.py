"""What does a dossier say, in all the forms that it may be written in?"""

from pathlib import Path
from textwrap import dedent

import pytest

from events.actors import AliasKind
from events.occurrences import MeetingHeld, MeetingRole, StatementMade, Topic
from events.references import mentions
from events.values import Attribution, Certainty, ReviewStatus, Voice
from events.vocabulary import AnyReport
from seeds import ARTICLES
from seeds.dossier import Dossier, load, parse

TEXT = 'Ann met Bob in Oslo.\n"No," said Bob.  "We must talk,\nAnn."\nAnn left on 2020-12-30.\n'
HEAD = """\
article: {slug: oslo, title: Ann met Bob, published: 2020-12-30}
defaults: {by: editor}
actors:
  ann: {kind: person, name: Ann Ek, quotes: Ann met}
  bob: {kind: person, name: Bob Ek}
"""


def dossier(yaml: str, text: str = TEXT) -> Dossier:
    return parse(yaml.encode(), lambda name: {"dossier.txt": text.encode()}[name])


def report(yaml: str, text: str = TEXT) -> AnyReport:
    """The one report of a dossier that gives it as flat fields."""
    fields = dedent(yaml).strip().replace("\n", "\n    ")
    (only,) = dossier(f"{HEAD}reports:\n  it:\n    {fields}\n", text).reports.values()
    return only


def situation(yaml: str, text: str = TEXT) -> AnyReport:
    return report(f"kind: SituationAttested\nsituation: x\n{yaml}", text)


def test_offsets_are_computed() -> None:
    (quote,) = situation("quotes: Bob in Oslo").evidence
    assert (quote.start, quote.end) == (8, 19)
    assert (quote.prefix, quote.suffix[:5]) == ("Ann met ", '.\n"No')


def test_prefix_and_suffix_tell_repeated_words_apart() -> None:
    yaml = """
        quotes:
          - {exact: Bob, prefix: "said "}
          - {exact: Ann, suffix: " left"}
    """
    bob, ann = situation(dedent(yaml)).evidence
    assert (bob.start, ann.start) == (TEXT.index("Bob."), TEXT.index("Ann left"))


def test_long_quote_may_be_folded_over_lines() -> None:
    (quote,) = situation("quotes:\n  Ann met\n  Bob in\n  Oslo").evidence
    assert quote.exact == "Ann met Bob in Oslo"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028"])
def test_line_end_in_a_quote_is_that_of_the_text(newline: str) -> None:
    text = TEXT.replace("\n", newline)
    escaped = newline.encode("unicode_escape").decode()
    (quote,) = situation(f'quotes: "talk,{escaped}Ann"', text).evidence
    assert text[quote.start : quote.end] == quote.exact == f"talk,{newline}Ann"


def test_byte_order_mark_of_the_text_counts() -> None:
    assert situation("quotes: Ann met", "\ufeff" + TEXT).evidence[0].start == 1


def test_byte_order_mark_of_the_dossier_does_not() -> None:
    assert dossier("\ufeff" + HEAD).slug == "oslo"


def test_offsets_count_code_points() -> None:
    assert situation("quotes: Ann met", "\N{PARTY POPPER} " + TEXT).evidence[0].start == 2


def test_one_alone_needs_no_list() -> None:
    assert situation("quotes: Ann left\nactors: ann") == situation(
        "quotes: [Ann left]\nactors: [ann]"
    )


def test_participants_and_topics_may_be_texts() -> None:
    held = report("""
        kind: MeetingHeld
        quotes: Ann met Bob
        participants: [ann, {actor: bob, role: host}]
        topics: peace
    """)
    assert isinstance(held, MeetingHeld)
    assert [each.actor for each in held.participants] == ["ann", "bob"]
    assert held.participants[1].role is MeetingRole.HOST
    assert held.topics == (Topic(about="peace"),)


@pytest.mark.parametrize(
    ("written", "attribution", "direct"),
    [
        ("", Attribution(), False),
        ("voice: headline", Attribution(voice=Voice.HEADLINE), False),
        ("voice: paraphrase", Attribution(voice=Voice.PARAPHRASE, speaker="bob"), False),
        ("voice: direct_quote", Attribution(voice=Voice.DIRECT_QUOTE, speaker="bob"), True),
        (
            "voice: direct_quote\ndirect: false",
            Attribution(voice=Voice.DIRECT_QUOTE, speaker="bob"),
            False,
        ),
        (
            "attribution: {voice: paraphrase, speaker: ann}",
            Attribution(voice=Voice.PARAPHRASE, speaker="ann"),
            False,
        ),
    ],
)
def test_speaker_of_a_statement_is_who_is_quoted(
    written: str, attribution: Attribution, *, direct: bool
) -> None:
    common = "kind: StatementMade\nquotes: said Bob\nspeaker: bob\nact: assertive\ncontent: no\n"
    statement = report(common + written)
    assert isinstance(statement, StatementMade)
    assert (statement.attribution, statement.direct) == (attribution, direct)
    assert statement.content == "no"


def test_speaker_of_another_report_is_who_is_quoted() -> None:
    said = situation("quotes: We must talk\nvoice: direct_quote\nspeaker: bob")
    assert said.attribution == Attribution(voice=Voice.DIRECT_QUOTE, speaker="bob")


def test_defaults_hold_unless_something_else_is_said() -> None:
    yaml = HEAD.replace("{by: editor}", "{by: drafter, status: drafted}") + dedent("""
        reports:
          one: {kind: SituationAttested, quotes: Ann left, situation: x}
          two: {kind: SituationAttested, quotes: Ann left, situation: x, by: Eve, status: confirmed}
    """)
    said = dossier(yaml)
    assert [(each.by, each.status) for each in said.reports.values()] == [
        ("drafter", ReviewStatus.DRAFTED),
        ("Eve", ReviewStatus.CONFIRMED),
    ]
    assert said.actors["ann"].actor.by == said.by == "drafter"


def test_aliases_quote_the_article() -> None:
    aliases = "aliases: {alias: Bobby, kind: short, quotes: said Bob, certainty: probable}"
    bob = dossier(HEAD.replace("name: Bob Ek", f"name: Bob Ek, {aliases}")).actors["bob"]
    alias = bob.aliases["Bobby"]
    assert (alias.article, alias.alias_kind) == ("oslo", AliasKind.SHORT)
    assert alias.certainty is Certainty.PROBABLE
    assert alias.evidence[0].exact == "said Bob"


def test_actor_without_quotes_was_entered_by_hand() -> None:
    assert dossier(HEAD).actors["bob"].actor.article is None


@pytest.mark.parametrize("text", ["no", "2020-12-30", "1e3", "0x1F", "Null", "12:30:45", "on", "="])
def test_texts_stay_what_they_are(text: str) -> None:
    assert situation(f"quotes: Ann left\nnote: {text}").note == text


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_nothing_is_absent(nothing: str) -> None:
    assert situation(f"quotes: Ann left\nnote: {nothing}\nactors: {nothing}").note is None


@pytest.mark.parametrize("quoted", ["'null'", '"~"'])
def test_quoted_nothing_is_a_text(quoted: str) -> None:
    assert situation(f"quotes: Ann left\nnote: {quoted}").note == quoted[1:-1]


def test_slug_may_be_the_country_that_is_a_trap() -> None:
    yaml = HEAD + "  no: {kind: state, name: Norway}\n"
    assert dossier(yaml).actors["no"].actor.name == "Norway"


def test_text_stands_beside_the_dossier(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(HEAD.replace("}", ", text: b.txt}", 1).encode())
    (tmp_path / "b.txt").write_bytes(b"Ann met\r\nBob")
    assert load(tmp_path / "a.yaml").article.text == "Ann met\r\nBob"


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_own_articles_are_sound(path: Path) -> None:
    said = load(path)
    named = {m.actor for each in said.reports.values() for m in mentions(each)}
    assert said.slug == path.stem
    assert named == said.actors.keys()


def test_every_part_has_its_place() -> None:
    said = load(next(ARTICLES.glob("*.yaml")))
    assert sorted(said.parts) == sorted(said.places)
