"""How do a dossier, or a mere text, get into the log?  In one append, and never twice."""

from collections.abc import Callable, Collection
from pathlib import Path

from pydantic import ValidationError

from events import actor, article_state
from events.actor import ActorState
from events.article_commands import IngestArticle
from events.article_state import ArticleState
from events.handling import ATTEMPTS, Command, World, decide
from events.log import EventLog, Provenance
from events.refusals import AlreadyExists, Malformed, VersionConflict
from events.sources import ArticleIngested
from events.vocabulary import problems
from seeds.article import hashed
from seeds.dossier import Dossier
from seeds.earlier import Earlier, correlation, evolve
from seeds.problems import START, DossierRefused, Findings, decoded
from seeds.reconcile import reconcile
from seeds.sheet import slugified
from seeds.summary import Summary, summarise

PAGE = 1000


async def ingest(
    log: EventLog, dossier: Dossier, recorder: str, reason: str | None = None
) -> Summary:
    """Append what the log lacks of a dossier, all or nothing.

    `reason` is given for corrections and retractions.  Raises DossierRefused, LogUnavailable,
    LogDamaged, and VersionConflict after several lost races.
    """

    def plan(world: World, earlier: Earlier) -> list[Command]:
        return reconcile(dossier, world, earlier, reason)

    commands, positions = await _settle(log, dossier.slug, dossier.actors, recorder, plan)
    return summarise(dossier.slug, commands, len(dossier.parts), positions)


async def ingest_text(
    log: EventLog,
    path: Path,
    published: str,
    recorder: str,
    *,
    slug: str | None = None,
    title: str | None = None,
) -> Summary:
    """Append an article alone, ready for reports.

    By default its slug is made of the file's name and its title is the text's first line.  Raises
    DossierRefused (the file cannot be read, or is not UTF-8), Malformed, AlreadyExists (the slug
    has another text, date or title), and what `ingest` raises of the log.
    """
    text = _text(path)
    slug = slug or slugified(path.stem)
    given = _article(
        path, {"title": title or _headline(text), "published": published} | hashed(text)
    )

    def plan(world: World, _: Earlier) -> list[Command]:
        held = world.articles[slug].article
        if held is None:
            return [IngestArticle(slug, given)]
        same = held.text == given.text and held.published == given.published
        if not same or title not in (None, held.title):
            known = f"{held.title!r}, published {held.published}"
            raise AlreadyExists(
                f"article {slug!r} is in the log with another text, date or title ({known}); "
                "choose another slug, or correct it"
            )
        return []

    commands, positions = await _settle(log, slug, (), recorder, plan)
    return summarise(slug, commands, 1, positions)


async def _settle(
    log: EventLog,
    slug: str,
    actors: Collection[str],
    recorder: str,
    plan: Callable[[World, Earlier], list[Command]],
) -> tuple[list[Command], tuple[int, int] | None]:
    """Plan on what the log says and append it; anew when somebody else was faster."""
    provenance = Provenance(recorder, correlation=correlation(slug))
    for attempt in range(ATTEMPTS):
        world, earlier = await _read(log, slug, actors)
        commands = plan(world, earlier)
        if not commands:
            return [], None
        try:
            appended = await log.append(decide(commands, world), provenance)
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return commands, (appended.first, appended.last)
    raise AssertionError


async def _read(log: EventLog, slug: str, actors: Collection[str]) -> tuple[World, Earlier]:
    """What the streams say now, and what the dossier said before, as of the same moment."""
    world = World({slug: ArticleState(slug)}, {each: ActorState(each) for each in actors})
    earlier = Earlier()
    streams = [f"article/{slug}", *(f"actor/{each}" for each in actors)]
    after = 0
    while records := await log.read(after, PAGE, streams):
        for record in records:
            if record.stream.startswith("article/"):
                article_state.evolve(world.articles[record.slug], record.event)
            else:
                actor.evolve(world.actors[record.slug], record.event)
            own = record.envelope.get("correlation") == correlation(slug)
            evolve(earlier, record.slug, record.event, own=own)
        after = records[-1].position
    return world, earlier


def _text(path: Path) -> str:
    findings = Findings(str(path))
    try:
        text = decoded(path.read_bytes(), findings)
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        findings.add(START, what, "name the file of an article's text")
        text = None
    if text == "":
        findings.add(START, "the file is empty", "put the article's text into it")
    if not text:
        raise DossierRefused(findings.problems)
    return text


def _headline(text: str) -> str:
    lines = (line.strip("\ufeff \t\r") for line in text.split("\n"))
    return next(filter(None, lines), "")


def _article(path: Path, fields: dict[str, str]) -> ArticleIngested:
    try:
        return ArticleIngested.model_validate(fields)
    except ValidationError as error:
        raise Malformed(f"{path}: {problems(error)}") from None
