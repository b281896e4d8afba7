"""How fast is a query answered, beside PostGraphile, and beside a server that does nothing but run the same SQL?

    python -m benchmarks.read [DIRECTORY] [--engines ENGINE ...] [--events N] [--keep FOLDER] [--tables TABLE ...]
    python -m benchmarks.read --table [FILE]

Three operations on the views of a synthetic log: the page of an actor, a list of 50 actors, a timeline of 100 reports; the two have about
1,000 fields each, and are asked for from the beginning, or page after page.  Servers are processes of their own, all there at once, driven
in turn by wrk (`apt-get install wrk`) over 1, 16 and 64 connections; before that, all their answers are compared.  `results.json`, its
tables as Markdown and a plot are written to the folder that `--output` names; `--table` prints the tables of figures that were kept.
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks import kept
from benchmarks.harness import machine, show
from benchmarks.node_peers import node
from benchmarks.read import results, wrk
from benchmarks.read.comparing import Pace, compare
from benchmarks.read.growth import grow
from benchmarks.read.plot import svg
from benchmarks.read.ways import ways

TABLES: Final = ("servers", "growth", "ways")
LENGTHS: Final = (10_000, 100_000, 1_000_000)
KEPT: Final = Path(__file__).with_name("results.json")
MILLISECONDS: Final = ("p50", "p99", "cpu", "database", "reading", "bare", "executor")


def main() -> None:
    arguments = _parsed()
    if arguments.table:
        print(results.document(orjson.loads(arguments.table.read_bytes())), end="")
        return
    wrk.needed()
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    found = _measured(arguments)
    (output / "results.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    (output / "results.md").write_text(results.document(found), encoding="utf-8")
    if found["servers"]:
        (output / "results.svg").write_text(svg(found["servers"]), encoding="utf-8")
    for table in results.tables(found):
        show(*table)


def _measured(arguments: argparse.Namespace) -> results.Record:
    began, (before, *_) = datetime.now(UTC), os.getloadavg()
    pace = Pace(arguments.rounds, arguments.seconds)
    found: dict[str, list[results.Record]] = {name: [] for name in TABLES}
    with kept.folder(arguments.keep, arguments.directory) as inside:
        for engine in arguments.engines:
            with kept.data(engine, arguments.events, inside) as data:
                if "servers" in arguments.tables:
                    found["servers"] += _records(engine, compare(data, pace))
                if "ways" in arguments.tables:
                    found["ways"] += _records(engine, ways(data.url, pace.rounds))
            if "growth" in arguments.tables:
                growth = grow(engine, arguments.lengths, inside, pace)
                found["growth"] += _records(engine, growth)
    peer = f", {node()}" if found["servers"] and "postgres" in arguments.engines else ""
    conditions = (
        f"Of {began:%-d %B %Y}, on {machine()}{peer}; medians of {pace.rounds} rounds of {pace.seconds} s each. "
        f"The load of the machine was {before:.1f} before, and {os.getloadavg()[0]:.1f} at the end."
    )
    return {"conditions": conditions, "events": arguments.events, **found}


def _records(engine: str, found: Mapping[Any, Any]) -> Iterator[results.Record]:
    """What was measured, and what came of it: seconds become milliseconds."""
    for key, figures in found.items():
        told = {
            name: value * 1000 if name in MILLISECONDS else value
            for name, value in figures._asdict().items()
        }
        yield {"engine": engine, **key._asdict(), **told}


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--engines", nargs="+", choices=results.NAMES, default=[*results.NAMES])
    parser.add_argument("--events", type=int, default=20_000, help="of the log, at least 10,000")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where data stay")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=["servers", "ways"])
    parser.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, help="for growth")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="for each server in a round")
    parser.add_argument("--output", type=Path, metavar="FOLDER", default=Path("var/benchmarks"))
    parser.add_argument("--table", nargs="?", type=Path, metavar="FILE", const=KEPT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
