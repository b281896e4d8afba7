"""How fast is a query answered, beside its own SQL run bare?

    python -m benchmarks.read [--engine postgres] [--events N]

Three operations on the views of a synthetic log: an actor page, a list of 50 actors (about 1,000 fields), a page of 100 reports (about
1,000 fields).  Each round runs every way in turn: through the ASGI application, from a request's body to the bytes of the answer;
the reading alone; the finished SQL on a bare connection, prepared; and Strawberry's executor with the same reading below each root field.
"""

import argparse
import asyncio
import math
from collections.abc import Callable
from contextlib import closing
from typing import Any

import asyncpg
import orjson
import uvloop

from api.app import create_app
from api.composition import System, opened
from api.context import Context
from api.engines import reader_of
from api.reading import Reading
from api.schema import schema
from api.settings import Settings
from benchmarks import engines
from benchmarks.harness import at_once, interleaved, show, timed
from events.sqlite import SqliteFile
from projections.reading.plan import Plan
from projections.reading.reader import Reader
from projections.reading.sqlite_reader import SqliteReader

OPERATIONS = {
    "actor page": """
        query($slug: String!) { actor(slug: $slug) { id name kind aliases { name kind }
          relations(first: 10) { totalCount nodes { key predicate status subject { slug name } object { slug name } } } } }""",
    "50 actors": """
        { actors(first: 50) { edges { cursor node { id name kind
          relations(first: 5) { nodes { predicate status object { slug name } } }
          statements(last: 2) { nodes { id content when { edtf } } } } } pageInfo { hasNextPage endCursor } } }""",
    "timeline of 100": """
        { timeline(first: 100) { edges { cursor node { id kind when { edtf } article { slug title } evidence { exact }
          ... on StatementMade { speaker { slug name } } ... on MeetingHeld { participants { role actor { slug name } } } } }
          pageInfo { hasNextPage endCursor } } }""",
}
VARIABLES: dict[str, dict[str, Any]] = {"actor page": {"slug": "actor-7"}}


class _Remembering:
    """A reader that remembers what it ran."""

    ran: tuple[Plan, dict[str, Any]]

    def __init__(self, reader: Reader) -> None:
        self._reader, self.dialect, self.statements = reader, reader.dialect, 0

    async def run(self, plan: Plan, given: Any) -> tuple[int, str]:
        self.ran = plan, plan.values(given)
        return await self._reader.run(plan, given)

    def position(self) -> int:
        return self._reader.position()

    def close(self) -> None:
        self._reader.close()


class Bare:
    """Finished SQL on a connection that does nothing else, prepared."""

    def __init__(
        self, system: System, runner: asyncio.Runner, plan: Plan, values: dict[str, Any]
    ) -> None:
        if isinstance(system.file, SqliteFile):
            reader = SqliteReader(system.file.reader(), patience=math.inf)
            connection = reader._connection  # it has the functions that the SQL needs
            connection.set_progress_handler(None, 0)
            self.run = lambda: connection.execute(plan.sql, values).fetchone()
            self.close: Callable[[], object] = reader.close
            return
        url, options = system.settings.database_url, {"jit": "off"}
        other = runner.run(asyncpg.connect(url, server_settings=options))
        prepared = runner.run(other.prepare(plan.sql))
        numbered = [values[name] for name in plan.order]
        self.run = lambda: runner.run(prepared.fetchrow(*numbered))
        self.close = lambda: runner.run(other.close())


async def asgi(app: Any, body: bytes) -> bytes:
    """One POST to the application, and the body of its answer."""
    sent = bytearray()
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "http_version": "1.1",
        "headers": [(b"content-type", b"application/json"), (b"accept", b"application/json")],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.extend(message.get("body", b""))

    await app(scope, receive, send)
    return bytes(sent)


def repeated(times: int, work: Callable[[], object]) -> Callable[[], float]:
    """Seconds for one of several repetitions."""

    def side() -> float:
        return timed(lambda: [work() for _ in range(times)]) / times

    return side


def compare(system: System, runner: asyncio.Runner, name: str, rounds: int) -> tuple[str, ...]:
    query, variables = OPERATIONS[name], VARIABLES.get(name, {})
    reader = _Remembering(reader_of(system.file))
    wait: Callable[[Any], Any] = runner.run
    if isinstance(system.file, SqliteFile):
        wait = at_once  # which it never does, and the loop would cost as much as a short query
    reading = Reading(schema()._schema, reader)
    nothing: Any = None
    context = Context(system.log, system.views, reading, nothing, "benchmark", 0)
    app = create_app(system)
    body = orjson.dumps({"query": query, "variables": variables})
    answer = wait(reading.answer(query, None, variables))
    assert isinstance(answer, tuple)
    answered = orjson.loads(runner.run(asgi(app, body)))
    assert answered["data"] == orjson.loads(answer[1])

    def executed() -> object:
        return runner.run(schema().execute(query, variable_values=variables, context_value=context))

    times = 40 if name == "actor page" else 10
    with closing(Bare(system, runner, *reader.ran)) as limit:
        assert orjson.loads(limit.run()[1]) == answered["data"]
        seconds = interleaved(
            rounds,
            repeated(times, lambda: runner.run(asgi(app, body))),
            repeated(times, lambda: wait(reading.answer(query, None, variables))),
            repeated(times, limit.run),
            repeated(2, executed),
        )
    reader.close()
    whole, alone, bare, executor = (1 / each for each in seconds)
    fields = answer[1].count(b'":')
    rates = (f"{rate:,.0f}" for rate in (whole, alone, bare, executor))
    return (name, f"{fields:,}", *rates, f"{whole / bare:.2f}", f"{alone / bare:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    engines.choose(parser)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    with (
        engines.database(arguments.engine, arguments.directory) as url,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(engines.make(url, arguments.events))
        entered = opened(Settings(database_url=url), follow=False)
        system = runner.run(entered.__aenter__())
        runner.run(system.views.catch_up())
        runner.run(engines.settled(system.file))
        rows = [compare(system, runner, name, arguments.rounds) for name in OPERATIONS]
        runner.run(entered.__aexit__(None, None, None))
    columns = (
        *("queries/s", "fields", "HTTP", "reading", "bare SQL", "executor"),
        *("HTTP:bare", "reading:bare"),
    )
    title = f"Reading the views of {arguments.events:,} events ({arguments.engine})"
    show(title, columns, rows)


if __name__ == "__main__":
    main()
