"""Which histories can there be?  Random ones, of few actors and words, so that reports often meet.

Commands are made up and run through the deciders; one that is refused leaves no trace, so every
history is one that a log would accept.  Reports are made up field by field from the vocabulary
itself: a new kind takes part as soon as it is in the union.

Hypothesis chooses one number for each command, and the rest follows from that: so a history can be
long, and one that fails is still cut down to the commands that matter.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from events.actor import (
    AddAliases,
    CorrectActor,
    MergeActors,
    RegisterActor,
    RetractAlias,
    UndoMerge,
)
from events.actors import ActorKind, ActorRegistered, AliasAdded, AliasKind
from events.article_commands import (
    CorrectArticle,
    CorrectReport,
    RecordDispute,
    RecordReports,
    RetractReport,
    SettleDispute,
    UndoCorrection,
    UndoRetraction,
)
from events.article_state import ReportState
from events.attestations import Predicate
from events.handling import Command
from events.quotes import at_offset
from events.references import Shape, shapes
from events.refusals import Refusal
from events.values import Certainty, LinkKind, Modality, Quote, Value, Word
from events.vocabulary import REPORT_KINDS, AnyReport, payload_of, report_of
from tests.histories import History

ARTICLES: Final = ("north", "south")
ACTORS: Final = ("ann", "bob", "cy", "dee", "eve")
NAMES: Final = ("Ann", "Bob", "Bób", "the ‘two’", "DEE", "𝔼ve")
WORDS: Final = ("peace", "war", "Ann", "said:", "«oui»", "مرحبا", "𝕏", "é", "\n", "a/b", "2")
DATES: Final = ("2020-02-29", "2020", "2020-12-30?", "[..2020-12-30]", "2019/2021", "2021-05/..")

CHOICES: Final[dict[str, Sequence[Any]]] = {
    "when": [
        None,
        *({"edtf": date, "role": "occurred", "basis": "stated"} for date in DATES),
        *({"edtf": date, "role": "attested", "basis": "inferred"} for date in DATES),
    ],
    "modality": [*[Modality.ASSERTED] * 2 * len(Modality), *Modality],
    "attribution": [*[{}] * 5, *({"speaker": actor} for actor in ACTORS)],
    "mentions": [[], ["ann"], ["bob", "cy"]],
    "links": [[]],
    "since": [None, None, *DATES],
    "until": [None, None, *DATES],
    "on": DATES,
    "title": [None, "minister", "Minister!", "2", "…"],
    "means": ["arms", "money"],
    "predicate": [*[Predicate.SUPPORTS, Predicate.RIVAL_OF, Predicate.LEADS] * 5, *Predicate],
    "sides": [("ann", "bob"), ("bob", "ann"), ("ann", "cy"), ("dee", "dee")],
    "MeetingHeld.participants": [
        [{"actor": "ann"}, {"actor": "bob", "role": "host"}],
        [{"actor": "bob"}, {"actor": "ann"}, {"actor": "cy"}],
    ],
    "amount_min": [None, 1, 5],
    "amount_max": [None, 5, 9],
    "currency": ["USD"],
    "deaths": [None, {"low": 1, "best": 2, "high": 5}],
    "coordinates": [None, {"latitude": "32.9", "longitude": "-13.18"}],
}
"""The values of fields that are not made up by their type alone."""


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history of two articles, and of up to sixty commands after they were ingested."""
    seeds = st.integers(0, 2**32)
    history = beginning(Random(draw(seeds)))
    for seed in draw(st.lists(seeds, max_size=10) | st.lists(seeds, min_size=25, max_size=60)):
        go_on(Random(seed), history)
    return history


def long_history(random: Random, commands: int) -> History:
    """One of many commands; actors are only merged towards its end, for who is one meets nobody."""
    history = beginning(random)
    for number in range(commands):
        go_on(random, history, COMMANDS[: -1 if number < commands - 50 else None])
    return history


def beginning(random: Random) -> History:
    history = History().actors(*ACTORS[:4])
    for slug in ARTICLES:
        history.article(slug, _text(random))
    return history


def go_on(random: Random, history: History, commands: Sequence[Any] = ()) -> None:
    """Try one more command."""
    with suppress(Refusal):
        history.do(random.choice(commands or COMMANDS)(random, history))


def fields(random: Random, model: type[Value], *without: str) -> dict[str, Any]:
    """Contents for the fields of any model of the vocabulary."""
    known = {name: shape for name, shape in shapes(model).items() if name not in {"kind", *without}}
    return {name: _field(random, model, name, shape) for name, shape in known.items()}


def report(random: Random, history: History, slug: str, kind: str, ref: str) -> AnyReport:
    """A report out of an article, at times linked to another one of it."""
    state = history.world.articles[slug]
    assert state.article is not None
    told = fields(random, REPORT_KINDS[kind], "ref", "evidence")
    if state.reports and random.random() < 0.3:
        to = random.choice(sorted(state.reports))
        told["links"] = [{"kind": LinkKind.AFTER, "report": to}]
    quoted = _quotes(random, state.article.text)
    return report_of(kind, {**told, "ref": ref, "evidence": quoted})


def record(random: Random, history: History) -> Command:
    slug = random.choice(ARTICLES)
    count = len(history.world.articles[slug].reports)
    kinds = random.choices(sorted(REPORT_KINDS), k=random.randint(1, 3))
    told = [report(random, history, slug, kind, f"r{count + n}") for n, kind in enumerate(kinds)]
    return RecordReports(slug, tuple(told))


def correct_report(random: Random, history: History) -> Command:
    slug, ref = random.choice(ARTICLES), _ref(random, history)
    held = history.world.articles[slug].reports.get(ref)
    kind = held.report.kind if held else "StatementMade"
    other = payload_of(report(random, history, slug, kind, ref))
    names = sorted(REPORT_KINDS[kind].model_fields.keys() - {"kind", "ref"})
    changed = random.sample(names, random.randint(1, 4))
    return CorrectReport(slug, ref, {name: other.get(name) for name in changed}, "misread")


def retract_report(random: Random, history: History) -> Command:
    return RetractReport(random.choice(ARTICLES), _ref(random, history), "misread")


def undo_correction(random: Random, history: History) -> Command:
    slug, ref = _one_that(random, history, lambda held: bool(held.corrections))
    return UndoCorrection(slug, ref, random.randint(1, 2), "it was right")


def undo_retraction(random: Random, history: History) -> Command:
    slug, ref = _one_that(random, history, lambda held: held.retracted)
    return UndoRetraction(slug, ref, "it was right")


def record_dispute(random: Random, history: History) -> Command:
    against = f"{random.choice(ARTICLES)}/{_ref(random, history)}"
    return RecordDispute(random.choice(ARTICLES), _ref(random, history), against, "at odds")


def settle_dispute(random: Random, history: History) -> Command:
    pairs = sorted(
        sorted(pair) for held in history.world.articles.values() for pair in held.disputes
    )
    one, other = random.sample(random.choice(pairs or [["north/r0", "north/r1"]]), 2)
    slug, _, ref = one.partition("/")
    return SettleDispute(slug, ref, other, "cleared up")


def correct_article(random: Random, _: History) -> Command:
    changes = {"published": "2021-06-30", "title": random.choice(WORDS), "language": None}
    return CorrectArticle(random.choice(ARTICLES), _some(random, changes), "wrong")


def register(random: Random, history: History) -> Command:
    naming = {"actor_kind": random.choice(list(ActorKind)), "name": random.choice(NAMES)}
    actor = ActorRegistered.model_validate(naming | _cited(random, history))
    aliases = _aliases(random, history, random.randint(0, 2))
    return RegisterActor(random.choice(ACTORS), actor, tuple(aliases))


def add_aliases(random: Random, history: History) -> Command:
    return AddAliases(random.choice(ACTORS), tuple(_aliases(random, history, random.randint(1, 2))))


def retract_alias(random: Random, history: History) -> Command:
    held = [(s.slug, alias) for s in history.world.actors.values() for alias in s.aliases]
    return RetractAlias(*random.choice(held or [("ann", "nobody")]), "not so called")


def correct_actor(random: Random, _: History) -> Command:
    kind, name = random.choice(["state", "body"]), random.choice(NAMES)
    note = random.choice([None, "why"])
    changes = {"name": name, "actor_kind": kind, "note": note, "certainty": None}
    return CorrectActor(random.choice(ACTORS), _some(random, changes), "wrong")


def merge(random: Random, _: History) -> Command:
    slug, into = random.choices(ACTORS, k=2)
    return MergeActors(slug, into, "the same")


def undo_merge(random: Random, history: History) -> Command:
    merged = [slug for slug, held in history.world.actors.items() if held.merged_into]
    return UndoMerge(random.choice(sorted(merged) or ["ann"]), "two after all")


COMMANDS: Final = (
    *[record] * 20,
    *[correct_report] * 6,
    *[undo_correction] * 2,
    *[retract_report] * 3,
    *[undo_retraction] * 2,
    *[record_dispute] * 2,
    settle_dispute,
    *[register] * 2,
    *[add_aliases] * 2,
    correct_article,
    retract_alias,
    correct_actor,
    undo_merge,
    merge,
)


def _text(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(1, 12)))


def _quotes(random: Random, text: str) -> tuple[Quote, ...]:
    starts = [random.randrange(len(text)) for _ in range(random.randint(1, 2))]
    return tuple(at_offset(text, start, random.randint(start + 1, len(text))) for start in starts)


def _ref(random: Random, history: History) -> str:
    most = max(len(state.reports) for state in history.world.articles.values())
    return f"r{random.randint(0, most)}"


def _one_that(
    random: Random, history: History, fits: Callable[[ReportState], bool]
) -> tuple[str, str]:
    """A report that something is true of, if there is any."""
    found = [
        (slug, ref)
        for slug, state in sorted(history.world.articles.items())
        for ref, held in sorted(state.reports.items())
        if fits(held)
    ]
    return random.choice(found or [("north", "r0")])


def _some(random: Random, changes: dict[str, Any]) -> dict[str, Any]:
    return {name: changes[name] for name in random.sample(sorted(changes), random.randint(1, 2))}


def _aliases(random: Random, history: History, number: int) -> Iterator[AliasAdded]:
    for alias in random.sample(NAMES, number):
        naming = {"alias": alias, "alias_kind": random.choice(list(AliasKind))}
        yield AliasAdded.model_validate(naming | _cited(random, history))


def _cited(random: Random, history: History) -> dict[str, Any]:
    certainty = {"certainty": random.choice(list(Certainty))}
    article = history.world.articles["north"].article
    if article is None or random.random() < 0.5:
        return certainty
    return certainty | {"article": "north", "evidence": _quotes(random, article.text)}


def _field(random: Random, model: type[Value], name: str, shape: Shape) -> Any:
    choices = CHOICES.get(f"{model.__name__}.{name}", CHOICES.get(name))
    if choices is not None:
        return random.choice(choices)
    if shape.optional and random.random() < 0.5:
        return None
    if shape.many:
        return [_one(random, shape) for _ in range(random.randint(0, 2))]
    return _one(random, shape)


def _one(random: Random, shape: Shape) -> Any:
    if shape.refers_to == "Actor":
        return random.choice(ACTORS)
    if issubclass(shape.type, Value):
        return fields(random, shape.type)
    if issubclass(shape.type, Word):
        return random.choice(list(shape.type))
    if shape.type is bool:
        return random.random() < 0.5
    return random.randint(1, 3) if shape.type is int else random.choice(WORDS)
