"""What does the way of a query cost?  The reading alone, beside its SQL run bare, and Strawberry's executor above the same reading."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import uvloop

from api.composition import System, opened
from api.context import Context
from api.engines import reader_of
from api.reading import Reading
from api.schema import schema
from api.settings import Settings
from benchmarks.harness import Side, at_once, interleaved, timed
from benchmarks.read.bare import Remembering, running
from benchmarks.read.operations import PRODUCT
from benchmarks.read.servers import SLUGS
from events.sqlite import SqliteFile

REPEATED = 10


class Ways(NamedTuple):
    """Seconds for one answer, one after the other in one process."""

    reading: float
    bare: float
    executor: float


class Way(NamedTuple):
    """What is measured."""

    operation: str


def ways(url: str, rounds: int) -> dict[Way, Ways]:
    """Every operation from its beginning, in its ways."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        entered = opened(Settings(database_url=url), follow=False)
        system = runner.run(entered.__aenter__())
        found = {
            Way(name): _compare(system, runner, name, rounds)
            for name, each in PRODUCT.items()
            if not each.further
        }
        runner.run(entered.__aexit__(None, None, None))
    return found


def _compare(system: System, runner: asyncio.Runner, name: str, rounds: int) -> Ways:
    query, variables = PRODUCT[name].document, {"slug": SLUGS[0]}
    reader: Any = Remembering(reader_of(system.file, system.settings.query_timeout))
    wait: Callable[[Any], Any] = runner.run
    if isinstance(system.file, SqliteFile):
        wait = at_once  # which it never does, and the loop would cost as much as a short query
    reading = Reading(schema()._schema, reader)
    nothing: Any = None
    context = Context(system.log, system.views, reading, nothing, 0)
    answer = wait(reading.answer(query, None, variables))
    run = runner.run(running(system, {"/": reader.ran}))
    assert wait(run("/"))[1].encode() == answer[1]

    def executed() -> Any:
        return runner.run(schema().execute(query, variable_values=variables, context_value=context))

    assert orjson.loads(answer[1]) == executed().data
    seconds = interleaved(
        rounds,
        _repeated(lambda: wait(reading.answer(query, None, variables))),
        _repeated(lambda: wait(run("/"))),
        lambda: timed(executed),
    )
    reader.close()
    return Ways(*seconds)


def _repeated(work: Callable[[], object]) -> Side:
    """Seconds for one of several repetitions."""
    return lambda: timed(lambda: [work() for _ in range(REPEATED)]) / REPEATED
