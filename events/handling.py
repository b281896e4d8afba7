"""How does a command become events in the log?  Read what it concerns, decide, append; nothing is held between commands."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from events import actor, article
from events.actor import (
    ActorCommand,
    ActorState,
    AddAliases,
    CorrectActor,
    MergeActors,
    RegisterActor,
)
from events.actors import ActorRegistered, AliasAdded
from events.article_commands import (
    ArticleCommand,
    CorrectReport,
    Dispute,
    RecordDispute,
    RecordReports,
    SettleDispute,
)
from events.article_state import ArticleState, evolve
from events.log import Appended, EventLog, Provenance, Write
from events.references import mentions
from events.refusals import KeyReused, Refusal, VersionConflict
from events.values import SLUG
from events.vocabulary import AnyEvent

Command = ArticleCommand | ActorCommand

ATTEMPTS = 5
"""How often a command without an expected version is decided anew after it lost a race."""


@dataclass
class World:
    """What the streams that a command concerns say, as far as they were read."""

    articles: dict[str, ArticleState] = field(default_factory=dict)
    actors: dict[str, ActorState] = field(default_factory=dict)

    @property
    def registered(self) -> set[str]:
        """Slugs of the actors there are."""
        return {slug for slug, state in self.actors.items() if state.actor is not None}

    @property
    def texts(self) -> dict[str, str]:
        """Texts of the articles there are, by slug."""
        return {slug: state.article.text for slug, state in self.articles.items() if state.article}


async def _repeated(
    log: EventLog, commands: Sequence[Command], provenance: Provenance, key: str | None
) -> Appended | None:
    """The answer that the key was given before, none if it is free.  Raises KeyReused.

    It is decided as when the key was first used: the same commands then lead to the same events.
    """
    first = await log.find(key) if key is not None else None
    if key is None or first is None:
        return None
    world = await read_world(log, *concerned(commands), until=first.first - 1)
    try:
        writes = decide(commands, world)
    except Refusal:
        raise KeyReused(key, first.first) from None
    return await log.append(writes, provenance, key)


async def read_world(
    log: EventLog, articles: Iterable[str], actors: Iterable[str], until: int | None = None
) -> World:
    """The state of the named streams now, or as it was at position `until`, in one pass over the log."""
    world = World(
        {slug: ArticleState(slug) for slug in articles}, {slug: ActorState(slug) for slug in actors}
    )
    streams = [f"article/{slug}" for slug in world.articles]
    streams += [f"actor/{slug}" for slug in world.actors]
    after, limit = 0, 1000
    while records := await log.read(after, limit, streams):
        for record in records:
            if until is not None and record.position > until:
                return world
            if record.stream.startswith("article/"):
                evolve(world.articles[record.slug], record.event)
            else:
                actor.evolve(world.actors[record.slug], record.event)
        after = records[-1].position
        if len(records) < limit:
            break
    return world


async def handle(
    log: EventLog,
    commands: Sequence[Command],
    provenance: Provenance,
    *,
    key: str | None = None,
    expected: int | None = None,
) -> Appended:
    """Decide commands one after the other and append all their events, or none.

    `expected` is the version of the first command's stream that the caller decided on.  Raises every refusal of the deciders and the log.
    """
    if repeated := await _repeated(log, commands, provenance, key):
        return repeated
    for attempt in range(ATTEMPTS):
        world = await read_world(log, *concerned(commands))
        try:
            writes = decide(commands, world, expected)
        except Refusal:
            # What stands in the way may be the same commands, sent twice at once.
            if repeated := await _repeated(log, commands, provenance, key):
                return repeated
            raise
        try:
            return await log.append(writes, provenance, key)
        except VersionConflict as conflict:
            foreseen = expected is not None and conflict.stream == writes[0].stream
            if foreseen or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def decide(commands: Sequence[Command], world: World, expected: int | None = None) -> list[Write]:
    """The writes that commands lead to, each one seeing what those before it did; the world is used up."""
    writes: list[Write] = []
    for command in commands:
        stream, version, events = _decide_one(command, world)
        if expected is not None and not writes:
            version = expected
        writes.append(Write(stream, events, version))
        if isinstance(command, MergeActors):
            # Nothing is written there, but it must not be merged itself meanwhile.
            writes.append(Write(f"actor/{command.into}", (), world.actors[command.into].version))
        if isinstance(command, Dispute) and (other := _article(command.against)) != command.slug:
            # Nor there, but it must not be disputed or retracted from there meanwhile.
            writes.append(Write(f"article/{other}", (), world.articles[other].version))
    return writes


def concerned(commands: Iterable[Command]) -> tuple[set[str], set[str]]:
    """Slugs of the articles and of the actors whose streams must be read to decide the commands."""
    articles, actors = set[str](), set[str]()
    for command in commands:
        if isinstance(command, ArticleCommand):
            articles.add(command.slug)
        else:
            actors.add(command.slug)
        match command:
            case RecordReports(reports=reports):
                actors.update(m.actor for report in reports for m in mentions(report))
            case CorrectReport(changes=changes):
                actors.update(_slugs(changes))
            case RegisterActor():
                articles.update(_articles(command.actor, *command.aliases))
            case AddAliases():
                articles.update(_articles(*command.aliases))
            case CorrectActor(changes=changes):
                articles.update(_slugs(changes.get("article")))
            case MergeActors(into=into):
                actors.add(into)
            case RecordDispute(against=against) | SettleDispute(against=against):
                articles.add(_article(against))
            case _:
                pass
    return articles, actors


def _decide_one(command: Command, world: World) -> tuple[str, int, list[AnyEvent]]:
    if isinstance(command, ArticleCommand):
        state = world.articles[command.slug]
        version = state.version
        events = article.decide(command, state, world.registered, world.articles)
        for event in events:
            evolve(state, event)
        return f"article/{command.slug}", version, events
    holder = world.actors[command.slug]
    version = holder.version
    events = actor.decide(command, holder, world.texts, world.actors)
    for event in events:
        actor.evolve(holder, event)
    return f"actor/{command.slug}", version, events


def _article(report: str) -> str:
    """The slug of the article that a report, named `article/ref`, is of."""
    return report.partition("/")[0]


def _articles(*namings: ActorRegistered | AliasAdded) -> Iterator[str]:
    return (naming.article for naming in namings if naming.article is not None)


def _slugs(value: object) -> Iterator[str]:
    """Every string in a JSON value that could be a slug."""
    if isinstance(value, str):
        if re.match(SLUG, value):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _slugs(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _slugs(each)
