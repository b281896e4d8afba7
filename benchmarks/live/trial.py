"""What is tried, and what does it tell?"""

from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from benchmarks.live.kinds import Kind

FIRST: Final = 20
"""Appends before anybody listens."""
MATCHING: Final = 4
"""Listeners who want the same key, if anything is said about it."""


class Overwhelmed(Exception):
    """A server did not do what was asked of it in time, or refused to."""


class Pace(NamedTuple):
    """How fast is appended, and how long."""

    rate: float
    """Events a second."""
    warm_up: float
    """Seconds that do not count."""
    seconds: float
    """Seconds that count."""

    @property
    def appends(self) -> int:
        """How many are made, with the first ones, which load what the server needs before anybody listens."""
        return FIRST + round(self.rate * (self.warm_up + self.seconds))


@dataclass(frozen=True)
class Trial:
    """Who listens, and what is appended."""

    kind: Kind
    pace: Pace
    listeners: int
    sockets: int
    told_keys: int
    """Keys about which something is appended; the listeners of the others only wait."""
    compressed: bool = False
    """Whether the listeners offer permessage-deflate."""

    @property
    def wanted(self) -> list[int]:
        """The key that each listener wants: `MATCHING` listeners each of those that are told of, then one each."""
        told = min(self.told_keys * MATCHING, self.listeners)
        return [
            listener % self.told_keys if listener < told else self.told_keys + listener - told
            for listener in range(self.listeners)
        ]

    @property
    def appended(self) -> list[tuple[int, int]]:
        """The keys that the appends are about, and their numbers; the first ones are made before anybody listens."""
        keys = Random(4).choices(range(self.told_keys), k=self.pace.appends)
        return [(key, number) for number, key in enumerate(keys)]


class Figures(NamedTuple):
    """What was measured; times in seconds."""

    rate: float
    """Events that were appended a second."""
    p50: float
    """From right before an append was sent until a listener had the result."""
    p99: float
    acknowledged: float
    """From right before an append was sent until it was acknowledged, median."""
    idle: float
    """CPU seconds a second while the listeners wait and nothing is appended."""
    busy: float
    """CPU seconds a second while events are appended."""
    memory: float
    """kB for each listener that waits."""

    @property
    def cost(self) -> float:
        """CPU seconds for each event, beyond what the listeners cost that wait."""
        return (self.busy - self.idle) / self.rate
