"""A process that imports a log, to be killed: `python -m tests.faults.importer DATABASE FILE STOP`.

It says `here` when it has drawn so many lines, and waits there, in the middle of its transaction.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from events.exchange import import_lines
from tests.logs import sqlite_log


def until(stop: int, file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number == stop:
                print("here", flush=True)  # noqa: T201 - to the test that waits
                time.sleep(60)
            yield line


async def main() -> None:
    database, file, stop = sys.argv[1:]
    async with sqlite_log(Path(database)) as log:
        await import_lines(log, until(int(stop), Path(file)))


if __name__ == "__main__":
    asyncio.run(main())
