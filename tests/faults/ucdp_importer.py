"""A process that imports a file of the data set, to be killed: `python -m tests.faults.ucdp_importer DATABASE FILE STOP`.

It says `here` when so many months were appended, and goes on.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path
from typing import IO

from seeds.ucdp.importing import import_ged
from tests.logs import sqlite_log


async def run(database: str, rows: IO[bytes], stop: int) -> None:
    months = count(1)

    def told(_reached: int, _aim: int) -> None:
        if next(months) == stop:
            print("here", flush=True)  # noqa: T201 - to the test that waits

    async with sqlite_log(Path(database)) as log:
        await import_ged(log, rows, "ged.csv.gz", "test", lambda _: None, told)


if __name__ == "__main__":
    database, file, stop = sys.argv[1:]
    with Path(file).open("rb") as rows:
        asyncio.run(run(database, rows, int(stop)))
