"""How soon is the first part of an answer there, if the rest is put off?

    python -m benchmarks.incremental

Queries on a log of some events, in process, with and without their directives: the time to the first part, to the last one, and to the
same answer at once.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from api.access.callers import ANONYMOUS
from api.app import operations_of
from api.composition import opened
from api.engines import reader_of
from api.operations import Operations
from api.requests import Asked
from api.settings import Settings
from benchmarks.engines import make
from benchmarks.harness import show

EVENTS = 20_000
ROUNDS = 15
QUERIES = {
    "grounds of 100 relations, behind their ids": (
        "{ relations(first: 100) { nodes { id ... @defer { because { rule evidence { exact } entry { recordedAt } } } } } }"
    ),
    "a list, behind a count": (
        "{ actors { totalCount } ... @defer { l: actors(first: 200) { nodes { name relations(first: 5) { totalCount nodes { id } } } } } }"
    ),
    "a list behind its beginning": (
        "{ actors(first: 200) { nodes @stream(initialCount: 5) { name relations(first: 5) { totalCount nodes { id } } } } }"
    ),
}


async def spent(operations: Operations, query: str) -> tuple[float, float]:
    """The least seconds to the first part of an answer and to its last."""
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        began, times = perf_counter(), list[float]()
        async for _answer in operations.answers(Asked(query, None, {}), ANONYMOUS):
            times.append(perf_counter() - began)
        best = [min(best[0], times[0]), min(best[1], times[-1])]
    return best[0], best[1]


async def measured() -> list[list[str]]:
    rows = []
    with TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'communique.db'}"
        await make(url, EVENTS)
        settings = Settings(database_url=url, result_cache=0)
        async with opened(settings, follow=False) as system:
            await system.views.catch_up()
            operations = operations_of(
                system.log, system.views, reader_of(system.file, settings.query_timeout), settings
            )
            for name, query in QUERIES.items():
                at_once = query.replace("@defer", "").replace("@stream(initialCount: 5)", "")
                times = [*await spent(operations, query), (await spent(operations, at_once))[1]]
                rows.append([name, *(f"{each * 1e3:.1f}" for each in times)])
    return rows


def main() -> None:
    columns = ["ms", "first part", "last part", "at once"]
    show(f"Answers in parts, {EVENTS:,} events", columns, asyncio.run(measured()))


if __name__ == "__main__":
    main()
