"""How is a trial run?  A fresh server, its listeners, a warm-up, then some seconds that count; in the end every result is checked."""

import asyncio
import time
from concurrent.futures import Executor
from statistics import median, quantiles
from typing import Final

from benchmarks.live.appending import NS, append
from benchmarks.live.checking import check, due, taken
from benchmarks.live.listening import Listeners, listening
from benchmarks.live.servers import Start
from benchmarks.live.trial import FIRST, Figures, Overwhelmed, Trial
from benchmarks.processes import cpu, resident

LEAD: Final = 0.5
"""Seconds between the decision to append and the first append."""
QUIET: Final = 0.2
"""Share of a core below which a server is taken to have nothing left to do."""
PATIENCE: Final = 180
"""Seconds that a server may take until it has nothing left to do."""
SILENCE: Final = 10
"""Seconds without a result after which none is expected any more."""


async def run(start: Start, trial: Trial, elsewhere: Executor) -> Figures:
    """Run a trial; `elsewhere` is the process that appends.  Raises if a result is missing, or is one too many; and Overwhelmed."""
    try:
        return await _run(start, trial, elsewhere)
    except TimeoutError:
        raise Overwhelmed("it does not keep up") from None


async def _run(start: Start, trial: Trial, elsewhere: Executor) -> Figures:
    about, pace, said = trial.appended, trial.pace, trial.kind.said
    loop = asyncio.get_running_loop()
    with start() as (url, pid, appender):
        first = await loop.run_in_executor(
            elsewhere, append, appender, said, about[:FIRST], time.monotonic_ns(), pace.rate
        )
        await _quiet(pid)
        before, after = resident(pid), max(each.position for each in first)
        async with listening(
            url, trial.kind, trial.wanted, after, trial.sockets, compressed=trial.compressed
        ) as listeners:
            await _quiet(pid)
            memory = (resident(pid) - before) / trial.listeners
            idle = await _used(pid, pace.warm_up)
            begin = time.monotonic_ns() + int(LEAD * NS)
            appending = loop.run_in_executor(
                elsewhere, append, appender, said, about[FIRST:], begin, pace.rate
            )
            await asyncio.sleep(LEAD + pace.warm_up)
            busy = await _used(pid, pace.seconds)
            appended = await appending
            results = due(trial, appended)
            await _arrived(listeners, len(results))
    check(results, listeners)
    counted = [each for each in appended if each.called >= begin + pace.warm_up * NS]
    times = quantiles(taken(counted, listeners.told), n=100)
    last = max(each.acknowledged for each in counted)
    return Figures(
        rate=len(counted) / (last - counted[0].called) * NS,
        p50=times[49],
        p99=times[98],
        acknowledged=median((each.acknowledged - each.called) / NS for each in counted),
        idle=idle,
        busy=busy,
        memory=memory,
    )


async def _used(pid: int, seconds: float) -> float:
    """CPU seconds that a process uses in a second, while some pass."""
    used, began = cpu(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu(pid) - used) / (time.monotonic() - began)


async def _quiet(pid: int) -> None:
    """Wait until a process has nothing left to do."""
    async with asyncio.timeout(PATIENCE):
        while await _used(pid, 0.5) > QUIET or await _used(pid, 0.5) > QUIET:
            pass


async def _arrived(listeners: Listeners, number: int) -> None:
    """Wait until so many results have arrived, or no more do; and then for some that should not come."""
    async with asyncio.timeout(PATIENCE):
        heard, since = 0, time.monotonic()
        while len(listeners.told) < number and time.monotonic() < since + SILENCE:
            await asyncio.sleep(0.1)
            if len(listeners.told) > heard:
                heard, since = len(listeners.told), time.monotonic()
    await asyncio.sleep(0.5)
