"""When is an answer given again?  While the views are where they were when it was read: so it is exact, and needs no time-out."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

from api.reading import Found, Outcome
from api.remembered import Remembered

OVERHEAD: Final = 500
"""Bytes that an answer takes up beside its data and the texts of its key."""
SHARE: Final = 8
"""An answer that takes up more than this part of the cache is not kept, since many would be forgotten for it."""

Key = tuple[Hashable, ...]


class Results:
    """What queries found.  Those who ask for the same at the same time share one statement."""

    def __init__(self, size: int) -> None:
        """`size`: about how many bytes may be kept."""
        self._kept: Remembered[Found] = Remembered(size, _weight)
        self._largest = size // SHARE
        self._being_read: dict[tuple[Key, int], asyncio.Future[Outcome]] = {}
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        """About how many bytes are kept."""
        return self._kept.weight

    async def answer(
        self, key: Key, newest: int, read: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        """What is kept under a key if it reflects the newest position, or is settled; or else what is read now.

        Raises what reading raises.
        """
        while True:
            if kept := self._current(key, newest):
                self.hits += 1
                return kept
            reading = self._being_read.get((key, newest))
            if reading is None:
                self.misses += 1
                return await self._read(key, newest, read)
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                if not reading.cancelled():
                    raise
                # It was read for somebody who has gone: somebody else has to.

    def _current(self, key: Key, newest: int) -> Found | None:
        if key not in self._kept:
            return None
        kept = self._kept[key]
        if kept.settled:
            return kept._replace(position=max(kept.position, newest))
        return kept if kept.position >= newest else None

    async def _read(self, key: Key, newest: int, read: Callable[[], Awaitable[Outcome]]) -> Outcome:
        reading = asyncio.get_running_loop().create_future()
        self._being_read[key, newest] = reading
        try:
            answer = await read()
        except Exception as error:
            reading.set_exception(error)
            reading.exception()  # which need not interest anybody else
            raise
        else:
            reading.set_result(answer)
            if isinstance(answer, Found) and self._may_be_kept(key, answer):
                self._kept[key] = answer
            return answer
        finally:
            del self._being_read[key, newest]
            reading.cancel()

    def _may_be_kept(self, key: Key, found: Found) -> bool:
        return found.repeatable and _weight(key, found) <= self._largest


def _weight(key: Key, found: Found) -> int:
    return (
        OVERHEAD + len(found.data) + sum(len(each) for each in key if isinstance(each, str | bytes))
    )
