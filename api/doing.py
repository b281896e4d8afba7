"""How is a mutation done?  Its commands are decided and appended, and the answer waits for the views; or it says why not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import strawberry
from pydantic import ValidationError

from api.context import Context
from api.problems import problem_of
from api.results import Recorded
from api.scalars import Position
from events.handling import Command, handle, read_world
from events.log import EventLog
from events.quotes import locate
from events.refusals import LogUnavailable, Malformed, Refusal, UnknownArticle
from events.vocabulary import problems as problems_of

Info = strawberry.Info[Context, None]

PATIENCE = 10.0
"""Seconds that a mutation waits for the views to reflect what it wrote."""
MAX_KEY = 200
"""Characters that a key may have."""


async def done(
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
            expected=or_none(expected),
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


async def text_of(log: EventLog, slug: str) -> str:
    article = (await read_world(log, [slug], ())).articles[slug].article
    if article is None:
        raise UnknownArticle(f"there is no article {slug!r}; ingest it first")
    return article.text


def located(fields: dict[str, Any], text: str) -> dict[str, Any]:
    """The fields with the offsets of their quotes, found in the text.  Raises QuoteNotFound."""
    if not fields.get("evidence"):
        return fields
    quotes = [
        locate(text, quote["exact"], quote.get("prefix") or "", quote.get("suffix") or "")
        for quote in fields["evidence"]
    ]
    return {**fields, "evidence": [quote.model_dump() for quote in quotes]}


def _key(given: Any) -> str | None:
    key = or_none(given)
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise Malformed(f"key: it has 1 to {MAX_KEY} characters, not {len(key)}")
    if key is not None and "\0" in key:
        raise Malformed("key: it has no U+0000")
    return cast("str | None", key)


def or_none(value: Any) -> Any:
    return None if value is strawberry.UNSET else value
