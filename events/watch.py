"""Has somebody committed?  A hint for those who follow, whatever the engine."""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar

from events.refusals import LogUnavailable


class Watch(ABC):
    """Tells of commits: of this process at once, of others when the engine looks for them.

    The hint may come without a cause, but never stays away.
    """

    FIRST: ClassVar[float]
    """Seconds until the first look, once somebody waits."""
    POLL: ClassVar[float]
    """Seconds between two looks; nobody looks while nobody waits."""

    def __init__(self, name: str) -> None:
        """Watch what messages call by this name."""
        self.commits = 0
        self._name = name
        self._changed = asyncio.Event()
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def changed(self, since: int) -> None:
        """Return when `commits` is no longer `since`.

        Raises LogUnavailable when what is watched is closed.
        """
        while self.commits == since:
            if self._closed:
                raise LogUnavailable(f"{self._name} was closed")
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self.FIRST, self._look)
            self._waiting += 1
            try:
                await self._changed.wait()
            finally:
                self._waiting -= 1

    def committed(self) -> None:
        """Tell that somebody has committed."""
        self.commits += 1
        self._wake()

    def close(self) -> None:
        """Send home all who wait."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._wake()

    @abstractmethod
    def others_committed(self) -> bool:
        """Whether others may have committed since the last look."""

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.POLL, self._look) if self._waiting else None
        if self.others_committed():
            self.committed()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
