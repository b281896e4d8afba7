"""How soon is the program there?

    python -m benchmarks.start [DIRECTORY] [--events N] [--rounds N]

The seconds from the start of a process until `communique --help` has ended, and until `communique serve` answers `/readyz` with 200: on an
empty database, and on one whose log has so many events, which its views have folded.  Beside them, a Python that does nothing.
"""

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from api.composition import opened
from api.settings import Settings
from benchmarks.fold import apart
from benchmarks.harness import interleaved, show, timed
from benchmarks.history import fill
from tests.commands import COMMAND, serving


def make(path: Path, events: int) -> None:
    """Let a file have a log of so many events, and views of it."""
    asyncio.run(_make(path, events))


async def _make(path: Path, events: int) -> None:
    await fill(path, events)
    settings = Settings(database_url=f"sqlite:///{path}")
    async with opened(settings, follow=False) as system:
        await system.views.catch_up()


def ready(path: Path) -> float:
    """Seconds until a server of a file is ready."""
    start = perf_counter()
    with serving(path, "serve"):
        return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with TemporaryDirectory(dir=arguments.directory) as folder:
        empty, long = Path(folder).absolute() / "empty.db", Path(folder).absolute() / "long.db"
        apart(make, empty, 0)
        apart(make, long, arguments.events)
        python, help_, *servers = interleaved(
            arguments.rounds,
            lambda: timed(lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
            lambda: timed(
                lambda: subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
            ),
            lambda: ready(empty),
            lambda: ready(long),
        )
    names = (
        *("Python alone", "communique --help", "communique serve, ready, no event"),
        f"communique serve, ready, {arguments.events:,} events",
    )
    seconds = (python, help_, *servers)
    rows = [(name, f"{each:.2f}") for name, each in zip(names, seconds, strict=True)]
    show("From the start of a process", ("", "seconds"), rows)


if __name__ == "__main__":
    main()
