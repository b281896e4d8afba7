"""What is the least that a server in Python can do for an answer?  To run the finished statement, and send the bytes.

    python -m benchmarks.read.bare DATABASE_URL BODIES

An ASGI application on the server of the product, set up as the product sets it up.  `BODIES` is a file with JSON: a list of bodies for each
operation.  What each of them means is found out before the first request; a path, `/OPERATION/NUMBER`, then says which one is asked.
"""

import asyncio
import math
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import orjson
import uvicorn
import uvloop

from api.composition import System, opened
from api.engines import reader_of
from api.reading import Reading
from api.schema import schema
from api.server import BACKLOG, address
from api.settings import Settings
from events.postgres import CONNECTIONS
from events.sqlite import SqliteFile
from projections.reading.plan import Plan
from projections.reading.reader import Reader
from projections.reading.sqlite_reader import SqliteReader

Row: TypeAlias = Sequence[Any]
"""(position, JSON of the data)"""
Statements = Mapping[str, tuple[Plan, Mapping[str, Any]]]
"""What runs for each path: a plan, and the values of its parameters."""
Run = Callable[[str], Awaitable[Row]]
SESSION = {"jit": "off", "plan_cache_mode": "force_generic_plan"}
"""So that nothing is planned or compiled anew, whatever is estimated."""


class Remembering:
    """A reader that remembers what it ran."""

    ran: tuple[Plan, dict[str, Any]]

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    async def run(self, plan: Plan, given: Any) -> Any:
        self.ran = plan, plan.values(given)
        return await self._reader.run(plan, given)


class OnSqlite:
    """One connection, in the event loop."""

    def __init__(self, file: SqliteFile, statements: Statements) -> None:
        self._reader = SqliteReader(file.reader(), patience=math.inf)
        self._connection = self._reader._connection  # it has the functions that the SQL needs
        self._connection.set_progress_handler(None, 0)
        self._statements = {path: (plan.sql, values) for path, (plan, values) in statements.items()}

    async def run(self, path: str) -> Row:
        row: Row = self._connection.execute(*self._statements[path]).fetchone()
        return row


class OnPostgres:
    """As many connections as the product has, with every statement prepared on each."""

    def __init__(self, statements: Statements) -> None:
        self._statements = {
            path: (plan.sql, [values[name] for name in plan.order])
            for path, (plan, values) in statements.items()
        }
        self._free: asyncio.LifoQueue[Mapping[str, Any]] = asyncio.LifoQueue()

    async def connect(self, url: str) -> None:
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(url, server_settings=SESSION)
            texts = {sql for sql, _ in self._statements.values()}
            self._free.put_nowait({sql: await connection.prepare(sql) for sql in texts})

    async def run(self, path: str) -> Row:
        sql, arguments = self._statements[path]
        prepared = await self._free.get()
        try:
            row: Row = await prepared[sql].fetchrow(*arguments)
        finally:
            self._free.put_nowait(prepared)
        return row


async def running(system: System, statements: Statements) -> Run:
    """How the statements are run on the database of a system."""
    if isinstance(system.file, SqliteFile):
        return OnSqlite(system.file, statements).run
    postgres = OnPostgres(statements)
    await postgres.connect(system.settings.database_url)
    return postgres.run


def application(run: Run) -> Any:
    """An ASGI application that answers with what runs for the path."""

    async def app(scope: Any, _: Any, send: Any) -> None:
        position, data = await run(scope["path"])
        body = b'{"data":%b,"extensions":{"position":%d}}' % (data.encode(), position)
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def serve(settings: Settings, asked: Sequence[Sequence[str]]) -> None:
    async with opened(settings, follow=False) as system:
        reader: Any = Remembering(reader_of(system.file, system.settings.query_timeout))
        reading = Reading(schema()._schema, reader)
        statements = {}
        for operation, bodies in enumerate(asked):
            for number, body in enumerate(map(orjson.loads, bodies)):
                answer = await reading.answer(body["query"], None, body["variables"])
                assert isinstance(answer, tuple), answer
                statements[f"/{operation}/{number}"] = reader.ran
        run = await running(system, statements)
        listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        print(address(listening), flush=True)
        config = uvicorn.Config(application(run), lifespan="off", access_log=False, log_config=None)
        await uvicorn.Server(config).serve([listening])


def main() -> None:
    url, bodies = sys.argv[1:]
    uvloop.run(serve(Settings(database_url=url), orjson.loads(Path(bodies).read_bytes())))


if __name__ == "__main__":
    main()
