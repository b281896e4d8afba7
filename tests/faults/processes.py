"""How does a test run other processes on its log, and what must hold afterwards?"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from events.log import EventLog
from events.record import Recorded
from tests.faults.appender import names_of, stream_of
from tests.logs import names

SOAK = bool(os.environ.get("SOAK"))
HOUSE = Path(__file__).parents[2]

Acknowledged = dict[str, tuple[int, int]]
"""First and last position of each append that was acknowledged, by its key."""


def appender(place: str, run: str, mode: str, count: int) -> subprocess.Popen[str]:
    """A process that appends to the log at a path or URL; see `appender.py`."""
    command = [sys.executable, "-m", "tests.faults.appender", place, run, mode, str(count)]
    told = subprocess.PIPE if mode == "race" else None
    return subprocess.Popen(command, stdin=told, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


def acknowledged(lines: list[str]) -> Acknowledged:
    """What a process said; its last line may have been cut off."""
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {key: (int(first), int(last)) for key, first, last in whole}


async def everything(log: EventLog) -> list[Recorded]:
    """All records of a log, after a look that they are all there."""
    records: list[Recorded] = []
    while page := await log.read(len(records)):
        records += page
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    assert len(records) == await log.head()
    versions: dict[str, int] = {}
    for record in records:
        versions[record.stream] = versions.get(record.stream, 0) + 1
        assert record.version == versions[record.stream]
    assert versions == await log.versions(versions)
    return records


async def spoken(processes: list[subprocess.Popen[str]]) -> list[Acknowledged]:
    """What processes said in the end, each of them content."""
    outputs = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in processes))
    assert [each.returncode for each in processes] == [0] * len(processes)
    return [acknowledged(output.splitlines(keepends=True)) for output, _ in outputs]


async def at_once(racers: list[subprocess.Popen[str]]) -> None:
    """Let processes that race begin, when all of them are ready."""
    for racer in racers:
        assert racer.stdout is not None
        assert await asyncio.to_thread(racer.stdout.readline) == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()


def check_acknowledged(records: list[Recorded], said: Acknowledged) -> None:
    """Every acknowledged append must be there, where it was said to be, with what it said."""
    for key, (first, last) in said.items():
        kept = records[first - 1 : last]
        assert [record.envelope["key"] for record in kept] == [key] * len(names_of(key))
        assert {record.stream for record in kept} == {stream_of(key)}
        assert names(kept) == names_of(key)


def check_whole(records: list[Recorded]) -> None:
    """Every append must be there as a whole and once, acknowledged or not."""
    by_key: dict[str, list[Recorded]] = {}
    for record in records:
        by_key.setdefault(record.envelope["key"], []).append(record)
    for key, kept in by_key.items():
        assert names(kept) == names_of(key)
        assert kept[-1].position - kept[0].position == len(kept) - 1
