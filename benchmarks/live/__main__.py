"""How soon are subscribers told, and what do thousands of them cost, beside a peer with an in-memory pub/sub?

    python -m benchmarks.live [DIRECTORY] [--rounds N] [--tables TABLE ...] [--servers SERVER ...]

A server runs as a process of its own; its subscribers, each with a filter of its own, live in this process; a third one appends.  Latency
goes from right before an append is called until the subscriber has the bytes of the result.  A trial fails unless every result that is due
arrives exactly once, and no other.  Each round runs every server in turn, each on a fresh database; medians are shown.

The product is appended to by mutations, as the peer is, whose work is the server's, too; and by another process that has its database
open, whose commits the server looks for every 50 ms.  The peer keeps no log: it writes nothing to a disk, checks and folds nothing, and
nobody can resume.
"""

import argparse
import gc
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvloop

from benchmarks.live import tables
from benchmarks.live.kinds import KINDS
from benchmarks.live.servers import Start, product, yoga
from benchmarks.live.trial import Pace
from benchmarks.live.world import make
from benchmarks.node_peers import node

SIZES: Final = ((1_000, 1_000), (10_000, 1_000), (10_000, 10_000))
"""(listeners, sockets)"""
TABLES: Final = ("delivery", "cost", "compression")
SERVERS: Final = ("mutation", "log", "topic", "filter")


def main() -> None:
    arguments = _parsed()
    gc.disable()  # going through 10,000 sockets would stop the clock of all who listen
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the servers inherit it
    pace, kind = Pace(arguments.rate, arguments.warm_up, arguments.seconds), KINDS[arguments.kind]
    keys = max(*tables.WAITING, *(listeners for listeners, _ in arguments.sizes))
    with (
        TemporaryDirectory(dir=arguments.directory) as directory,
        ProcessPoolExecutor(1, get_context("spawn")) as elsewhere,
    ):
        world = Path(directory).absolute() / "world.db"
        uvloop.run(make(world, keys, pace.appends))
        elsewhere.submit(time.monotonic_ns).result()  # it has started
        started: dict[str, tuple[str, Start]] = {
            "mutation": ("ours, by mutation", partial(product, world)),
            "log": ("ours, by log", partial(product, world, by_log=True)),
            "topic": ("yoga, topics", partial(yoga, "topic")),
            "filter": ("yoga, filters", partial(yoga, "filter")),
        }
        asked = [name for name in arguments.servers if name in kind.servers]
        sides = dict(started[name] for name in asked)
        bench = tables.Bench(sides, kind, pace, arguments.rounds, elsewhere, node())
        if "delivery" in arguments.tables:
            tables.delivery(bench, arguments.sizes)
        if "cost" in arguments.tables:
            tables.cost(bench)
        if "compression" in arguments.tables:
            tables.compression(bench)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="on which disk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=SERVERS)
    parser.add_argument("--kind", choices=KINDS, default="log", help="what is subscribed to")
    parser.add_argument(
        "--sizes", nargs="+", type=_size, default=SIZES, help="listeners x sockets, as 1000x100"
    )
    parser.add_argument("--rate", type=float, default=100, help="events a second")
    parser.add_argument("--warm-up", type=float, default=5, help="seconds that do not count")
    parser.add_argument("--seconds", type=float, default=20, help="seconds that count")
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    listeners, _, sockets = text.partition("x")
    return int(listeners), int(sockets or listeners)


if __name__ == "__main__":
    main()
