"""What does a long log look like?  A synthetic one, the same every time, made after the article in `seeds/`.

An article makes 80 events: its ingestion, two new actors with three aliases, 73 reports of the kinds in about the shares
that the real article has, and a correction.  A few actors are named again and again, most of them rarely.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from events.log import Provenance, Write
from events.migrating import migrate
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog
from events.vocabulary import AnyEvent, event_of, schema_version

REPORTS: Final = 73
"""Reports of an article."""
CAST: Final = 12
"""Actors whom an article names."""
BATCH: Final = 2_000
"""Events that are appended together."""
FIRST_DAY: Final = date(2015, 1, 1)
PROVENANCE: Final = Provenance("benchmark")
WORDS: Final = (  # noqa: SIM905 - words are read more easily so
    "the minister said that talks on a ceasefire would go on until both sides agree to withdraw "
    "their forces from the city and to let observers in while elections are prepared"
).split()
OFFICES: Final = ("foreign minister", "spokesman", "envoy", "president", "member")
MEANS: Final = ("arms", "money", "advisers", "military support")
PREDICATES: Final = ("backs", "rival_of", "party_to", "member_of", "committed_to", "leads")
ACTS: Final = ("assertive", "assertive", "directive", "commissive", "expressive")
KINDS_OF_ACTOR: Final = ("person", "person", "state", "government", "organisation", "body")

Fields = dict[str, Any]


class Story:
    """The articles of a world, one after the other."""

    def __init__(self) -> None:
        self._random = Random(2020)
        self._actors: list[str] = []
        self._new = count(1)

    def __iter__(self) -> Iterator[tuple[str, AnyEvent]]:
        """(stream, event), without end."""
        yield from self._introduce(CAST)
        for number in count(1):
            yield from self._introduce(2)
            yield from self._article(f"article-{number}", FIRST_DAY + timedelta(days=number))

    def pick(self, *values: Any) -> Any:
        """One of some values."""
        return self._random.choice(values)

    def number(self, least: int, most: int) -> int:
        """A number, both ends included."""
        return self._random.randint(least, most)

    def clause(self, words: int) -> str:
        """Some words in a row."""
        return " ".join(self._random.choices(WORDS, k=words))

    def _introduce(self, number: int) -> Iterator[tuple[str, AnyEvent]]:
        for n in islice(self._new, number):
            slug, name = f"actor-{n}", self.clause(2).title() + f" {n}"
            self._actors.append(slug)
            yield (
                f"actor/{slug}",
                told("ActorRegistered", actor_kind=self.pick(*KINDS_OF_ACTOR), name=name),
            )
            aliases = (("short", name.split()[0]), ("abbreviation", f"A{n}"))
            for kind, alias in aliases[: 1 + n % 2]:
                yield f"actor/{slug}", told("AliasAdded", alias=alias, alias_kind=kind)

    def _article(self, slug: str, day: date) -> Iterator[tuple[str, AnyEvent]]:
        sentences = [self.clause(self.number(12, 18)).capitalize() + "." for _ in range(40)]
        text = " ".join(sentences)
        digest = sha256(text.encode()).hexdigest()
        stream, published = f"article/{slug}", day.isoformat()
        title = self.clause(8).capitalize()
        yield (
            stream,
            told("ArticleIngested", title=title, published=published, text=text, sha256=digest),
        )
        cast = self._cast()
        kinds = self._random.choices(
            tuple(KINDS), [share for share, _ in KINDS.values()], k=REPORTS
        )
        for n, kind in enumerate(kinds, 1):
            self._random.shuffle(cast)
            fields = KINDS[kind][1](self, cast)
            yield stream, told(kind, ref=f"r{n}", **self._context(text, sentences, day), **fields)
        target = f"r{self.number(1, REPORTS)}"
        if self.number(1, 4) == 1:
            yield stream, told("ReportRetracted", target=target, reason="it was misread")
        else:
            changes = {"certainty": self.pick("probable", "possible")}
            yield stream, told("ReportCorrected", target=target, changes=changes, reason="unsure")

    def _cast(self) -> list[str]:
        """Different actors; the older ones are far more likely."""
        found: dict[str, None] = {}
        while len(found) < CAST:
            found[self._actors[int(len(self._actors) * self._random.random() ** 3)]] = None
        return list(found)

    def _context(self, text: str, sentences: list[str], day: date) -> Fields:
        """What every report carries: quotes, mostly one, and a date, mostly inferred."""
        quotes = []
        for sentence in self._random.sample(sentences, self.pick(1, 1, 1, 2)):
            start = text.index(sentence)
            end = start + len(sentence)
            around = {"prefix": text[max(0, start - 32) : start], "suffix": text[end : end + 32]}
            quotes.append({"exact": sentence, **around, "start": start, "end": end})
        edtf = self.pick(f"{day}?", f"{day}?", f"[..{day}]", f"{day:%Y}?-{day:%m}")
        when = {"edtf": edtf, "role": "occurred", "basis": "inferred", "reason": "as of that day"}
        return {"evidence": quotes, "when": when, "by": "editor"}


def told(kind: str, **fields: Any) -> AnyEvent:
    """The event of a kind with these fields."""
    return event_of(kind, schema_version(kind), fields)


def _statement(story: Story, cast: list[str]) -> Fields:
    act = story.pick(*ACTS)
    return {
        "attribution": {"voice": "paraphrase", "speaker": cast[0]},
        "speaker": cast[0],
        "addressees": cast[1:2] if act == "directive" else [],
        "act": act,
        "direct": story.pick(True, False),
        "content": story.clause(12),
        "about": cast[2 : story.number(3, 5)],
        "commits_to": cast[5] if act == "commissive" else None,
    }


def _meeting(story: Story, cast: list[str]) -> Fields:
    host, *others = cast[: story.number(2, 4)]
    visitors = [{"actor": other, "role": "visitor"} for other in others]
    return {
        "participants": [{"actor": host, "role": "host"}, *visitors],
        "place": story.pick("Moscow", "Cairo", "Geneva"),
        "topics": [{"about": story.clause(4)}],
    }


def _role(story: Story, cast: list[str]) -> Fields:
    return {
        "holder": cast[0],
        "role": "office",
        "title": story.pick(*OFFICES),
        "of": cast[1],
        "single_seat": story.pick(True, False),
    }


def _commission(story: Story, cast: list[str]) -> Fields:
    seats = [{"selector": actor, "number": story.number(1, 5)} for actor in cast[1:3]]
    return {"body": cast[0], "seats": seats, "formed_by": cast[3:4]}


def _deal(story: Story, cast: list[str]) -> Fields:
    return {
        "seeker": cast[0],
        "counterpart": cast[1],
        "sectors": ["construction", story.pick("energy", "rail")],
        "amount_max": story.number(1, 9) * 10**9,
        "currency": "USD",
    }


KINDS: Final[dict[str, tuple[int, Callable[[Story, list[str]], Fields]]]] = {
    "StatementMade": (230, _statement),
    "SituationAttested": (120, lambda s, c: {"situation": s.clause(8), "actors": c[:2]}),
    "DescriptionAttested": (100, lambda s, c: {"subject": c[0], "description": s.clause(2)}),
    "RelationAttested": (
        90,
        lambda s, c: {"subject": c[0], "predicate": s.pick(*PREDICATES), "object": c[1]},
    ),
    "RoleAttested": (60, _role),
    "SupportExtended": (
        30,
        lambda s, c: {"supporter": c[0], "beneficiary": c[1], "means": s.pick(*MEANS)},
    ),
    "DealSought": (30, _deal),
    "MeetingHeld": (30, _meeting),
    "VoteScheduled": (20, lambda _, c: {"vote": "elections", "of": c[0], "on": "2021-12-24"}),
    "OffensiveLaunched": (10, lambda _, c: {"attacker": c[0], "target": c[1], "outcome": "failed"}),
    "LossesSuffered": (10, lambda s, c: {"sufferer": c[0], "number": s.number(1, 500)}),
    "CommissionFormed": (10, _commission),
    "SessionOpened": (10, lambda _, c: {"body": c[0], "participants": c[1], "attendance": 10}),
    "MessageSent": (
        10,
        lambda s, c: {"sender": c[0], "recipients": c[1:3], "content": s.clause(9)},
    ),
    "ClashReported": (10, lambda _, c: {"sides": c[:2], "place": "the coast"}),
    "RelationEnded": (
        10,
        lambda s, c: {"subject": c[0], "predicate": s.pick(*PREDICATES), "object": c[1]},
    ),
    "RoleEnded": (5, lambda _, c: {"holder": c[0], "role": "office", "of": c[1]}),
    "SupportWithdrawn": (5, lambda _, c: {"supporter": c[0], "beneficiary": c[1]}),
    "AgreementReached": (
        5,
        lambda _, c: {"parties": c[:2], "agreement": "a ceasefire", "ends_hostilities": True},
    ),
    "AgreementEnded": (5, lambda _, c: {"parties": c[:2], "agreement": "a ceasefire"}),
}
"""How often each kind is reported, and its fields for a cast."""


async def fill(path: Path, number: int) -> None:
    """Make a file whose log has so many events."""
    await grow(path, Story(), number)


async def grow(path: Path, story: Iterable[tuple[str, AnyEvent]], number: int) -> None:
    """Let the log of a file, which is made if there is none, have so many events of a story; it has the first ones already."""
    migrate(path)
    file = SqliteFile(path)
    start, ticks, ids = datetime(2021, 1, 1, tzinfo=UTC), count(), count(1)
    log = SqliteLog(
        file,
        lambda: start + timedelta(seconds=next(ticks)),
        lambda: str(UUID(int=next(ids))),
    )
    held = await log.head()
    ticks, ids = count(held // BATCH), count(held + 1)
    rest = islice(story, held, max(held, number))
    while batch := list(islice(rest, BATCH)):
        await log.append([Write(stream, [event]) for stream, event in batch], PROVENANCE)
    await log.close()
