"""What may happen to an actor's identity, and what is refused?"""

from functools import reduce
from typing import Any

import pytest

from events.actor import (
    ActorCommand,
    ActorState,
    AddAliases,
    CorrectActor,
    MergeActors,
    RegisterActor,
    RetractAlias,
    decide,
    evolve,
)
from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
)
from events.curation import ReportRetracted
from events.refusals import (
    AlreadyExists,
    Malformed,
    MergeRefused,
    NothingToChange,
    QuoteNotFound,
    Refusal,
    UnknownActor,
    UnknownArticle,
)
from events.vocabulary import AnyEvent
from tests.histories import SLUG, TEXT, Given, person, quote

ANN = person("Ann Ek")
CITED = {"article": SLUG, "evidence": [quote("Ann met")]}
MERGED = ActorsMerged(into="bob", reason="the same")


def alias(name: str, **fields: Any) -> AliasAdded:
    return AliasAdded.model_validate({"alias": name, "alias_kind": "short", **fields})


def given(*events: AnyEvent, **others: tuple[AnyEvent, ...]) -> Given[ActorCommand]:
    """A decider after some events of Ann's stream, and of those of others."""
    actors = {
        slug: reduce(evolve, past, ActorState(slug))
        for slug, past in {"ann": events, "bob": (person("Bob Ek"),), **others}.items()
    }
    return Given(lambda command: decide(command, actors["ann"], {SLUG: TEXT}, actors))


def merge(into: str) -> MergeActors:
    return MergeActors("ann", into, "the same")


def test_actor_is_registered() -> None:
    given().when(RegisterActor("ann", ANN)).then(ANN)


def test_actor_is_registered_with_other_names() -> None:
    aliases = (alias("Ann"), alias("the minister", alias_kind="description"))
    given().when(RegisterActor("ann", ANN, aliases)).then(ANN, *aliases)


def test_actor_is_registered_once() -> None:
    given(ANN).when(RegisterActor("ann", ANN)).refused(AlreadyExists, "already, as 'Ann Ek'")


@pytest.mark.parametrize(
    "command",
    [
        AddAliases("ann", (alias("Ann"),)),
        RetractAlias("ann", "Ann", "wrong"),
        CorrectActor("ann", {"name": "Ann"}, "wrong"),
        merge("bob"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_actor_is_registered_before_anything_else(command: ActorCommand) -> None:
    given().when(command).refused(UnknownActor, "no actor 'ann' is registered")


@pytest.mark.parametrize("naming", [person("Ann Ek", **CITED), alias("Ann", **CITED)])
def test_names_are_quoted(naming: ActorRegistered | AliasAdded) -> None:
    if isinstance(naming, ActorRegistered):
        given().when(RegisterActor("ann", naming)).then(naming)
    else:
        given(ANN).when(AddAliases("ann", (naming,))).then(naming)


@pytest.mark.parametrize(
    ("cited", "refusal", "words"),
    [
        ({"article": SLUG}, Malformed, "an article needs a quote from it"),
        ({"evidence": [quote("Ann met")]}, Malformed, "evidence needs the article"),
        (CITED | {"article": "bergen"}, UnknownArticle, "no article 'bergen'; ingest it first"),
        (CITED | {"evidence": [quote("Bob", "Bob")]}, QuoteNotFound, "'Bob' is not at 0..3"),
    ],
)
def test_names_are_not_quoted(cited: dict[str, Any], refusal: type[Refusal], words: str) -> None:
    given().when(RegisterActor("ann", person("Ann", **cited))).refused(refusal, words)
    given(ANN).when(AddAliases("ann", (alias("Ann", **cited),))).refused(refusal, words)
    given(ANN).when(CorrectActor("ann", cited, "wrong")).refused(refusal, words)


def test_aliases_are_added() -> None:
    given(ANN, alias("Ann")).when(AddAliases("ann", (alias("AE"),))).then(alias("AE"))


@pytest.mark.parametrize("aliases", [("AE", "Ann"), ("AE", "AE")])
def test_alias_is_added_once(aliases: tuple[str, ...]) -> None:
    command = AddAliases("ann", tuple(map(alias, aliases)))
    given(ANN, alias("Ann")).when(command).refused(AlreadyExists, f"alias {aliases[1]!r} already")


def test_alias_is_retracted() -> None:
    command = RetractAlias("ann", "Ann", "wrong", "editor")
    event = AliasRetracted(alias="Ann", reason="wrong", by="editor")
    given(ANN, alias("Ann")).when(command).then(event)


@pytest.mark.parametrize("past", [(), (alias("Ann"), AliasRetracted(alias="Ann", reason="wrong"))])
def test_alias_that_there_is_not_is_not_retracted(past: tuple[AnyEvent, ...]) -> None:
    command = RetractAlias("ann", "Ann", "wrong")
    given(ANN, *past).when(command).refused(NothingToChange, "'ann' has no alias 'Ann'")


def test_retracted_alias_is_added_again() -> None:
    past = (ANN, alias("Ann"), AliasRetracted(alias="Ann", reason="wrong"))
    given(*past).when(AddAliases("ann", (alias("Ann"),))).then(alias("Ann"))


def test_actor_is_corrected() -> None:
    command = CorrectActor("ann", {"name": "Ann Eng", "certainty": None}, "wrong", "editor")
    changes = {"name": "Ann Eng", "certainty": "certain"}
    event = ActorCorrected(changes=changes, reason="wrong", by="editor")
    given(ANN).when(command).then(event)


def test_corrections_add_up() -> None:
    earlier = ActorCorrected(changes={"name": "Ann Eng"}, reason="wrong")
    again = CorrectActor("ann", {"name": "Ann Eng"}, "wrong")
    back = CorrectActor("ann", {"name": "Ann Ek"}, "right after all")
    given(ANN, earlier).when(again).refused(NothingToChange, "'ann' already is as")
    given(ANN, earlier).when(back).then(
        ActorCorrected(changes={"name": "Ann Ek"}, reason="right after all")
    )


@pytest.mark.parametrize(
    ("changes", "refusal", "words"),
    [
        ({"name": "Ann Ek"}, NothingToChange, "already is"),
        ({"name": None}, Malformed, "name: Field required"),
        ({"name": ""}, Malformed, "name: String should have at least 1 character"),
        ({"name": "A\0"}, Malformed, "name: String should match pattern"),
        ({"actor_kind": "robot"}, Malformed, "actor_kind"),
        ({"alias": "Ann"}, Malformed, "alias: Extra inputs are not permitted"),
        ({"kind": "ActorRegistered", "name": "Ann"}, Malformed, "kind: a correction cannot"),
    ],
)
def test_actor_is_not_corrected_to(
    changes: dict[str, Any], refusal: type[Refusal], words: str
) -> None:
    given(ANN).when(CorrectActor("ann", changes, "wrong")).refused(refusal, words)


def test_actors_are_merged() -> None:
    command = MergeActors("ann", "bob", "the same", "editor")
    given(ANN).when(command).then(ActorsMerged(into="bob", reason="the same", by="editor"))


@pytest.mark.parametrize("into", ["eve", "cy"])
def test_actor_is_merged_only_into_a_registered_one(into: str) -> None:
    given(ANN, cy=()).when(merge(into)).refused(UnknownActor, f"no actor {into!r} is registered")


def test_actor_is_not_merged_into_itself() -> None:
    given(ANN).when(merge("ann")).refused(MergeRefused, "'ann' and 'ann' are the same actor")


@pytest.mark.parametrize("into", ["bob", "cy"])
def test_actor_is_merged_once(into: str) -> None:
    past = given(ANN, MERGED, cy=(person("Cy"),))
    past.when(merge(into)).refused(MergeRefused, "'ann' was merged into 'bob' already")


def test_actor_is_not_merged_into_one_that_was_merged_itself() -> None:
    cy = (person("Cy"), MERGED)
    words = "'cy' was merged into 'bob' already; merge that one"
    given(ANN, cy=cy).when(merge("cy")).refused(MergeRefused, words)


def test_merging_back_is_refused() -> None:
    bob = (person("Bob Ek"), ActorsMerged(into="ann", reason="the same"))
    given(ANN, bob=bob).when(merge("bob")).refused(MergeRefused, "'bob' was merged into 'ann'")


def test_merged_actor_still_gets_names() -> None:
    given(ANN, MERGED).when(AddAliases("ann", (alias("Ann"),))).then(alias("Ann"))


def test_event_of_another_family_breaks_the_stream() -> None:
    with pytest.raises(Malformed, match="does not belong into an actor's stream"):
        evolve(ActorState("ann"), ReportRetracted(target="x", reason="y"))
