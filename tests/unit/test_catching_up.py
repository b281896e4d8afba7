"""Do the views count each event once, however many catch them up?"""

import asyncio
from collections.abc import Collection
from pathlib import Path

from events.record import Recorded
from events.sqlite_log import SqliteLog
from projections.runner import Views
from projections.sqlite_views import SqliteViews
from seeds.dossier import load
from seeds.ingest import ingest
from tests.commands import DOSSIER, EVENTS
from tests.logs import World, sqlite_log


class Held(SqliteLog):
    """A log whose first answer is held back."""

    def __init__(self, log: SqliteLog) -> None:
        world = World()
        super().__init__(log._file, world.clock, world.new_id)
        self.asked, self.released = asyncio.Event(), asyncio.Event()

    async def read(
        self, after: int = 0, limit: int = 1000, streams: Collection[str] | None = None
    ) -> list[Recorded]:
        records = await super().read(after, limit, streams)
        if not self.asked.is_set():
            self.asked.set()
            await self.released.wait()
        return records


async def test_records_that_come_too_late_change_nothing(tmp_path: Path) -> None:
    async with sqlite_log(tmp_path / "communique.db") as log:
        await ingest(log, load(DOSSIER), "test")
        held = Held(log)
        views = Views(SqliteViews(log._file), held, batch=10)
        await views.prepare()
        late = asyncio.create_task(views.catch_up())
        await held.asked.wait()
        assert await views.catch_up() == EVENTS
        held.released.set()
        assert await late == EVENTS
        assert all(each.agrees for each in await views.rebuild())
