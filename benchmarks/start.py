"""How soon is the program there?

    python -m benchmarks.start [DIRECTORY] [--events N] [--keep FOLDER] [--rounds N]

The seconds from the start of a process until `communique --help` has ended, and until `communique serve` answers `/readyz` with 200: on an
empty database, and on one whose log has so many events, which its views have folded.  Beside them, a Python that does nothing.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from api.settings import Settings
from benchmarks import kept
from benchmarks.harness import interleaved, show, timed
from tests.commands import COMMAND, serving


def ready(url: str) -> float:
    """Seconds until a server of a database in a file is ready."""
    path = Settings(database_url=url).database
    assert path is not None
    start = perf_counter()
    with serving(path, "serve"):
        return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where data stay")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with (
        kept.folder(arguments.keep, arguments.directory) as inside,
        kept.data("sqlite", 0, inside) as empty,
        kept.data("sqlite", arguments.events, inside) as long,
    ):
        python, help_, *servers = interleaved(
            arguments.rounds,
            lambda: timed(lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
            lambda: timed(
                lambda: subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
            ),
            lambda: ready(empty.url),
            lambda: ready(long.url),
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
