"""A process that imports a file of the data set, to be killed: `python -m tests.faults.ucdp_importer DATABASE FILE STOP`.

It says `here` when so many months were appended, and goes on for a while, in which it is killed.
"""

import asyncio
import sys
import time
from itertools import count
from pathlib import Path
from typing import IO, Final

from seeds.ucdp.importing import import_ged
from tests.logs import sqlite_log

MORE: Final = 10
"""Months that are appended after it spoke, at most."""


async def run(database: str, rows: IO[bytes], stop: int) -> None:
    months = count(1)

    def told(_reached: int, _aim: int) -> None:
        done = next(months)
        if done == stop:
            print("here", flush=True)  # noqa: T201 - to the test that waits
        elif done == stop + MORE:
            time.sleep(60)

    async with sqlite_log(Path(database)) as log:
        await import_ged(log, rows, "ged.csv.gz", "test", lambda _: None, told)


if __name__ == "__main__":
    database, file, stop = sys.argv[1:]
    with Path(file).open("rb") as rows:
        asyncio.run(run(database, rows, int(stop)))
