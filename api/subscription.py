"""What can be followed?  The subscriptions."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import strawberry

from api.context import Context
from api.filters import LogFilter
from api.live.updates import Update, batches
from api.nodes import LogEntry
from api.nouns import noun
from api.scalars import Position
from api.vocabulary import as_value
from events.record import Recorded

Info = strawberry.Info[Context, None]


@noun
class Subscription:
    """What can be followed."""

    @strawberry.subscription(
        description="The log from a position on, in order, once, and then live.",
        graphql_type=LogEntry,
    )
    async def log(
        self,
        info: Info,
        after: Annotated[
            Position | None,
            strawberry.argument(
                description="The last position seen; from the beginning if nothing is said."
            ),
        ] = None,
        filter: Annotated[
            LogFilter | None, strawberry.argument(description="Only records that fit all of this.")
        ] = None,
    ) -> AsyncIterator[Any]:
        wanted = {
            name: value for name, value in (as_value(filter) or {}).items() if value is not None
        }
        read = info.context.reading.prepared(info._raw_info, "nodes", "ids")
        async for batch in batches(info.context, after):
            fitting = [record.position for record in batch if _fits(record, wanted)]
            ids = [f"LogEntry:{position}" for position in fitting]
            rows = await read(ids) if fitting else ()
            for position, row in zip(fitting, rows, strict=True):
                yield Update(position, row)


def _fits(record: Recorded, wanted: dict[str, Any]) -> bool:
    """Whether a record fits a filter; the same conditions as the list of the log has."""
    conditions: dict[str, Callable[[Any], bool]] = {
        "stream": lambda value: record.stream == value,
        "article": lambda value: record.stream == f"article/{value}",
        "kinds": lambda value: record.kind in {kind.value for kind in value},
        "recorder": lambda value: record.envelope["recorder"] == value,
        "recorded_from": lambda value: record.recorded_at >= value,
        "recorded_to": lambda value: record.recorded_at <= value,
    }
    return all(conditions[name](value) for name, value in wanted.items())
