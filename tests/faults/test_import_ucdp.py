"""What is left when the import of the data set is killed, or runs twice at once, and does it go on where it stopped?"""

import asyncio
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from events.log import EventLog
from events.record import Recorded
from seeds.ucdp.importing import Imported, import_ged
from tests.faults.processes import HOUSE, SOAK, everything
from tests.faults.ucdp_importer import MORE
from tests.logs import sqlite_log
from tests.ucdp import packed, row

pytestmark = pytest.mark.fault

MONTHS = 48
ROWS = [
    row(number, f"{2000 + number // 120},{number // 10 % 12 + 1},1", side_b=f"Group {number % 97}")
    for number in range(MONTHS * 10)
]


async def run(log: EventLog, file: Path) -> Imported:
    with file.open("rb") as rows:
        return await import_ged(log, rows, str(file), "test", lambda _: None)


def importer(path: Path, file: Path, stop: int) -> subprocess.Popen[str]:
    module = "tests.faults.ucdp_importer"
    command = [sys.executable, "-m", module, str(path), str(file), str(stop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


def kill_when_told(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.communicate()


def said(records: list[Recorded]) -> list[Any]:
    """All but ids and times."""
    kept = ("position", "stream", "version", "kind", "correlation", "payload")
    return [[record.envelope[name] for name in kept] for record in records]


async def whole(file: Path, path: Path) -> list[Any]:
    """What the log says when nothing happens to the import."""
    async with sqlite_log(path) as log:
        await run(log, file)
        return said(await everything(log))


@pytest.mark.timeout(3600)
async def test_killed_in_the_middle(tmp_path: Path) -> None:
    file = packed(tmp_path / "ged.csv.gz", *ROWS)
    expected = await whole(file, tmp_path / "whole.db")
    for round_ in range(30 if SOAK else 1):
        path = tmp_path / f"{round_}.db"
        stop = random.randint(1, MONTHS - MORE - 1)
        kill_when_told(importer(path, file, stop))
        async with sqlite_log(path) as log:
            before = await everything(log)
            assert stop <= len({each.stream for each in before if each.kind == "ArticleIngested"})
            assert len(before) < len(expected)
            assert said(before) == expected[: len(before)]
            imported = await run(log, file)
            after = await everything(log)
        assert [each.record for each in after[: len(before)]] == [each.record for each in before]
        assert said(after) == expected
        assert imported.positions == (len(before) + 1, len(expected))


async def test_twice_at_once(tmp_path: Path) -> None:
    file = packed(tmp_path / "ged.csv.gz", *ROWS)
    expected = await whole(file, tmp_path / "whole.db")
    async with sqlite_log(tmp_path / "log.db") as log:
        both = await asyncio.gather(run(log, file), run(log, file))
        assert said(await everything(log)) == expected
    assert sum(each.recorded for each in both) == len(ROWS)
