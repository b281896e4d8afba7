"""What does a subscription tell?  Updates, each with its cursor: all since the client was here, and then what comes.

Reading goes on when the client has taken what was read before; so nothing is kept for anybody, and a slow client is only further behind.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.changes import CaughtUp, Gap, GapReason
from api.context import Context
from api.live.interests import wanted
from api.live.listeners import Listener
from api.scalars import Position
from events.refusals import Malformed
from projections.reading.places import LAST, Place
from projections.views.changes import GAP
from projections.views.touching import LOG_ENTRY

SPAN: Final = 500
"""Positions that are looked at in one statement: few, so that others have their turn while somebody is told a long history."""

Values = Mapping[str, Any]
Row = tuple[str, str, Any]
"""A cursor, a kind, and what is shown."""
Read = Callable[..., Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Update:
    """What a subscription tells at a time."""

    place: Place
    """Where who was told it stands: who continues there misses nothing, and gets nothing twice."""
    value: Any
    """The value of the subscription's field."""


class Following:
    """One client being told a list."""

    def __init__(
        self, context: Context, type_: str, conditions: Values, listener: Listener
    ) -> None:
        self._context, self._type, self._conditions = context, type_, conditions
        self._listener = listener
        self.place = Place(0)

    async def begin(self, place: Place) -> None:
        """Begin behind a place, which the views must have reached.  Raises PositionNotReached."""
        await self._context.reached(place.position)
        self.place = place
        await self.expect()

    async def expect(self) -> None:
        """Be woken by what the conditions mean now."""
        tokens = await wanted(self._type, self._conditions, self._context.reading.standing)
        self._context.listeners.expect(self._listener, tokens)

    @property
    def told(self) -> int:
        """The position up to which all was told."""
        return self.place.position - (self.place.key != LAST)

    @property
    def behind(self) -> int:
        """How many positions the views are ahead."""
        return self._context.views.position - self.told

    @property
    def has_all(self) -> bool:
        """Whether there is nothing more to be told now."""
        return self.behind <= 0

    async def step(self, read: Read) -> list[Row]:
        """What is next, if anything is; all that is not among it, up to the new place, is of no interest."""
        until = min(self._context.views.position, self.place.position + SPAN)
        found = await read(self.place.position, self.place.key, until)
        self.place = Place.parse(found["until"])
        return [(cursor, kind, value) for cursor, kind, value in found["told"]]

    async def more(self) -> None:
        """Return when there may be more."""
        if self.has_all:
            nothing_up_to = await self._listener.touched()
            self.place = Place(max(self.place.position, nothing_up_to))
        else:
            await asyncio.sleep(0)  # others have their turn


async def entries(
    context: Context, info: Any, after: int | None, conditions: Values
) -> AsyncIterator[Update]:
    """The records of the log that fit, in order of position."""
    read = context.reading.prepared(info, "entries", "position", "key", "until")
    with context.listeners.listening() as listener:
        following = Following(context, LOG_ENTRY, conditions, listener)
        await following.begin(_start(context, None if after is None else str(after)) or Place(0))
        if following.place.key != LAST:
            raise Malformed("the log is followed from a position on, as its own cursors say it")
        while True:
            for cursor, _, value in await following.step(read):
                yield Update(Place.parse(cursor), value)
            await following.more()


async def changes(
    context: Context,
    info: Any,
    type_: str,
    after: str | None,
    conditions: Values,
    most_behind: int | None,
) -> AsyncIterator[Update]:
    """What changes in the list of a type's nodes that fit; the list itself first, if nothing was seen of it."""
    names = ("position", "key", "until")
    listed = context.reading.prepared(info, f"{type_}Listing", *names)
    changed = context.reading.prepared(info, f"{type_}Changes", *names)
    is_caught_up = False
    with context.listeners.listening() as listener:
        following = Following(context, type_, conditions, listener)
        await following.begin(
            _start(context, after) or Place(context.views.position, "", listing=True)
        )
        while True:
            place = following.place
            if most_behind is not None and following.behind > most_behind and not place.listing:
                told_up_to = following.told
                following.place = place = Place(context.views.position)
                yield _gap(context, place, told_up_to, GapReason.LAG)
            for cursor, kind, value in await following.step(listed if place.listing else changed):
                told = Place.parse(cursor)
                if kind == GAP:
                    await following.expect()
                    yield _gap(context, told, told.position - 1, GapReason.MERGE)
                else:
                    yield Update(told, value)
            if following.has_all and not is_caught_up:
                is_caught_up = True
                yield _caught_up(following.place)
            await following.more()


def _start(context: Context, after: str | None) -> Place | None:
    """Where a client stands, by what it says on reconnecting, or else by the argument.  Raises BadCursor."""
    cursor = after if context.since is None else context.since
    return None if cursor is None else Place.parse(cursor)


def _gap(context: Context, place: Place, start: int, reason: GapReason) -> Update:
    context.listeners.gaps[reason.name.lower()] += 1
    gap = Gap(
        cursor=str(place),
        position=Position(place.position),
        from_=Position(start),
        to=Position(place.position),
        reason=reason,
    )
    return Update(place, gap)


def _caught_up(place: Place) -> Update:
    return Update(place, CaughtUp(cursor=str(place), position=Position(place.position)))
