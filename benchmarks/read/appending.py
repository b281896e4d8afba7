"""What changes while a server answers?  Another actor is told of every second, by a process of its own.

python -m benchmarks.read.appending DATABASE_URL
"""

import asyncio
import sys
from typing import Final
from uuid import uuid4

from api.composition import opened_log
from api.settings import Settings
from benchmarks.history import PROVENANCE, told
from events.log import Write

PAUSE: Final = 1.0
"""Seconds between two events."""


async def append(url: str) -> None:
    """Append without end."""
    async with opened_log(Settings(database_url=url), make=False) as (_, log):
        print("appending to", url, flush=True)
        while True:
            slug = f"late-{uuid4()}"
            actor = told("ActorRegistered", actor_kind="state", name=slug)
            await log.append([Write(f"actor/{slug}", [actor])], PROVENANCE)
            await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    asyncio.run(append(sys.argv[1]))
