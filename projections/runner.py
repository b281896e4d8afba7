"""How do the views follow the log?  One runner, in batches; rows and checkpoint commit together, so each event counts exactly once."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from events.log import EventLog
from events.record import Recorded
from projections.digests import VIEWS
from projections.folding import PROJECTIONS, Projection
from projections.storing import Rebuilt, Store, ViewsReplaced

BATCH: Final = 1000
"""Events that are folded together."""

Progress = Callable[[int, int], None]
"""Told (position reached, position aimed at)."""


class Views:
    """The views in a store, following a log."""

    def __init__(self, store: Store, log: EventLog, batch: int = BATCH) -> None:
        self._store, self._log, self._batch = store, log, batch
        self._advanced = asyncio.Condition()
        self.position = 0
        """How far the views have followed the log, as far as this process knows."""

    async def prepare(self) -> None:
        """Make the tables that are missing, and rebuild those that an older version of their fold wrote.

        What a rebuild that was cut off left behind is cleared away.
        """
        await self._store.create_missing()
        self.position = await self._store.position()
        if await self._store.stale():
            async with self._store.turn():
                await self._replace(await self._store.stale(), None)
        elif await self._store.beside():
            async with self._store.turn(wait=False) as nobody_rebuilds:
                if nobody_rebuilds:
                    await self._store.drop(await self._store.beside())

    async def outdated(self) -> list[str]:
        """The projections that `prepare` would rebuild, since another version of their fold wrote them."""
        return [projection.name for projection in await self._store.stale()]

    async def checkpoints(self) -> dict[str, int]:
        """How far each projection has followed the log."""
        found = await self._store.inspect(lambda live: live.checkpoints())
        return {name: position for name, (_, position) in found.items()}

    async def catch_up(self, progress: Progress | None = None) -> int:
        """Fold what the log has beyond the views; gives the position reached.  Raises ViewsReplaced."""
        while records := await self._log.read(self.position, self._batch):
            await self._advance(records)
            if progress:
                progress(self.position, await self._log.head())
        return self.position

    async def follow(self) -> None:
        """Keep up with the log, without end: fold what is new, or note how far another process has.  Raises ViewsReplaced."""
        async with self._store.leading() as leads:
            while True:
                seen = self._store.commits
                before = self.position
                if await leads():
                    await self.catch_up()
                else:
                    await self._reach(await self._store.position())
                if self.position == before:
                    await self._store.changed(since=seen)

    async def reached(self, position: int) -> None:
        """Return once the views reflect a position."""
        async with self._advanced:
            await self._advanced.wait_for(lambda: self.position >= position)

    async def rebuild(
        self, views: Sequence[str] = (), progress: Progress | None = None
    ) -> list[Rebuilt]:
        """Fold the whole log into fresh tables beside the live ones, and put them in their place.

        Readers never wait and never see a mixture; appends go on; another rebuild waits.  Names no view: all of them.
        """
        wanted = [view for view in VIEWS if not views or view.name in views]
        names = {view.projection for view in wanted}
        async with self._store.turn():
            replaced = await self._replace([p for p in PROJECTIONS if p.name in names], progress)
        return [each for each in replaced if not views or each.view in views]

    async def _advance(self, records: Sequence[Recorded]) -> None:
        after = records[0].position - 1  # `position` may have moved while they were read
        try:
            await self._store.advance(records, after)
        except ViewsReplaced:
            await self._reach(await self._store.position())
            raise
        await self._reach(await self._store.position())

    async def _reach(self, position: int) -> None:
        async with self._advanced:
            self.position = max(self.position, position)
            self._advanced.notify_all()

    async def _replace(
        self, projections: Sequence[Projection], progress: Progress | None
    ) -> list[Rebuilt]:
        if not projections:
            return []
        prefix = await self._store.create_fresh()
        try:
            position = await self._build(prefix, 0, progress)
            rebuilt = await self._store.compare(projections, prefix, position)
            while not await self._store.switch(projections, prefix, position):
                position = await self._build(prefix, position, progress)
        finally:
            await self._store.drop(await self._store.beside())
        return rebuilt

    async def _build(self, prefix: str, position: int, progress: Progress | None) -> int:
        """Bring fresh tables to where the live ones are."""
        aim = await self._store.position()
        while position < aim:
            records = await self._log.read(position, min(self._batch, aim - position))
            await self._store.fill(prefix, records)
            position = records[-1].position
            if progress:
                progress(position, aim)
        return position
