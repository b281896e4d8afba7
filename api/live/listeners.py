"""Who must be told?  Those whose interest a stretch of the log touches: what an event costs grows with them, not with all who listen.

The stretch is looked at once for all.  Being woken is a hint: whoever is woken reads from where they stand, by the same statements as
those who catch up with the past.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from api.live.interests import Token
from projections.runner import Views

PAUSE: Final = 1.0
"""Seconds after which it is tried again, where looking failed."""
LONG: Final = 2_000
"""Positions in a stretch that is not looked at: everybody is woken."""

Look = Callable[[str, int, int], Awaitable[Iterable[Token]]]
"""Gives the tokens of the rows of a type that were touched behind a position, up to another one."""

logger = logging.getLogger("communique")


class Listener:
    """Somebody who waits."""

    __slots__ = ("_touched", "_waiting", "tokens")

    def __init__(self) -> None:
        self.tokens: frozenset[Token] = frozenset()
        self._touched: int | None = None
        self._waiting: asyncio.Future[None] | None = None

    def touch(self, after: int) -> None:
        """Note that something behind a position may concern them."""
        if self._touched is None:
            self._touched = after
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def touched(self) -> int:
        """Wait until something may concern them; gives a position up to which nothing did since the last time."""
        if self._touched is None:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        assert self._touched is not None  # noqa: S101 - nothing else ends the waiting
        after, self._touched = self._touched, None
        return after


class Listeners:
    """All who wait for what the views come to say.  Nothing is done while nobody does."""

    def __init__(self, views: Views, look: Look) -> None:
        self._views, self._look = views, look
        self._by_token: defaultdict[Token, set[Listener]] = defaultdict(set)
        self._types: defaultdict[str, int] = defaultdict(int)
        """How many tokens of each type there are."""
        self._all: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = 0
        self.gaps: Counter[str] = Counter()
        """How many gaps were told, by their reasons."""

    def __len__(self) -> int:
        return len(self._all)

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """Somebody who is woken from now on: what they read afterwards, and what wakes them, leaves no gap."""
        listener = Listener()
        self._all.add(listener)
        if self._task is None:
            self._seen = self._views.position
            self._task = asyncio.create_task(self._watch())
        try:
            yield listener
        finally:
            self.expect(listener, ())
            self._all.discard(listener)
            if not self._all and self._task is not None:
                self._task.cancel()
                self._task = None

    def expect(self, listener: Listener, tokens: Iterable[Token]) -> None:
        """Wake somebody by these tokens, and no others."""
        before, listener.tokens = listener.tokens, frozenset(tokens)
        for token in before - listener.tokens:
            self._by_token[token].discard(listener)
            self._types[token[0]] -= 1
            if not self._by_token[token]:
                del self._by_token[token]
        for token in listener.tokens - before:
            self._by_token[token].add(listener)
            self._types[token[0]] += 1

    async def _watch(self) -> None:
        while True:
            await self._views.reached(self._seen + 1)
            after, until = self._seen, self._views.position
            self._seen = until
            try:
                concerned = await self._concerned(after, until)
            except Exception:
                logger.exception("nobody could be told by name of positions %d to %d", after, until)
                concerned = set(self._all)
                await asyncio.sleep(PAUSE)
            for listener in concerned:
                listener.touch(after)

    async def _concerned(self, after: int, until: int) -> set[Listener]:
        if until - after > LONG:
            return set(self._all)
        types = [type_ for type_, number in self._types.items() if number]
        concerned: set[Listener] = set()
        for type_ in types:
            for token in await self._look(type_, after, until):
                concerned |= self._by_token.get(token, set())
        return concerned
