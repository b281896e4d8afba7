"""How do the servers compare?  Driven in turn, in rounds: each operation, over few and many connections; medians count."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, TypeVar

from benchmarks.kept import Data
from benchmarks.processes import cpu, family_cpu, parent, resident
from benchmarks.read.operations import PRODUCT
from benchmarks.read.servers import Server, agree, answers, beside
from benchmarks.read.wrk import drive
from tests import postgres

CONNECTIONS: Final = (1, 16, 64)
AIMED: Final = 16
"""Those that are looked at most closely."""
ENOUGH: Final = 0.8
"""Share of the usual size that answers must have: a refusal, which has the status 200, too, is short."""
Key = TypeVar("Key")


class Pace(NamedTuple):
    """How long is measured."""

    rounds: int
    seconds: int
    """For each server in a round; as long again before the first."""


class Measured(NamedTuple):
    """What a server did and took; medians of the rounds."""

    rate: float
    """Requests a second."""
    p50: float
    """Seconds."""
    p99: float
    cpu: float
    """CPU seconds of the server for a request."""
    database: float
    """Those of PostgreSQL, all its processes; 0 if there is none."""
    memory: float
    """MB that the server has resident."""


Side = Callable[[int], Measured]
"""Measures for some seconds."""


class Trial(NamedTuple):
    """What is measured: a server, asked over some connections."""

    operation: str
    connections: int
    server: str


def compare(data: Data, pace: Pace) -> dict[Trial, Measured]:
    """Every server over a database, with every operation and number of connections."""
    with (
        data.copied() as copy,
        TemporaryDirectory() as folder,
        beside(data.url, copy, Path(folder)) as servers,
    ):
        agree(servers)
        database = postmaster(data.url)
        sides = {
            Trial(operation, connections, server.name): side(
                server, operation, connections, database
            )
            for operation in PRODUCT
            for connections in CONNECTIONS
            for server in servers
        }
        return in_turn(sides, pace)


def in_turn(sides: dict[Key, Side], pace: Pace) -> dict[Key, Measured]:
    """The medians of each side; a round measures all of them, after one that does not count."""
    found: dict[Key, list[Measured]] = {key: [] for key in sides}
    for turn in range(1 + pace.rounds):
        for key, side in sides.items():
            measured = side(pace.seconds)
            if turn:
                found[key].append(measured)
    return {key: Measured(*map(median, zip(*rounds, strict=True))) for key, rounds in found.items()}


def side(server: Server, operation: str, connections: int, database: int | None) -> Side:
    """A server that is asked over some connections; `database` is the process whose family it lets work."""
    usual = mean(map(len, answers(server, operation)))

    def measured(seconds: int) -> Measured:
        before, others = cpu(server.pid), family_cpu(database) if database else 0.0
        driven = drive(server.urls[operation], server.asking[operation], connections, seconds)
        assert driven.size >= ENOUGH * usual, f"{server.name}, {operation}: not all are answers"
        used = (family_cpu(database) - others) / driven.requests if database else 0.0
        return Measured(
            driven.rate,
            driven.p50,
            driven.p99,
            (cpu(server.pid) - before) / driven.requests,
            used,
            resident(server.pid) / 1000,
        )

    return measured


def postmaster(url: str) -> int | None:
    """The process that starts all others of the PostgreSQL server of a database on this machine; none if it is a file."""

    async def found() -> int:
        async with postgres.connected(url) as connection:
            return parent(connection.get_server_pid())

    return asyncio.run(found()) if url.startswith("postgresql") else None
