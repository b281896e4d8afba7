"""What can be followed?  The subscriptions."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import strawberry

from api.changes import ActorChange, RelationChange, ReportChange
from api.context import Context
from api.filters import ActorFilter, LogFilter, RelationFilter, TimelineFilter
from api.live.updates import changes, entries
from api.nodes import LogEntry
from api.nouns import noun
from api.scalars import Position
from api.vocabulary import as_value

Info = strawberry.Info[Context, None]

After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor that you were told last, or `extensions.position` of a query, as a text: you are told every change"
        " since, once and in order. Left out, you are told the list as it is first. A position that the views do not reflect yet"
        " is waited for, some seconds at most."
    ),
]
MaxLag = Annotated[
    Position | None,
    strawberry.argument(
        description="How many positions you may be behind; if you are further, you are told a `Gap` instead of what you missed."
        " Left out, nothing is skipped."
    ),
]


def _only(what: str) -> Any:
    return strawberry.argument(description=f"Only {what} that fit all of this.")


@noun
class Subscription:
    """What can be followed."""

    @strawberry.subscription(
        description="The log from a position on, in order, once, and then live.",
        graphql_type=LogEntry,
    )
    def log(
        self,
        info: Info,
        after: Annotated[
            Position | None,
            strawberry.argument(
                description="The last position seen; from the beginning if nothing is said."
            ),
        ] = None,
        filter: Annotated[LogFilter | None, _only("records")] = None,
    ) -> AsyncIterator[Any]:
        return entries(info.context, info._raw_info, after, _conditions(filter))

    @strawberry.subscription(
        description="What changes in the list of relations. That more reports say so, or fewer, is no change.",
        graphql_type=RelationChange,
    )
    def relation_changes(
        self,
        info: Info,
        after: After = None,
        filter: Annotated[RelationFilter | None, _only("relations")] = None,
        max_lag: MaxLag = None,
    ) -> AsyncIterator[Any]:
        return changes(
            info.context, info._raw_info, "Relation", after, _conditions(filter), max_lag
        )

    @strawberry.subscription(
        description="What changes in the list of actors, their aliases included. A merged actor is removed, for another stands for it.",
        graphql_type=ActorChange,
    )
    def actor_changes(
        self,
        info: Info,
        after: After = None,
        filter: Annotated[ActorFilter | None, _only("actors")] = None,
        max_lag: MaxLag = None,
    ) -> AsyncIterator[Any]:
        return changes(info.context, info._raw_info, "Actor", after, _conditions(filter), max_lag)

    @strawberry.subscription(
        description="What changes in the timeline: reports come, are corrected, disputed, and retracted, which removes them"
        " unless the filter includes those that were.",
        graphql_type=ReportChange,
    )
    def report_changes(
        self,
        info: Info,
        after: After = None,
        filter: Annotated[TimelineFilter | None, _only("reports")] = None,
        max_lag: MaxLag = None,
    ) -> AsyncIterator[Any]:
        return changes(info.context, info._raw_info, "Report", after, _conditions(filter), max_lag)


def _conditions(filter: Any) -> dict[str, Any]:
    """What a filter says, without what says nothing."""
    given = as_value(filter) or {}
    return {name: value for name, value in given.items() if value is not None}
