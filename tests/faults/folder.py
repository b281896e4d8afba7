"""A process that folds, to be killed or raced: `python -m tests.faults.folder DATABASE BATCH MODE`.

Prints the position that it reached after every batch.  Modes: `fold` (until the views are where
the log ends) and `rebuild` (all of them, in the place of those that are there).
"""

import asyncio
import sys
from pathlib import Path

from tests.views import opened


def said(position: int, _: int) -> None:
    print(position, flush=True)  # noqa: T201 - to the test that waits


async def main() -> None:
    path, batch, mode = sys.argv[1:]
    async with opened(Path(path), int(batch)) as it:
        if mode == "fold":
            await it.views.catch_up(said)
        else:
            await it.views.rebuild(progress=said)


if __name__ == "__main__":
    asyncio.run(main())
