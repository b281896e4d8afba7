"""A process that copies a log, to be killed: `python -m tests.faults.copier SOURCE TARGET STOP`, each a path or a URL.

It says `here` when the target has drawn the record at position STOP, and waits there, in the middle of a batch.
"""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from unittest.mock import patch

from events.copying import compare, fill
from events.log import EventLog
from events.record import Recorded
from tests.logs import log_at


def stopping(records: Iterable[Recorded], stop: int) -> Iterator[Recorded]:
    for record in records:
        if record.position == stop:
            print("here", flush=True)  # noqa: T201 - to the test that waits
            time.sleep(60)
        yield record


async def copy(source: EventLog, target: EventLog, stop: int) -> None:
    restore = target.restore

    async def slowly(records: Iterable[Recorded], after: int = 0) -> int:
        return await restore(stopping(records, stop), after)

    begun = await target.head()
    await compare(source, target, begun)
    with patch.object(target, "restore", slowly):
        await fill(source, target, begun, await source.head())


async def main() -> None:
    source, target, stop = sys.argv[1:]
    async with log_at(source) as log, log_at(target) as copied:
        await copy(log, copied, int(stop))


if __name__ == "__main__":
    asyncio.run(main())
