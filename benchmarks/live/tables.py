"""Which comparisons are made?  Delivery, cost by the number of those who only wait, and what compression of the frames costs."""

import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from statistics import median
from typing import Final

import uvloop

from benchmarks.harness import show
from benchmarks.live.kinds import Kind
from benchmarks.live.running import run
from benchmarks.live.servers import Start
from benchmarks.live.trial import MATCHING, Figures, Overwhelmed, Pace, Trial

WAITING: Final = (100, 1_000, 10_000)
"""How many listen while the same few are told."""
TOLD: Final = 10
"""Keys that something is said about where most listeners only wait."""
PER_SOCKET: Final = 10
"""Listeners that share a socket where sockets do not matter."""
COMPRESSED: Final = 1_000
"""Listeners, each with a socket, where compression is measured."""

DELIVERED: Final = ("events/s", "p50 ms", "p99 ms", "ack ms", "CPU", "idle CPU", "kB each")
MISSING: Final = "—"

Row = tuple[str, ...]


@dataclass(frozen=True)
class Bench:
    """What all comparisons have in common."""

    sides: Mapping[str, Start]
    kind: Kind
    pace: Pace
    rounds: int
    elsewhere: Executor
    """The process that appends."""
    note: str
    """What the machine has, besides."""

    def compare(
        self, listeners: int, sockets: int, told_keys: int, *, compressed: bool = False
    ) -> Iterator[tuple[str, Figures | None]]:
        """The medians of each side, none if it was overwhelmed; a round runs them all."""
        trial = Trial(self.kind, self.pace, listeners, sockets, told_keys, compressed)
        found: dict[str, list[Figures]] = {name: [] for name in self.sides}
        overwhelmed = set[str]()
        for _ in range(self.rounds):
            for name in [name for name in found if name not in overwhelmed]:
                gc.collect()  # now, for it is off while something is measured
                try:
                    figures = uvloop.run(run(self.sides[name], trial, self.elsewhere))
                except Overwhelmed as error:
                    print(f"{name}, {trial.listeners:,} listeners: {error}")
                    overwhelmed.add(name)
                else:
                    found[name].append(figures)
        for name, rounds in found.items():
            some = None if name in overwhelmed else Figures(*map(median, zip(*rounds, strict=True)))
            yield name, some


def delivery(bench: Bench, sizes: list[tuple[int, int]]) -> None:
    """Every listener is told now and then: how soon, and what does it cost?"""
    rows = [
        (name, f"{listeners:,}", f"{sockets:,}", *_delivered(found))
        for listeners, sockets in sizes
        for name, found in bench.compare(listeners, sockets, -(-listeners // MATCHING))
    ]
    columns = (*("server", "listeners", "sockets", *DELIVERED),)
    show("Telling subscribers", columns, rows, bench.note)


def cost(bench: Bench) -> None:
    """The same few are told, ever more only wait: CPU milliseconds for an event."""
    found: dict[str, list[str]] = {}
    for listeners in WAITING:
        sockets = listeners // PER_SOCKET
        for name, figures in bench.compare(listeners, sockets, TOLD):
            told = MISSING if figures is None else f"{figures.cost * 1e3:.2f}"
            found.setdefault(name, []).append(told)
    columns = ("CPU ms an event", *(f"{listeners:,} listen" for listeners in WAITING))
    show("Telling few of many", columns, [(name, *row) for name, row in found.items()], bench.note)


def compression(bench: Bench) -> None:
    """The same listeners without and with permessage-deflate, as browsers offer it."""
    rows = [
        (name, offered, *_delivered(found))
        for compressed, offered in ((False, "no"), (True, "offered"))
        for name, found in bench.compare(
            COMPRESSED, COMPRESSED, COMPRESSED // MATCHING, compressed=compressed
        )
    ]
    columns = (*("server", "deflate", *DELIVERED),)
    show(f"Compressing what {COMPRESSED:,} subscribers are told", columns, rows, bench.note)


def _delivered(found: Figures | None) -> Row:
    if found is None:
        return (MISSING,) * 7
    milliseconds = (found.p50, found.p99, found.acknowledged)
    return (
        f"{found.rate:,.0f}",
        *(f"{seconds * 1e3:,.1f}" for seconds in milliseconds),
        f"{found.busy:.2f}",
        f"{found.idle:.3f}",
        f"{found.memory:,.1f}",
    )
