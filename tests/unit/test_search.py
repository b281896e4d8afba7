"""By which words is something found, and what does a search text ask for?"""

import pytest

from events.actor import AddAliases, CorrectActor, MergeActors, RetractAlias
from events.actors import AliasAdded
from events.article_commands import CorrectArticle, CorrectReport, RetractReport
from events.occurrences import MeetingHeld, StatementMade
from events.refusals import Malformed
from projections.search import Document, terms
from projections.versioned import Row
from tests.histories import SLUG, TEXT, History, current, folded, quote, report

SAID = report(
    StatementMade,
    speaker="ann",
    addressees=["bob"],
    act="directive",
    direct=False,
    content="support the peaceful solution",
    evidence=[quote("Cy stood by")],
    note="not to be found",
    by="editor",
)


def documents(history: History) -> dict[str, Row]:
    return current(folded(history.records), Document)


def words(history: History, key: str) -> list[str]:
    return str(documents(history)[key]["text"]).split("\n")


def told() -> History:
    return History().article(publisher="NTB").actors("ann", "bob").reports(SAID)


def called(slug: str, alias: str) -> AddAliases:
    return AddAliases(slug, (AliasAdded.model_validate({"alias": alias, "alias_kind": "short"}),))


def test_everything_with_an_identity_has_one_document() -> None:
    held = {key: (row["type"], row["target"]) for key, row in documents(told()).items()}
    assert held == {
        "Article:oslo": ("Article", "oslo"),
        "Actor:ann": ("Actor", "ann"),
        "Actor:bob": ("Actor", "bob"),
        "Report:oslo/it": ("Report", "oslo/it"),
    }


def test_actors_are_found_before_articles_and_these_before_reports() -> None:
    held = sorted(documents(told()).values(), key=lambda row: (row["rank"], row["position"]))
    assert [row["key"] for row in held] == [
        "Actor:ann",
        "Actor:bob",
        "Article:oslo",
        "Report:oslo/it",
    ]


# Words


def test_article_is_found_by_its_title_publisher_and_text() -> None:
    assert words(told(), "Article:oslo") == ["Ann met Bob", "NTB", TEXT]


def test_article_is_found_by_its_corrected_title() -> None:
    history = told().do(CorrectArticle(SLUG, {"title": "Bob met Ann", "publisher": None}, "wrong"))
    assert words(history, "Article:oslo") == ["Bob met Ann", "", TEXT]


def test_actor_is_found_by_name_slug_and_aliases() -> None:
    history = told().do(called("ann", "Frau Ek"), called("ann", "A. E."))
    assert words(history, "Actor:ann") == ["Ann", "ann", "A. E.", "Frau Ek"]
    history.do(RetractAlias("ann", "Frau Ek", "wrong"), CorrectActor("ann", {"name": "Eva"}, "x"))
    assert words(history, "Actor:ann") == ["Eva", "ann", "A. E."]


def test_merged_actor_is_found_as_the_other() -> None:
    history = told().do(called("ann", "Frau Ek"), MergeActors("ann", "bob", "the same"))
    assert "Actor:ann" not in documents(history)
    assert words(history, "Actor:bob") == ["Bob", "bob", "Ann", "Frau Ek"]
    assert words(history.do(called("ann", "A. E.")), "Actor:bob")[2:] == ["A. E.", "Ann", "Frau Ek"]


def test_report_is_found_by_what_it_says_and_quotes() -> None:
    expected = {"ann", "bob", "support the peaceful solution", "Cy stood by"}
    assert set(words(told(), "Report:oslo/it")) == expected


def test_report_is_found_by_the_words_inside_its_values() -> None:
    met = report(
        MeetingHeld,
        "met",
        participants=[{"actor": "ann"}, {"actor": "bob"}],
        topics=[{"about": "stability"}],
        place="Moscow",
    )
    assert {"stability", "Moscow"} <= set(words(told().reports(met), "Report:oslo/met"))


def test_report_is_found_as_corrected() -> None:
    history = told().do(CorrectReport(SLUG, "it", {"content": "leave"}, "misread"))
    assert "leave" in words(history, "Report:oslo/it")
    assert "support the peaceful solution" not in words(history, "Report:oslo/it")


def test_retracted_report_is_not_found() -> None:
    history = told().do(RetractReport(SLUG, "it", "misread"))
    assert "Report:oslo/it" not in documents(history)


def test_report_is_found_by_the_actor_that_stands_for_both() -> None:
    history = told().actors("cy").do(MergeActors("bob", "cy", "the same"))
    assert "cy" in words(history, "Report:oslo/it")
    assert "bob" not in words(history, "Report:oslo/it")


# Search texts


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("peace", [(True, ["peace"], False)]),
        ("peace talks", [(True, ["peace"], False), (True, ["talks"], False)]),
        ('"peace talks"', [(True, ["peace", "talks"], False)]),
        ("peace -war", [(True, ["peace"], False), (False, ["war"], False)]),
        ('peace -"cold war"', [(True, ["peace"], False), (False, ["cold", "war"], False)]),
        ("peac*", [(True, ["peac"], True)]),
        ("-peac* war", [(False, ["peac"], True), (True, ["war"], False)]),
        ('"peac*"', [(True, ["peac"], False)]),
        ("five-plus-five", [(True, ["five", "plus", "five"], False)]),
        ("مرحبا é", [(True, ["مرحبا"], False), (True, ["é"], False)]),
        ("a OR b", [(True, ["a"], False), (True, ["OR"], False), (True, ["b"], False)]),
        ("NEAR(a, b)", [(True, ["NEAR", "a"], False), (True, ["b"], False)]),
        ("text:peace^2", [(True, ["text", "peace", "2"], False)]),
        ('"unclosed', [(True, ["unclosed"], False)]),
        ("peace ... !", [(True, ["peace"], False)]),
        ("* peace", [(True, ["peace"], False)]),
    ],
)
def test_search_text_asks_for(text: str, asked: list[tuple[bool, list[str], bool]]) -> None:
    assert terms(text) == asked


@pytest.mark.parametrize("text", ["", "   ", "...", '""', "-", "*", "-war", '-"cold war" -x'])
def test_search_text_without_a_word_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="has no word to look for"):
        terms(text)


def test_long_search_text_is_refused_in_short() -> None:
    with pytest.raises(Malformed) as refused:
        terms("-" * 10_000)
    assert len(str(refused.value)) < 200
