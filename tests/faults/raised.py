"""A process of the next version of the program: `python -m tests.faults.raised DATABASE`.

Every projection has a greater version.  Rebuilds the views, says the position, and keeps them up with the log until it is killed.
"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from projections import runner, sqlite_views, storing
from projections.folding import PROJECTIONS
from tests.views import opened


async def main() -> None:
    async with opened(Path(sys.argv[1])) as it:
        print(await it.views.catch_up(), flush=True)  # noqa: T201 - to the test that waits
        await it.views.follow()


if __name__ == "__main__":
    raised = tuple(replace(each, version=each.version + 1) for each in PROJECTIONS)
    for module in (runner, storing, sqlite_views):
        vars(module)["PROJECTIONS"] = raised
    asyncio.run(main())
