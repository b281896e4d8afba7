"""How fast does the Georeferenced Event Dataset go in, row by row, and how fast are the views folded from it?

    python -m benchmarks.ucdp [--engine postgres] [--file ged211.csv.gz | --rows N]

Without a file, rows of the same form are made up.  Reading makes the articles and reports of all rows, and their quotes; an import reads,
decides and appends, month by month; again, it finds all there.  End to end is an import with the fold of all views behind it.
"""

import argparse
import asyncio
import gzip
import resource
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import IO, Final, NamedTuple

import uvloop

from api.composition import opened
from api.settings import Settings
from benchmarks import engines
from benchmarks.fold import MIB, apart
from benchmarks.harness import show, timed
from seeds.ucdp.dossiers import dossiers
from seeds.ucdp.importing import Imported, import_ged
from seeds.ucdp.rows import HEADER

FIRST: Final = date(1989, 1, 1)
DAYS: Final = 365 * 32


class Figures(NamedTuple):
    """What was measured, in seconds and MiB."""

    events: int
    read: float
    imported: float
    again: float
    fold: float
    peak: float


def measure(url: str, path: Path) -> Figures:
    """The figures of a file that goes into an empty database."""
    with path.open("rb") as file, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        entered = opened(Settings(database_url=url), follow=False)
        system = runner.run(entered.__aenter__())
        found: list[Imported] = []

        def bring() -> None:
            importing = import_ged(system.log, file, str(path), "benchmark", lambda _: None)
            found.append(runner.run(importing))

        reading = timed(lambda: read(file))
        seconds = timed(bring)
        folding = timed(lambda: runner.run(system.views.catch_up()))
        again = timed(bring)
        runner.run(entered.__aexit__(None, None, None))
    assert found[1].positions is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    return Figures(found[0].recorded, reading, seconds, again, folding, peak)


def read(file: IO[bytes]) -> None:
    """Read every row."""
    for _ in dossiers(file, "ged.csv.gz", lambda _: None):
        pass


def rows(count: int) -> Iterator[str]:
    """Rows that are made up: 300 groups, of which few fight often, and their governments."""
    random = Random(211)
    yield HEADER
    for number in range(count):
        day = FIRST + timedelta(days=number * DAYS // count)
        group = int(random.paretovariate(0.6)) % 300
        kind = random.choices(("State-based", "One-sided"), (9, 2))[0]
        side_a, side_b = f"Government of Country {group % 60}", f"Group {group}"
        if kind == "One-sided":
            side_a, side_b = side_b, "Civilians"
        low = random.randrange(20)
        yield (
            f"{number},{day.year},{day.month},{day.day},Country {group % 60},{kind} violence,"
            f"{side_a} - {side_b},{side_a},{side_b},{random.uniform(-90, 90):.6f},"
            f"{random.uniform(-180, 180):.6f},{low},{low + 1},{low + 9}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    engines.choose(parser)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    arguments = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        engines.database(arguments.engine, arguments.directory) as url,
    ):
        path = arguments.file
        if path is None:
            path = Path(folder) / "ged.csv.gz"
            path.write_bytes(gzip.compress("\n".join(rows(arguments.rows)).encode()))
        found = apart(measure, url, path)
    ways = {
        "reading the rows": found.read,
        "import": found.imported,
        "import again": found.again,
        "fold": found.fold,
        "end to end": found.imported + found.fold,
    }
    show(
        f"{found.events:,} rows of {path.name} on {arguments.engine}",
        ("", "seconds", "events/s"),
        [(way, f"{spent:,.1f}", f"{found.events / spent:,.0f}") for way, spent in ways.items()],
        f"peak memory {found.peak:,.0f} MiB",
    )


if __name__ == "__main__":
    main()
