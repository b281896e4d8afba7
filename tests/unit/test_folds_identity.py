"""What do the views of articles and actors say after each kind of event?"""

from typing import Any

import orjson

from events.actor import AddAliases, CorrectActor, MergeActors, RegisterActor, RetractAlias
from events.actors import AliasAdded
from events.article_commands import CorrectArticle
from projections.actors import Actor, Alias, Naming
from projections.articles import Article
from projections.versioned import Row
from tests.histories import SLUG, TEXT, History, current, folded, ingested, person, quote, versions


def alias(name: str, **fields: Any) -> AliasAdded:
    return AliasAdded.model_validate({"alias": name, "alias_kind": "short", **fields})


def called(slug: str, *names: str) -> AddAliases:
    return AddAliases(slug, tuple(map(alias, names)))


def merge(slug: str, into: str) -> MergeActors:
    return MergeActors(slug, into, "the same")


def articles(history: History) -> dict[str, Row]:
    return current(folded(history.records), Article)


def actors(history: History) -> dict[str, Row]:
    return current(folded(history.records), Actor)


def aliases(history: History, actor: str) -> list[str]:
    held = current(folded(history.records), Alias).values()
    return sorted(row["alias"] for row in held if row["actor"] == actor)


def namings(history: History, actor: str) -> list[str]:
    """Why an actor is known as it is, in order."""
    held = current(folded(history.records), Naming).values()
    of_it = sorted((row for row in held if row["target"] == actor), key=lambda r: r["position"])
    return [f"{row['effect']}: {row['rule']}" for row in of_it]


# Articles


def test_article_is_shown_as_it_was_ingested() -> None:
    (row,) = articles(History().article(publisher="NTB", language="no")).values()
    given = ingested(publisher="NTB", language="no").model_dump(exclude={"kind"})
    assert row == given | {"key": SLUG, "position": 1, "recorded_at": row["recorded_at"]}
    assert row["recorded_at"] == "2021-01-01T00:00:01.000000Z"


def test_article_is_shown_corrected() -> None:
    history = History().article(publisher="NTB", language="no")
    changes = {"title": "Bob met Ann", "publisher": None, "language": None}
    (row,) = articles(history.do(CorrectArticle(SLUG, changes, "wrong"))).values()
    assert (row["title"], row["publisher"], row["language"]) == ("Bob met Ann", None, "en")
    assert (row["text"], row["position"]) == (TEXT, 1)


# Actors


def test_actor_is_shown_as_it_was_registered() -> None:
    (row,) = actors(History().do(RegisterActor("ann", person("Ann Ek", note="why")))).values()
    assert (row["key"], row["kind"], row["name"]) == ("ann", "person", "Ann Ek")
    assert (row["certainty"], row["note"], row["merged_into"]) == ("certain", "why", None)


def test_actor_is_shown_corrected() -> None:
    history = History().do(RegisterActor("ann", person("Ann", note="why", certainty="possible")))
    changes = {"name": "Ann Ek", "actor_kind": "body", "note": None, "certainty": None}
    history.do(CorrectActor("ann", changes, "wrong"))
    (row,) = actors(history).values()
    assert (row["name"], row["kind"], row["note"]) == ("Ann Ek", "body", None)
    assert row["certainty"] == "certain"


def test_mention_is_no_version_of_an_actor() -> None:
    history = History().actors("ann").do(called("ann", "A"), called("ann", "B"))
    assert len(versions(folded(history.records), Actor)) == 1


def test_alias_is_shown_with_its_words() -> None:
    words = quote("Ann met")
    cited = alias("Ann", article=SLUG, evidence=[words], certainty="probable")
    history = History().article().actors("ann").do(AddAliases("ann", (cited,)))
    (row,) = current(folded(history.records), Alias).values()
    assert (row["actor"], row["alias"], row["kind"]) == ("ann", "Ann", "short")
    assert (row["article"], row["certainty"], row["position"]) == (SLUG, "probable", 3)
    assert orjson.loads(row["evidence"]) == [words.model_dump()]


def test_retracted_alias_is_shown_no_longer() -> None:
    history = History().actors("ann").do(called("ann", "A", "B"))
    history.do(RetractAlias("ann", "A", "wrong"))
    assert aliases(history, "ann") == ["B"]
    assert aliases(history.do(called("ann", "A")), "ann") == ["A", "B"]


def test_actor_says_why_it_is_known_so() -> None:
    history = (
        History()
        .actors("ann")
        .do(
            called("ann", "A"),
            CorrectActor("ann", {"name": "Ann Ek"}, "misspelt"),
            RetractAlias("ann", "A", "wrong"),
        )
    )
    assert namings(history, "ann") == [
        "opened: an actor is registered",
        "confirmed: another name is noted",
        "changed: a registration is corrected: misspelt",
        "changed: an alias is retracted: wrong",
    ]


# Merged actors


def test_merged_actor_stays_and_points_to_the_other() -> None:
    rows = actors(History().actors("ann", "bob").do(merge("ann", "bob")))
    assert {key: row["merged_into"] for key, row in rows.items()} == {"ann": "bob", "bob": None}


def test_chain_of_merges_points_to_the_last() -> None:
    history = History().actors("ann", "bob", "cy").do(merge("ann", "bob"), merge("bob", "cy"))
    held = {key: row["merged_into"] for key, row in actors(history).items()}
    assert held == {"ann": "cy", "bob": "cy", "cy": None}


def test_names_of_a_merged_actor_are_those_of_the_other() -> None:
    history = History().actors("ann", "bob").do(called("ann", "A", "X"), called("bob", "B", "X"))
    history.do(merge("ann", "bob"))
    assert aliases(history, "ann") == []
    assert aliases(history, "bob") == ["A", "Ann", "B", "X", "X"]


def test_same_name_is_no_other_name() -> None:
    history = History().do(RegisterActor("ann", person("Ann")), RegisterActor("ek", person("Ann")))
    assert aliases(history.do(merge("ann", "ek")), "ek") == []


def test_name_that_a_merged_actor_gets_is_of_the_other() -> None:
    history = History().actors("ann", "bob").do(merge("ann", "bob"), called("ann", "A"))
    assert aliases(history, "bob") == ["A", "Ann"]
    assert aliases(history.do(RetractAlias("ann", "A", "wrong")), "bob") == ["Ann"]


def test_reasons_of_both_are_told_of_the_one_that_stands_for_them() -> None:
    history = History().actors("ann", "bob").do(called("ann", "A"), merge("ann", "bob"))
    assert namings(history, "ann") == []
    assert namings(history, "bob") == [
        "opened: an actor is registered",
        "opened: an actor is registered",
        "confirmed: another name is noted",
        "changed: actor ann is merged into it: the same",
    ]


def test_alias_that_both_had_stays_while_one_of_them_has_it() -> None:
    history = History().actors("ann", "bob").do(called("ann", "X"), called("bob", "X"))
    history.do(merge("ann", "bob"), RetractAlias("ann", "X", "wrong"))
    assert aliases(history, "bob") == ["Ann", "X"]


def test_correction_of_a_merged_actor_is_told_of_the_other() -> None:
    history = History().actors("ann", "bob").do(merge("ann", "bob"))
    history.do(CorrectActor("ann", {"name": "Ann Ek"}, "misspelt"))
    assert namings(history, "ann") == []
    assert namings(history, "bob")[-1] == "changed: a registration is corrected: misspelt"
