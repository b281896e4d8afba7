"""How are articles, actors and reports recorded?"""

import re
from hashlib import sha256
from typing import Any, TypeVar

import strawberry
from pydantic import ValidationError

from api.doing import Info, done, located, text_of
from api.inputs import IngestArticleInput, RecordInput, RegisterActorsInput
from api.nouns import noun
from api.results import IngestArticleResult, RecordResult, RegisterActorsResult
from api.vocabulary import as_value
from events.actor import RegisterActor
from events.actors import ActorRegistered, AliasAdded
from events.article_commands import IngestArticle, RecordReports
from events.canonical import canonical
from events.handling import Command
from events.refusals import Malformed
from events.sources import ArticleIngested
from events.values import Value
from events.vocabulary import AnyReport, report_of
from events.vocabulary import problems as problems_of

Model = TypeVar("Model", bound=Value)


@noun
class Recording:
    """What can be recorded."""

    @strawberry.mutation(
        description="Takes an article into the log.", graphql_type=IngestArticleResult
    )
    async def ingest_article(self, info: Info, input: IngestArticleInput) -> Any:
        async def commands() -> list[Command]:
            fields = as_value(input)
            slug, _ = fields.pop("slug"), fields.pop("key", None)
            digest = sha256(input.text.encode()).hexdigest()
            return [IngestArticle(slug, _checked(ArticleIngested, {**fields, "sha256": digest}))]

        return await done(info, commands, key=input.key, article=input.slug)

    @strawberry.mutation(
        description="Makes actors known; all or none.", graphql_type=RegisterActorsResult
    )
    async def register_actors(self, info: Info, input: RegisterActorsInput) -> Any:
        async def commands() -> list[Command]:
            text = await text_of(info.context.log, input.article) if input.article else None
            return [_registration(each, as_value(input), text) for each in as_value(input.actors)]

        slugs = [actor.slug for actor in input.actors]
        return await done(info, commands, key=input.key, actors=slugs)

    @strawberry.mutation(
        description="Appends all reports or none. `expectedVersion` guards the article's stream, `key` makes a retry safe.",
        graphql_type=RecordResult,
    )
    async def record(self, info: Info, input: RecordInput) -> Any:
        keys: list[str] = []

        async def commands() -> list[Command]:
            text = await text_of(info.context.log, input.article)
            reports = tuple(_report(each, text) for each in input.reports)
            keys[:] = [f"{input.article}/{report.ref}" for report in reports]
            return [RecordReports(input.article, reports)]

        return await done(
            info,
            commands,
            key=input.key,
            expected=input.expected_version,
            article=input.article,
            reports=keys,
        )


def _report(given: Any, text: str) -> AnyReport:
    ((field, fields),) = as_value(given).items()
    kind = f"{field[0].upper()}{field[1:]}"
    told = located(fields, text)
    if "ref" not in told:
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()
        told["ref"] = f"{words}-{sha256(canonical(told)).hexdigest()[:12]}"
    return report_of(kind, told)


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
        fields = {**located(fields, text), "article": given["article"]}
    return _checked(model, {"by": given.get("by"), **fields})


def _checked(model: type[Model], fields: dict[str, Any]) -> Model:
    try:
        return model.model_validate(
            {name: value for name, value in fields.items() if value is not None}
        )
    except ValidationError as error:
        raise Malformed(problems_of(error)) from None
