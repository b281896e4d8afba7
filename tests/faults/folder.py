"""A process that folds, to be killed or raced: `python -m tests.faults.folder PLACE BATCH MODE`.

PLACE is a path or a URL.  Prints the position that it reached after every batch that it folded.  Modes: `fold` (until the views are
where the log ends), `rebuild` (all of them, in the place of those that are there) and `follow` (without end).
"""

import asyncio
import sys
from collections.abc import Sequence

from events.record import Recorded
from tests.views import Opened, opened_at


def said(position: int, _: int) -> None:
    print(position, flush=True)  # noqa: T201 - to the test that waits


async def main() -> None:
    place, batch, mode = sys.argv[1:]
    async with opened_at(place, int(batch)) as it:
        match mode:
            case "fold":
                await it.views.catch_up(said)
            case "rebuild":
                await it.views.rebuild(progress=said)
            case _:
                tell(it)
                await it.views.follow()


def tell(it: Opened) -> None:
    """Say what is folded here."""
    advance = it.store.advance

    async def telling(records: Sequence[Recorded], after: int) -> None:
        await advance(records, after)
        said(records[-1].position, 0)

    vars(it.store)["advance"] = telling


if __name__ == "__main__":
    asyncio.run(main())
