"""When is a part read that was put off?  When its turn has come, and whoever asked has taken what was told before."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from api.collecting import Part
from api.reading import PartReader
from events.refusals import Refusal
from projections.reading.reader import TooSlow

PATIENCE: Final = 5.0
"""Seconds that reading the parts of one answer may take together; each has the time of a statement besides."""


class Later:
    """The parts of an answer that are put off, each read once when it is first needed, one after the other."""

    def __init__(self, read: PartReader, position: int) -> None:
        """`position`: as of which they are read."""
        self._read, self._position = read, position
        self._parts: dict[Part, Any] = {}
        """Their rows; or why there are none."""
        self._reading = asyncio.Lock()
        self._spent = 0.0
        self.wanted = asyncio.Event()
        """Set while the client waits for a part: none is read before it has taken the one before."""

    async def row(self, part: Part, path: Sequence[str | int]) -> Any:
        """What a part has of the object at a path.  Raises what reading it raises."""
        if part not in self._parts:
            async with self._reading:
                await asyncio.sleep(0)  # others have their turn
                await self.wanted.wait()
                if part not in self._parts:
                    self._parts[part] = await self._rows(part)
        row = self._parts[part]
        if isinstance(row, Refusal):
            raise row
        for step in path:
            row = row[step]
        return row

    async def _rows(self, part: Part) -> Any:
        if self._spent > PATIENCE:
            return TooSlow(f"the parts before took longer than {PATIENCE:g} s; put off less")
        began = monotonic()
        try:
            return (await self._read(part, self._position))[1]
        except Refusal as refusal:
            return refusal
        finally:
            self._spent += monotonic() - began
