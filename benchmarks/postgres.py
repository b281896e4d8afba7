"""How fast is the log in PostgreSQL written and read, beside the bare driver and the library `eventsourcing` doing the same?

    python -m benchmarks.postgres [--rounds N] [--no-peer]

Each round appends some events to the log, then inserts the records that came out of it with bare asyncpg into a table with
the same columns and indexes, as many at a time, from as many callers, over as many connections; then the library appends the same
events, in each of its two ways.  In the end all records are read, beside COPY out of their table.  The server is that of the tests, or the
one that `TEST_POSTGRES_URL` names.
"""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import uvloop

from benchmarks import python_peers
from benchmarks.append import EVENTS, PROVENANCE
from benchmarks.harness import interleaved, show, timed
from events.log import Write
from events.postgres import CONNECTIONS, PostgresDatabase
from events.postgres_log import PostgresLog
from tests import postgres

if TYPE_CHECKING:
    from benchmarks.eventsourcing_peer import Peer

Row = tuple[str, ...]
BARE = """
    CREATE TABLE bare (
        position BIGINT PRIMARY KEY, stream TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL,
        kind TEXT COLLATE "C" NOT NULL, recorded_at TEXT COLLATE "C" NOT NULL,
        leaf BYTEA NOT NULL, record BYTEA NOT NULL
    );
    CREATE UNIQUE INDEX bare_by_stream ON bare (stream, version)
"""
ROWS = "SELECT * FROM log WHERE position > $1 ORDER BY position"
INSERT = "INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6, $7)"
EVENTS_IN_A_ROUND = 640
STREAMS = 64


async def called(callers: int, calls: int, call: Callable[[int], Coroutine[Any, Any, Any]]) -> None:
    """Make calls, numbered from 0; each caller makes its own one after the other."""

    async def caller(first: int) -> None:
        for number in range(first, calls, callers):
            await call(number)

    await asyncio.gather(*map(caller, range(callers)))


class Sides:
    """The log, and a table of the same server without its rules."""

    def __init__(
        self, log: PostgresLog, database: PostgresDatabase, pool: "asyncpg.Pool[Any]"
    ) -> None:
        self.log, self.database, self.pool = log, database, pool
        self.rows: list[Any] = []
        """What the last round wrote."""

    async def append(self, callers: int, size: int) -> None:
        """A round of the log."""

        async def call(number: int) -> None:
            events = EVENTS[:size] if size > 1 else [EVENTS[number % len(EVENTS)]]
            await self.log.append([Write(f"article/{number % STREAMS}", events)], PROVENANCE)

        await called(callers, EVENTS_IN_A_ROUND // size, call)

    async def insert(self, callers: int, size: int) -> None:
        """The same round of the bare driver."""

        async def call(number: int) -> None:
            await self.pool.executemany(INSERT, self.rows[number * size : (number + 1) * size])

        async def call_with_one(number: int) -> None:
            await self.pool.execute(INSERT, *self.rows[number])

        await called(callers, EVENTS_IN_A_ROUND // size, call if size > 1 else call_with_one)

    async def replay(self) -> None:
        """Read the whole log, each record checked against its hash."""
        head = await self.log.head()
        async for batch in self.log.batches():
            if batch[-1].position == head:
                return

    async def copy(self) -> None:
        """Read the same bytes as they come."""

        async def sink(_: bytes) -> None:
            pass

        async with self.pool.acquire() as connection:
            await connection.copy_from_query("SELECT * FROM log", output=sink, format="binary")


def compare(
    runner: asyncio.Runner, sides: Sides, peers: "list[Peer]", rounds: int, callers: int, size: int
) -> Row:
    """Events per second of the log, of the bare driver and of the peers, as medians of the rounds."""

    def append() -> float:
        head = runner.run(sides.log.head())
        seconds = timed(lambda: runner.run(sides.append(callers, size)))
        sides.rows = runner.run(sides.database.fetch(ROWS, head))
        return seconds

    def insert() -> float:
        return timed(lambda: runner.run(sides.insert(callers, size)))

    calls = EVENTS_IN_A_ROUND // size
    works = [peer.round(callers, calls, size) for peer in peers]
    seconds = interleaved(
        rounds, append, insert, *(lambda work=work: timed(work) for work in works)
    )
    name = f"{size} a call, {callers} caller{'s' * (callers > 1)}"
    return figures(name, len(sides.rows), *seconds)


def figures(name: str, events: int, ours: float, *others: float) -> Row:
    """A line of the table, from seconds: the rates, then how far ahead the log is of each other one."""
    rates = (f"{events / seconds:,.0f}" for seconds in (ours, *others))
    return (name, *rates, *(f"{other / ours:.2f}" for other in others))


async def opened() -> Sides:
    """Both sides, on a database of their own."""
    url = await postgres.empty_log()
    async with postgres.connected(url) as connection:
        await connection.execute(BARE)
    database = PostgresDatabase(url)
    log = PostgresLog(database, lambda: datetime.now(UTC), lambda: str(uuid4()))
    pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
    return Sides(log, database, pool)


async def opened_peers(stack: AsyncExitStack) -> "list[Peer]":
    """The library in both of its ways, in a database of its own."""
    python_peers.add()
    from benchmarks.eventsourcing_peer import Peer  # noqa: PLC0415 - now its packages are there

    url = await stack.enter_async_context(postgres.database())
    peers = [Peer(url, functions=functions) for functions in (False, True)]
    for peer in peers:
        stack.callback(peer.close)
    return peers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-peer", action="store_true", help="without the library")
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sides, stack = runner.run(opened()), AsyncExitStack()
        peers = [] if arguments.no_peer else runner.run(opened_peers(stack))
        rows = [
            compare(runner, sides, peers, arguments.rounds, callers, size)
            for callers, size in ((1, 1), (8, 1), (64, 1), (1, 100))
        ]
        replay, copy = interleaved(
            max(1, arguments.rounds // 4),
            lambda: timed(lambda: runner.run(sides.replay())),
            lambda: timed(lambda: runner.run(sides.copy())),
        )
        read = figures("", runner.run(sides.log.head()), replay, copy)
        ((version,),) = runner.run(sides.database.fetch("SHOW server_version"))
        runner.run(sides.log.close())
        runner.run(sides.pool.close())
        runner.run(stack.aclose())
    names = ("asyncpg", "pipelined", "function")[: 1 + len(peers)]
    columns = ("events/s", "log", *names, *(f":{name}" for name in names))
    show(
        "Appending to PostgreSQL, beside asyncpg and eventsourcing (pipelined; by a function)",
        columns,
        rows,
        f"PostgreSQL {version}",
    )
    show(
        "Reading the log in PostgreSQL",
        ("events/s", "log", "COPY", ":COPY"),
        [("all", *read[1:])],
    )
    postgres.stop()


if __name__ == "__main__":
    main()
