"""How does the cost of reading grow with the log?  The same operations over logs of three lengths, as of now and as of the half."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.kept import data
from benchmarks.processes import product
from benchmarks.read.comparing import AIMED, Measured, Pace, Side, in_turn, postmaster, side
from benchmarks.read.operations import PRODUCT
from benchmarks.read.servers import as_of


class Length(NamedTuple):
    """What is measured: an operation over a log, as of a moment of it."""

    operation: str
    events: int
    then: int | None
    """The position; none for the present."""


def grow(engine: str, lengths: Sequence[int], inside: Path, pace: Pace) -> dict[Length, Measured]:
    """Every operation over each length, without the result cache."""
    sides: dict[Length, Side] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for events in lengths:
            sides |= stack.enter_context(_served(engine, events, inside, folder))
        return in_turn(sides, pace)


@contextmanager
def _served(engine: str, events: int, inside: Path, folder: Path) -> Iterator[dict[Length, Side]]:
    with (
        data(engine, events, inside) as made,
        product(made.url, RESULT_CACHE="0") as (url, pid),
    ):
        database = postmaster(made.url)
        sides = {}
        for then in (None, events // 2):
            name = f"{events} events as of {then}"
            server = as_of(then, url, pid, name, folder)
            for operation in PRODUCT:
                key = Length(operation, events, then)
                sides[key] = side(server, operation, AIMED, database)
        yield sides
