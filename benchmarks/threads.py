"""Do the reads of a SQLite database belong into the event loop, or into threads?

    python -m benchmarks.threads [DIRECTORY] [--events N] [--rounds N]

Sixteen tasks of one loop read as fast as they can: the page of an actor, or, four of them, lists of 50 actors, which take some ten times as
long.  In the loop there is one connection; beside it, two or four threads have one each, and a read is handed over to one that is free.
Told are rates, and how long the page of an actor took, waiting included.  A statement lets go of the interpreter while SQLite works,
so threads can use more than one core.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

import uvloop

from api.reading import Reading
from api.schema import schema
from benchmarks import kept
from benchmarks.harness import at_once, show
from benchmarks.read.operations import PRODUCT
from events.sqlite import SqliteFile
from projections.reading.plan import Plan
from projections.reading.sqlite_reader import SqliteReader

TASKS: Final = 16
SECONDS: Final = 2.0
PATIENCE: Final = 10.0
SHORT, LONG = "actor page", "50 actors"
MIXES: Final = {"actor pages": 0, "with lists": 4}
"""How many of the tasks read lists."""

Read = Callable[[str], Awaitable[object]]


class Place:
    """Where reads are done: in the loop, or in so many threads."""

    def __init__(self, file: SqliteFile, threads: int, held: ExitStack) -> None:
        readers = [SqliteReader(file.reader(), PATIENCE) for _ in range(threads or 1)]
        for reader in readers:
            held.enter_context(closing(reader))
        self._free: asyncio.LifoQueue[SqliteReader] = asyncio.LifoQueue()
        for reader in readers:
            self._free.put_nowait(reader)
        self._pool = ThreadPoolExecutor(threads) if threads else None
        if self._pool:
            held.enter_context(self._pool)
        self._asked = {name: _planned(file, name) for name in (SHORT, LONG)}

    async def read(self, name: str) -> object:
        """One read, from where it is asked for until its answer is there."""
        plan, given = self._asked[name]
        reader = await self._free.get()
        try:
            if self._pool is None:
                return await reader.run(plan, given)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, at_once, reader.run(plan, given))
        finally:
            self._free.put_nowait(reader)


class _Noting(SqliteReader):
    """A reader that notes what it ran, and the values that it was given for it."""

    ran: tuple[Plan, Sequence[Any]]

    async def run(self, plan: Plan, given: Sequence[Any]) -> tuple[int, str]:
        self.ran = plan, given
        return await super().run(plan, given)


def _planned(file: SqliteFile, name: str) -> tuple[Plan, Sequence[Any]]:
    """A plan, and the values for it."""
    with closing(_Noting(file.reader(), PATIENCE)) as reader:
        answer = Reading(schema()._schema, reader).answer
        at_once(answer(PRODUCT[name].document, None, {"slug": "actor-7"}))
        return reader.ran


async def _measured(read: Read, lists: int) -> tuple[float, float, float, float]:
    """Pages and lists a second, and the p50 and p99 of pages in seconds."""
    took: dict[str, list[float]] = {SHORT: [], LONG: []}
    end = perf_counter() + SECONDS

    async def ask(name: str) -> None:
        last = perf_counter()
        while last < end:
            await asyncio.sleep(0)  # others have their turn
            await read(name)
            now = perf_counter()
            took[name].append(now - last)
            last = now

    await asyncio.gather(*(ask(LONG if n < lists else SHORT) for n in range(TASKS)))
    of_pages = quantiles(took[SHORT], n=100)
    return len(took[SHORT]) / SECONDS, len(took[LONG]) / SECONDS, of_pages[49], of_pages[98]


async def _compared(file: SqliteFile, rounds: int) -> list[tuple[str, ...]]:
    rows = []
    with ExitStack() as held:
        places = {n: Place(file, n, held) for n in (0, 2, 4)}
        for mix, lists in MIXES.items():
            found: dict[int, list[tuple[float, ...]]] = {n: [] for n in places}
            for _ in range(rounds):
                for threads, place in places.items():
                    found[threads].append(await _measured(place.read, lists))
            for threads, each in found.items():
                pages, long, p50, p99 = (median(values) for values in zip(*each, strict=True))
                where = f"{threads} threads" if threads else "loop"
                times = (f"{seconds * 1e3:.2f}" for seconds in (p50, p99))
                rows.append((f"{mix}, {where}", f"{pages:,.0f}", f"{long:,.0f}", *times))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=Path())
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with (
        kept.folder(arguments.keep, arguments.directory) as inside,
        kept.data("sqlite", arguments.events, inside) as data,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        file = SqliteFile(Path(data.url.removeprefix("sqlite:///")))
        rows = runner.run(_compared(file, arguments.rounds))
    columns = ("reads by 16 tasks", "pages/s", "lists/s", "p50 ms of a page", "p99 ms")
    show(f"Reading in the loop or in threads, {arguments.events:,} events", columns, rows)


if __name__ == "__main__":
    main()
