"""How is one thing measured beside another?  In interleaved rounds of one run, by medians."""

import os
import platform
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any, TypeVar, cast

from rich.console import Console
from rich.table import Table

from events.sqlite_library import sqlite3

T = TypeVar("T")

Side = Callable[[], float]
"""One round of one side of a comparison; gives the seconds that count."""


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    raise AssertionError("it has suspended")


def interleaved(rounds: int, *sides: Side, warm_up: int = 2) -> list[float]:
    """The median seconds of each side; a round runs them all, so that slow moments hit all."""
    times: list[list[float]] = [[] for _ in sides]
    for turn in range(warm_up + rounds):
        for side, spent in zip(sides, times, strict=True):
            seconds = side()
            if turn >= warm_up:
                spent.append(seconds)
    return [median(spent) for spent in times]


def machine() -> str:
    """The machine, in one line: what a figure means nothing without."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), model)
    return (
        f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def disk(directory: Path) -> str:
    """How long the disk of a directory takes to keep 4 KiB for certain, in one line."""
    with TemporaryFile(dir=directory, buffering=0) as file:

        def keep() -> float:
            file.write(bytes(4096))
            return timed(lambda: os.fsync(file.fileno()))

        (seconds,) = interleaved(200, keep)
    return f"fsync of 4 KiB takes {seconds * 1e6:,.0f} µs on this disk"


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """Print a table of figures, with the machine that they were measured on."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=max(130, Console().width)).print(table)
    print(*filter(None, (machine(), note)), sep="; ")
