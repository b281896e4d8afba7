"""Does the log come to say what a dossier says, and keep what others said?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import actor, article_state
from events.actor import ActorState, AddAliases, CorrectActor, RegisterActor, RetractAlias
from events.article_commands import (
    CorrectArticle,
    CorrectReport,
    IngestArticle,
    RecordReports,
    RetractReport,
    UndoRetraction,
)
from events.article_state import ArticleState
from events.handling import Command, World, decide
from events.vocabulary import AnyEvent, payload_of
from seeds import ARTICLES
from seeds.dossier import Dossier, load, parse
from seeds.earlier import Earlier, evolve
from seeds.problems import DossierRefused
from seeds.reconcile import BACK, CHANGED, GONE, reconcile

TEXT = 'Ann met Bob in Oslo.\n"No," said Bob.  "We must talk, Ann."\nAnn left.\n'
YAML = """\
article:
  slug: oslo
  title: Ann met Bob
  publisher: The Paper
  published: 2020-12-30
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
  meeting: {kind: MeetingHeld, quotes: Ann met Bob in Oslo, participants: [ann, bob], place: Oslo}
  refusal:
    kind: StatementMade
    quotes: '"No," said Bob'
    speaker: bob
    act: assertive
    content: "no"
    note: curt
  deal: {kind: DealSought, quotes: We must talk, seeker: bob, counterpart: ann, sectors: [peace]}
"""


def dossier(*edits: tuple[str, str], text: str = TEXT) -> Dossier:
    yaml = YAML
    for line, instead in edits:
        assert line in yaml
        yaml = yaml.replace(line, instead, 1)
    return parse(yaml.encode(), lambda _: text.encode(), "oslo.yaml")


@dataclass
class Ledger:
    """A log, as far as deciding and folding need one."""

    events: list[tuple[str, AnyEvent, str]] = field(default_factory=list)
    """Stream, event, and whose it is: the slug of a dossier, or any other name."""

    def world(self) -> World:
        world = World({}, {})
        for stream, event, _ in self.events:
            family, _, slug = stream.partition("/")
            if family == "article":
                article_state.evolve(world.articles.setdefault(slug, ArticleState(slug)), event)
            else:
                actor.evolve(world.actors.setdefault(slug, ActorState(slug)), event)
        return world

    def earlier(self, given: Dossier) -> Earlier:
        earlier = Earlier()
        for stream, event, whose in self.events:
            family, _, slug = stream.partition("/")
            if (slug == given.slug) if family == "article" else (slug in given.actors):
                evolve(earlier, slug, event, own=whose == given.slug)
        return earlier

    def append(self, commands: Sequence[Command], whose: str = "somebody else") -> None:
        world = self.world()
        for command in commands:
            known = world.actors if isinstance(command, actor.ActorCommand) else world.articles
            state = ActorState if isinstance(command, actor.ActorCommand) else ArticleState
            known.setdefault(command.slug, state(command.slug))  # type: ignore[arg-type]
        for write in decide(commands, world):
            self.events += [(write.stream, event, whose) for event in write.events]

    def reconcile(self, given: Dossier, reason: str | None = None) -> list[Command]:
        world = self.world()
        world.articles.setdefault(given.slug, ArticleState(given.slug))
        return reconcile(given, world, self.earlier(given), reason)

    def ingest(self, given: Dossier) -> list[Command]:
        """What it took to ingest it; afterwards it takes nothing more."""
        commands = self.reconcile(given)
        self.append(commands, given.slug)
        assert self.reconcile(given) == []
        return commands


@pytest.fixture
def ledger() -> Ledger:
    """A log that has the dossier."""
    ledger = Ledger()
    ledger.ingest(dossier())
    return ledger


def other(slug: str, *edits: tuple[str, str]) -> Dossier:
    return dossier(("slug: oslo", f"slug: {slug}"), *edits)


def test_new_dossier_is_recorded_in_the_order_of_its_parts() -> None:
    commands = Ledger().ingest(dossier())
    assert [type(each) for each in commands] == [
        IngestArticle, RegisterActor, RegisterActor, RecordReports,
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(ARTICLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_own_articles_go_in_once(path: Path) -> None:
    ledger = Ledger()
    assert ledger.ingest(load(path))
    assert ledger.reconcile(load(path)) == []


ANEW = (CHANGED, "editor")
EDITS: list[tuple[str, str, list[Command]]] = [
    # what is changed in the dossier, and what the log lacks then
    ("title: Ann met Bob", "title: Ann and Bob", [
        CorrectArticle("oslo", {"title": "Ann and Bob"}, *ANEW)]),
    ("  publisher: The Paper\n", "", [
        CorrectArticle("oslo", {"publisher": None}, *ANEW)]),
    ("name: Ann Ek", "name: Ann Eck", [
        CorrectActor("ann", {"name": "Ann Eck"}, *ANEW)]),
    ("quotes: Ann met}", "quotes: Ann met, by: Eve}", [
        CorrectActor("ann", {"by": "Eve"}, CHANGED, "Eve")]),
    ("place: Oslo", "place: Bergen", [
        CorrectReport("oslo", "meeting", {"place": "Bergen"}, *ANEW)]),
    (", place: Oslo", "", [
        CorrectReport("oslo", "meeting", {"place": None}, *ANEW)]),
    ("    note: curt\n", "    certainty: probable\n", [
        CorrectReport("oslo", "refusal", {"certainty": "probable", "note": None}, *ANEW),
    ]),
    ("sectors: [peace]", "sectors: [peace, trade], by: Eve", [
        CorrectReport("oslo", "deal", {"by": "Eve", "sectors": ["peace", "trade"]}, CHANGED, "Eve"),
    ]),
    (YAML[YAML.index("  deal:"):], "", [
        RetractReport("oslo", "deal", GONE, "editor")]),
    ("    aliases:\n      - {alias: Bobby, kind: short, quotes: Bob in Oslo}\n", "", [
        RetractAlias("bob", "Bobby", GONE, "editor")]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "instead", "lacking"), EDITS)
def test_exactly_what_changed_is_appended(
    ledger: Ledger, line: str, instead: str, lacking: list[Command]
) -> None:
    assert ledger.ingest(dossier((line, instead))) == lacking


def test_new_parts_are_added(ledger: Ledger) -> None:
    new = dossier(
        ("  bob:", "  eve: {kind: person, name: Eve}\n  bob:"),
        ("aliases:", "aliases:\n      - {alias: Bo, kind: short}"),
        ("  deal:", "  exit: {kind: SituationAttested, quotes: Ann left, situation: x}\n  deal:"),
    )
    commands = ledger.ingest(new)
    assert commands == [
        RegisterActor("eve", new.actors["eve"].actor),
        AddAliases("bob", (new.actors["bob"].aliases["Bo"],)),
        RecordReports("oslo", (new.reports["exit"],)),
    ]


def test_changed_alias_is_retracted_and_added_anew(ledger: Ledger) -> None:
    changed = dossier(("kind: short", "kind: description"))
    assert ledger.ingest(changed) == [
        RetractAlias("bob", "Bobby", CHANGED, "editor"),
        AddAliases("bob", (changed.actors["bob"].aliases["Bobby"],)),
    ]


def test_reason_may_be_given(ledger: Ledger) -> None:
    gone = dossier((YAML[YAML.index("  deal:") :], ""), ("place: Oslo", "place: Bergen"))
    commands: list[Any] = ledger.reconcile(gone, reason="read anew")
    assert [each.reason for each in commands] == ["read anew", "read anew"]


def test_going_back_appends_the_way_back(ledger: Ledger) -> None:
    ledger.ingest(dossier(("place: Oslo", "place: Bergen")))
    commands = ledger.ingest(dossier())
    assert commands == [CorrectReport("oslo", "meeting", {"place": "Oslo"}, CHANGED, "editor")]


def test_reports_of_others_stay(ledger: Ledger) -> None:
    theirs = dossier(("  deal:", "  theirs:")).reports["theirs"]
    ledger.append([RecordReports("oslo", (theirs,))])
    assert ledger.reconcile(dossier()) == []
    assert ledger.reconcile(dossier((YAML[YAML.index("  deal:") :], ""))) == [
        RetractReport("oslo", "deal", GONE, "editor")
    ]


def test_corrections_of_others_stay(ledger: Ledger) -> None:
    ledger.append([CorrectReport("oslo", "meeting", {"place": "Bergen"}, "they moved")])
    ledger.append([CorrectArticle("oslo", {"title": "Ann & Bob"}, "typo")])
    ledger.append([CorrectActor("ann", {"name": "Ann B. Ek"}, "full name")])
    assert ledger.reconcile(dossier()) == []


def test_corrections_of_others_give_way_in_the_same_field_only(ledger: Ledger) -> None:
    ledger.append([CorrectReport("oslo", "meeting", {"place": "Bergen", "note": "x"}, "moved")])
    ledger.ingest(dossier(("place: Oslo", "place: Bergen, channel: in_person")))
    report = ledger.world().articles["oslo"].reports["meeting"].report.model_dump()
    assert (report["place"], report["channel"], report["note"]) == ("Bergen", "in_person", "x")


def test_change_that_others_made_before_needs_nothing(ledger: Ledger) -> None:
    ledger.append([CorrectReport("oslo", "meeting", {"place": "Bergen"}, "they moved")])
    assert ledger.reconcile(dossier(("place: Oslo", "place: Bergen"))) == []


def test_retractions_of_others_stay(ledger: Ledger) -> None:
    ledger.append([RetractReport("oslo", "deal", "wrong"), RetractAlias("bob", "Bobby", "wrong")])
    assert ledger.reconcile(dossier()) == []
    assert ledger.reconcile(dossier((YAML[YAML.index("  deal:") :], ""))) == []


def test_article_that_was_ingested_alone_gets_its_dossier() -> None:
    ledger = Ledger()
    alone = dossier(("title: Ann met Bob", "title: Ann met Bob in Oslo.")).article
    ledger.append([IngestArticle("oslo", alone)])
    commands = ledger.ingest(dossier())
    assert commands[0] == CorrectArticle("oslo", {"title": "Ann met Bob"}, CHANGED, "editor")


def test_what_others_know_of_an_article_stays() -> None:
    ledger = Ledger()
    ledger.append([IngestArticle("oslo", dossier().article)])
    commands = ledger.ingest(
        dossier(("  publisher: The Paper\n", ""), ("title: Ann met Bob", "title: Ann and Bob"))
    )
    assert commands[0] == CorrectArticle("oslo", {"title": "Ann and Bob"}, CHANGED, "editor")


def test_what_others_corrected_of_an_article_before_needs_nothing() -> None:
    ledger = Ledger()
    ledger.append([IngestArticle("oslo", dossier().article)])
    ledger.append([CorrectArticle("oslo", {"title": "Ann and Bob"}, "both met")])
    commands = ledger.ingest(
        dossier(("  publisher: The Paper\n", ""), ("title: Ann met Bob", "title: Ann and Bob"))
    )
    assert not [each for each in commands if isinstance(each, CorrectArticle)]


def test_shared_actor_is_registered_once(ledger: Ledger) -> None:
    shared = other("bergen", ("kind: short", "kind: description"), ("quotes: Ann met}", "note: x}"))
    commands = ledger.ingest(shared)
    assert [type(each) for each in commands] == [IngestArticle, RecordReports]


def test_shared_actor_gets_new_aliases_only(ledger: Ledger) -> None:
    shared = other("bergen", ("alias: Bobby", "alias: Bobbo"))
    assert AddAliases("bob", (shared.actors["bob"].aliases["Bobbo"],)) in ledger.ingest(shared)
    assert {*ledger.world().actors["bob"].aliases} == {"Bobby", "Bobbo"}


def test_shared_actor_keeps_the_aliases_of_other_dossiers(ledger: Ledger) -> None:
    alias = "    aliases:\n      - {alias: Bobby, kind: short, quotes: Bob in Oslo}\n"
    ledger.ingest(other("bergen"))
    ledger.ingest(other("bergen", (alias, "")))
    assert {*ledger.world().actors["bob"].aliases} == {"Bobby"}


def test_shared_actor_may_be_renamed_by_its_own_dossier(ledger: Ledger) -> None:
    ledger.ingest(other("bergen"))
    ledger.ingest(dossier(("name: Ann Ek", "name: Ann B. Ek")))
    assert ledger.reconcile(other("bergen")) == []
    assert ledger.reconcile(other("bergen", ("name: Ann Ek", "name: Ann B. Ek"))) == []


REFUSED = [
    # what is changed, line of the dossier, what is wrong, what would be right
    ([("name: Ann Ek", "name: Ann Berg"), ("slug: oslo", "slug: bergen")], 8,
     "actor 'ann' is in the log already, as person 'Ann Ek'", "another slug"),
    ([("ann: {kind: person", "ann: {kind: state"), ("slug: oslo", "slug: bergen")], 8,
     "actor 'ann' is in the log already, as person 'Ann Ek'", "another slug"),
    ([("kind: DealSought, quotes: We must talk, seeker: bob, counterpart: ann, sectors: [peace]",
       "kind: SituationAttested, quotes: We must talk, situation: x")], 24,
     "report 'deal' was recorded as DealSought, not as SituationAttested", "another ref"),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "line", "what", "right"), REFUSED)
def test_what_the_log_stands_against_is_told(
    ledger: Ledger, edits: list[tuple[str, str]], line: int, what: str, right: str
) -> None:
    with pytest.raises(DossierRefused) as refused:
        ledger.reconcile(dossier(*edits))
    (told,) = refused.value.problems
    assert (told.file, told.line, told.what) == ("oslo.yaml", line, what)
    assert right in told.right


def test_another_text_is_another_article(ledger: Ledger) -> None:
    with pytest.raises(DossierRefused, match=r"oslo.yaml:1:1: .* another text"):
        ledger.reconcile(dossier(text=f"{TEXT}More."))


def test_report_comes_back_with_what_changed_meanwhile(ledger: Ledger) -> None:
    ledger.ingest(dossier((YAML[YAML.index("  deal:") :], "")))
    assert ledger.reconcile(dossier()) == [UndoRetraction("oslo", "deal", BACK, "editor")]
    ledger.ingest(dossier(("sectors: [peace]", "sectors: [war]")))
    held = ledger.world().articles["oslo"].reports["deal"]
    assert not held.retracted
    assert payload_of(held.report)["sectors"] == ["war"]
    assert ledger.reconcile(dossier(("sectors: [peace]", "sectors: [war]"))) == []


def test_report_that_left_is_not_retracted_again_when_somebody_reinstated_it(
    ledger: Ledger,
) -> None:
    without = dossier((YAML[YAML.index("  deal:") :], ""))
    ledger.ingest(without)
    ledger.append([UndoRetraction("oslo", "deal", "it was right")])
    assert ledger.reconcile(without) == []
    assert ledger.reconcile(dossier()) == []


def test_ref_that_others_used_first_is_taken() -> None:
    ledger = Ledger()
    ledger.ingest(dossier((YAML[YAML.index("  deal:") :], "")))
    theirs = dossier(("sectors: [peace]", "sectors: [war]")).reports["deal"]
    ledger.append([RecordReports("oslo", (theirs,))])
    with pytest.raises(DossierRefused, match="'deal' of this article was recorded by somebody"):
        ledger.reconcile(dossier())
    assert ledger.reconcile(dossier(("sectors: [peace]", "sectors: [war]"))) == []


def test_retracted_report_cannot_be_changed(ledger: Ledger) -> None:
    ledger.append([RetractReport("oslo", "deal", "wrong")])
    with pytest.raises(DossierRefused, match="'deal' was changed here, but retracted"):
        ledger.reconcile(dossier(("sectors: [peace]", "sectors: [war]")))


def test_change_that_no_longer_fits_is_refused(ledger: Ledger) -> None:
    valued = ("sectors: [peace]", "amount_max: 5, currency: NOK")
    ledger.ingest(dossier(valued))
    ledger.append([CorrectReport("oslo", "deal", {"amount_min": 4}, "more is known")])
    with pytest.raises(DossierRefused, match="does not fit what the log has by now"):
        ledger.reconcile(dossier(("sectors: [peace]", "amount_max: 3, currency: NOK")))


def test_all_that_the_log_stands_against_is_told_at_once(ledger: Ledger) -> None:
    ledger.append([RetractReport("oslo", "deal", "wrong")])
    broken = dossier(("sectors: [peace]", "sectors: [war]"), text=f"{TEXT}More.")
    with pytest.raises(DossierRefused) as refused:
        ledger.reconcile(broken)
    assert [each.line for each in refused.value.problems] == [1, 24]


edits = st.sets(st.sampled_from([(line, instead) for line, instead, _ in EDITS]))


@pytest.mark.property
@given(st.lists(edits, min_size=1, max_size=4))
def test_whatever_changes_the_log_follows(versions: list[set[tuple[str, str]]]) -> None:
    ledger = Ledger()
    ledger.ingest(dossier())
    for version in versions:
        changed = [edit for edit in version if not clashes(edit, version)]
        given_now = dossier(*changed)
        try:
            ledger.ingest(given_now)
        except DossierRefused:  # only a report that comes back is refused here
            assert "deal" in ledger.earlier(given_now).retracted
            continue
        state = ledger.world()
        standing = {
            ref: held.report
            for ref, held in state.articles["oslo"].reports.items()
            if not held.retracted
        }
        assert standing == given_now.reports
        assert state.articles["oslo"].article == given_now.article
        assert {s: a.actor for s, a in state.actors.items()} == {
            s: a.actor for s, a in given_now.actors.items()
        }
        assert all(state.actors[s].aliases == a.aliases for s, a in given_now.actors.items())


def clashes(edit: tuple[str, str], version: set[tuple[str, str]]) -> bool:
    """Whether an edit concerns words that another one takes away."""
    return any(edit != each and edit[0] in each[0] for each in version)
