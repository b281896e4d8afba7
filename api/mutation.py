"""What can be done?  The mutations: each decides commands and appends their events, or says why not."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Optional, TypeVar, Union, cast

import strawberry
from pydantic import ValidationError

from api import problems
from api.connections import asked
from api.context import Context
from api.inputs import (
    CorrectInput,
    IngestArticleInput,
    MergeActorsInput,
    RecordInput,
    RegisterActorsInput,
    RetractInput,
)
from api.nodes import Actor, Article, Report
from api.nouns import noun, said
from api.problems import problem_of
from api.scalars import Position
from api.vocabulary import as_value
from events.actor import MergeActors, RegisterActor
from events.actors import ActorRegistered, AliasAdded
from events.article import CorrectReport, IngestArticle, RecordReports, RetractReport
from events.canonical import canonical
from events.handling import Command, handle, read_world
from events.log import EventLog
from events.quotes import locate
from events.refusals import LogUnavailable, Malformed, Refusal, UnknownArticle
from events.sources import ArticleIngested
from events.values import Value
from events.vocabulary import AnyReport, report_of
from events.vocabulary import problems as problems_of

Info = strawberry.Info[Context, None]
Model = TypeVar("Model", bound=Value)

PATIENCE = 10.0
"""Seconds that a mutation waits for the views to reflect what it wrote."""
MAX_KEY = 200
"""Characters that a key may have."""


@noun
class Recorded:
    """It is in the log, and this answer already sees it."""

    first: Position = said("Position of the first event.")
    last: Position = said("Position of the last event.")
    repeated: bool = said(
        "Whether the key had been used with this content before, so that nothing new was written."
    )
    article_slug: strawberry.Private[str | None] = None
    actor_slugs: strawberry.Private[Sequence[str]] = ()
    report_keys: strawberry.Private[Sequence[str]] = ()
    article = asked(Optional[Article], "The article that it is about, if it is about one.")
    actors = asked(list[Actor], "The actors that it is about.")
    reports = asked(list[Report], "The reports that it is about, as they are now.")


LEADS_TO: dict[str, Callable[[Recorded], tuple[str, dict[str, Any]]]] = {
    "article": lambda recorded: ("article", {"slug": recorded.article_slug}),
    "actors": lambda recorded: ("recorded", {"ids": [f"Actor:{s}" for s in recorded.actor_slugs]}),
    "reports": lambda recorded: (
        "recorded",
        {"ids": [f"Report:{k}" for k in recorded.report_keys]},
    ),
}
"""Which root field gives the value of a field of `Recorded`, and with which arguments."""


def _result(name: str, description: str, *own: Any) -> Any:
    """Success, or one of the problems that this mutation can have."""
    always = (problems.Malformed, problems.KeyReused, problems.LogUnavailable)
    union = strawberry.union(name, description=description)
    return Annotated[Union[(Recorded, *own, *always)], union]


IngestArticleResult: Any = _result(
    "IngestArticleResult",
    "What came of ingesting an article.",
    problems.AlreadyExists,
    problems.VersionConflict,
)
RegisterActorsResult: Any = _result(
    "RegisterActorsResult",
    "What came of registering actors.",
    *(problems.AlreadyExists, problems.QuoteNotFound, problems.UnknownArticle),
    problems.VersionConflict,
)
_ON_REPORTS = (
    *(problems.VersionConflict, problems.QuoteNotFound, problems.UnknownActor),
    *(problems.UnknownArticle, problems.UnknownReport),
)
RecordResult: Any = _result(
    "RecordResult", "What came of recording reports.", *_ON_REPORTS, problems.AlreadyExists
)
CorrectResult: Any = _result(
    "CorrectResult",
    "What came of a correction.",
    *(*_ON_REPORTS, problems.AlreadyRetracted, problems.NothingToChange),
)
RetractResult: Any = _result(
    "RetractResult",
    "What came of a retraction.",
    *(
        problems.VersionConflict,
        problems.UnknownArticle,
        problems.UnknownReport,
        problems.AlreadyRetracted,
    ),
)
MergeActorsResult: Any = _result(
    "MergeActorsResult",
    "What came of merging actors.",
    *(problems.UnknownActor, problems.MergeRefused, problems.VersionConflict),
)


@noun
class Mutation:
    """What can be done.  Every answer sees its own write; what is refused is refused whole, with a reason."""

    @strawberry.mutation(
        description="Takes an article into the log.", graphql_type=IngestArticleResult
    )
    async def ingest_article(self, info: Info, input: IngestArticleInput) -> Any:
        async def commands() -> list[Command]:
            fields = as_value(input)
            slug, _ = fields.pop("slug"), fields.pop("key", None)
            digest = sha256(input.text.encode()).hexdigest()
            return [IngestArticle(slug, _checked(ArticleIngested, {**fields, "sha256": digest}))]

        return await _done(info, commands, key=input.key, article=input.slug)

    @strawberry.mutation(
        description="Makes actors known; all or none.", graphql_type=RegisterActorsResult
    )
    async def register_actors(self, info: Info, input: RegisterActorsInput) -> Any:
        async def commands() -> list[Command]:
            text = await _text(info.context.log, input.article) if input.article else None
            return [_registration(each, as_value(input), text) for each in as_value(input.actors)]

        slugs = [actor.slug for actor in input.actors]
        return await _done(info, commands, key=input.key, actors=slugs)

    @strawberry.mutation(
        description="Appends all reports or none. `expectedVersion` guards the article's stream, `key` makes a retry safe.",
        graphql_type=RecordResult,
    )
    async def record(self, info: Info, input: RecordInput) -> Any:
        keys: list[str] = []

        async def commands() -> list[Command]:
            text = await _text(info.context.log, input.article)
            reports = tuple(_report(each, text) for each in input.reports)
            keys[:] = [f"{input.article}/{report.ref}" for report in reports]
            return [RecordReports(input.article, reports)]

        return await _done(
            info,
            commands,
            key=input.key,
            expected=input.expected_version,
            article=input.article,
            reports=keys,
        )

    @strawberry.mutation(description="Puts a report right.", graphql_type=CorrectResult)
    async def correct(self, info: Info, input: CorrectInput) -> Any:
        async def commands() -> list[Command]:
            text = await _text(info.context.log, input.article)
            ((_, changes),) = as_value(input.changes).items()
            located = _located(changes, text)
            return [
                CorrectReport(
                    input.article, input.report, located, input.reason, _or_none(input.by)
                )
            ]

        return await _done(
            info,
            commands,
            key=input.key,
            expected=input.expected_version,
            article=input.article,
            reports=[f"{input.article}/{input.report}"],
        )

    @strawberry.mutation(description="Takes a report back.", graphql_type=RetractResult)
    async def retract(self, info: Info, input: RetractInput) -> Any:
        async def commands() -> list[Command]:
            return [RetractReport(input.article, input.report, input.reason, _or_none(input.by))]

        return await _done(
            info,
            commands,
            key=input.key,
            expected=input.expected_version,
            article=input.article,
            reports=[f"{input.article}/{input.report}"],
        )

    @strawberry.mutation(
        description="Lets one actor stand for another too; both slugs keep leading there.",
        graphql_type=MergeActorsResult,
    )
    async def merge_actors(self, info: Info, input: MergeActorsInput) -> Any:
        async def commands() -> list[Command]:
            return [MergeActors(input.actor, input.into, input.reason, _or_none(input.by))]

        return await _done(info, commands, key=input.key, actors=[input.into])


async def _done(
    info: Info,
    commands: Callable[[], Awaitable[list[Command]]],
    *,
    key: Any = None,
    expected: Any = None,
    article: str | None = None,
    actors: Sequence[str] = (),
    reports: Sequence[str] = (),
) -> Any:
    """Handle commands and wait for the views, so that the answer sees the write; or show why it was refused."""
    context = info.context
    try:
        appended = await handle(
            context.log,
            await commands(),
            context.provenance,
            key=_key(key),
            expected=_or_none(expected),
        )
        await _reflected(context, appended.last)
    except Refusal as refusal:
        return problem_of(refusal)
    except ValidationError as error:
        return problem_of(Malformed(problems_of(error)))
    return Recorded(
        first=Position(appended.first),
        last=Position(appended.last),
        repeated=appended.repeated,
        article_slug=article,
        actor_slugs=actors,
        report_keys=reports,
    )


async def _reflected(context: Context, position: int) -> None:
    try:
        await asyncio.wait_for(context.views.reached(position), PATIENCE)
    except TimeoutError:
        raise LogUnavailable(
            f"it is recorded up to position {position}, but the views lag behind; query again later"
        ) from None


async def _text(log: EventLog, slug: str) -> str:
    article = (await read_world(log, [slug], ())).articles[slug].article
    if article is None:
        raise UnknownArticle(f"there is no article {slug!r}; ingest it first")
    return article.text


def _report(given: Any, text: str) -> AnyReport:
    ((field, fields),) = as_value(given).items()
    kind = f"{field[0].upper()}{field[1:]}"
    located = _located(fields, text)
    if "ref" not in located:
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()
        located["ref"] = f"{words}-{sha256(canonical(located)).hexdigest()[:12]}"
    return report_of(kind, located)


def _located(fields: dict[str, Any], text: str) -> dict[str, Any]:
    """The fields with the offsets of their quotes, found in the text.  Raises QuoteNotFound."""
    if not fields.get("evidence"):
        return fields
    quotes = [
        locate(text, quote["exact"], quote.get("prefix") or "", quote.get("suffix") or "")
        for quote in fields["evidence"]
    ]
    return {**fields, "evidence": [quote.model_dump() for quote in quotes]}


def _registration(actor: dict[str, Any], given: dict[str, Any], text: str | None) -> RegisterActor:
    slug, aliases = actor.pop("slug"), actor.pop("aliases", None) or ()
    named = _naming(ActorRegistered, {**actor, "actor_kind": actor["kind"]}, given, text)
    others = tuple(
        _naming(AliasAdded, {**alias, "alias_kind": alias["kind"]}, given, text)
        for alias in aliases
    )
    return RegisterActor(slug, named, others)


def _naming(
    model: type[Model], fields: dict[str, Any], given: dict[str, Any], text: str | None
) -> Model:
    fields.pop("kind")
    if fields.get("evidence"):
        if text is None:
            raise Malformed(
                f"evidence for {fields.get('name') or fields.get('alias')!r} needs the article that it quotes"
            )
        fields = {**_located(fields, text), "article": given["article"]}
    return _checked(model, {"by": given.get("by"), **fields})


def _checked(model: type[Model], fields: dict[str, Any]) -> Model:
    try:
        return model.model_validate(
            {name: value for name, value in fields.items() if value is not None}
        )
    except ValidationError as error:
        raise Malformed(problems_of(error)) from None


def _key(given: Any) -> str | None:
    key = _or_none(given)
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise Malformed(f"key: it has 1 to {MAX_KEY} characters, not {len(key)}")
    return cast("str | None", key)


def _or_none(value: Any) -> Any:
    return None if value is strawberry.UNSET else value
