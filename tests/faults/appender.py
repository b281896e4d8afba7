"""A process that appends, to be killed or raced: `python -m tests.faults.appender PLACE RUN MODE COUNT`.

Prints `key first last` for every append that was acknowledged.  Modes: `many` (as many callers as
there are streams, each to its own) and `race` (one stream, every append with an expected version; the first
one is read, then waits for a line, so that all who race have read the same one).
"""

import asyncio
import sys

from events.log import EventLog
from events.refusals import VersionConflict
from tests.logs import append, log_at

CALLERS = 8


def names_of(key: str) -> list[str]:
    """What is appended under a key."""
    return [f"{key} {part}" for part in range(len(key) % 3 + 1)]


def stream_of(key: str) -> str:
    return f"actor/{key.split('-')[1]}"


async def many(log: EventLog, run: str, count: int) -> None:
    async def caller(number: int) -> None:
        for turn in range(count):
            await acknowledged(log, f"{run}-{number}-{turn}")

    await asyncio.gather(*map(caller, range(CALLERS)))


async def race(log: EventLog, run: str, count: int) -> None:
    async def version() -> int:
        return (await log.versions(["actor/contested"]))["actor/contested"]

    turn = conflicts = 0
    expected = await version()
    print("ready", flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.readline)
    while turn < count:
        try:
            await acknowledged(log, f"{run}-contested-{turn}", expected)
            turn += 1
        except VersionConflict:
            conflicts += 1
        expected = await version()
    print("conflicts", conflicts, 0, flush=True)  # noqa: T201


async def acknowledged(log: EventLog, key: str, expected: int | None = None) -> None:
    answer = await append(log, stream_of(key), *names_of(key), expected=expected, key=key)
    print(key, answer.first, answer.last, flush=True)  # noqa: T201 - to the test that waits


async def main() -> None:
    place, run, mode, count = sys.argv[1:]
    async with log_at(place) as log:
        await {"many": many, "race": race}[mode](log, run, int(count))


if __name__ == "__main__":
    asyncio.run(main())
