"""What lies between a client and its PostgreSQL server?  For one, a proxy that can lose a connection at the worst moment."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from tests.postgres import GIVEN


class Fault(Enum):
    """What becomes of the next COMMIT of a transaction that has notified others."""

    NONE = "it is passed on, and so is the answer"
    LOSE_IT = "the connection is lost before it"
    LOSE_THE_ANSWER = "the connection is lost after it, before the answer"


class Proxy:
    """Passes bytes on, until something is to be lost; then `refusing` says whether others may connect."""

    def __init__(self, socket: Path) -> None:
        self.fault = Fault.NONE
        self.refusing = False
        self._socket = socket

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Stand between one client and the server."""
        if self.refusing:
            return
        from_server, to_server = await asyncio.open_unix_connection(self._socket)
        answers = asyncio.create_task(_pass_on(from_server, writer))
        try:
            await self._requests(reader, to_server, answers)
        finally:
            answers.cancel()
            to_server.close()

    async def _requests(
        self, reader: StreamReader, to_server: StreamWriter, answers: asyncio.Task
    ) -> None:
        while data := await reader.read(65536):
            commits = b"NOTIFY" in data and b"COMMIT" in data
            if commits and self.fault is not Fault.NONE:
                answers.cancel()
                if self.fault is Fault.LOSE_THE_ANSWER:
                    to_server.write(data)
                    await to_server.drain()
                    await asyncio.sleep(0.1)
                return
            to_server.write(data)
            await to_server.drain()


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Valve:
    """Passes bytes on while it is open; closed, it leaves everybody waiting."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self.open = asyncio.Event()
        self.open.set()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(self._socket)
        await asyncio.gather(
            self._while_open(reader, to_server), self._while_open(from_server, writer)
        )

    async def _while_open(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.open.wait()
            writer.write(data)
            await writer.drain()
        writer.close()


class Between(Protocol):
    """What can stand between a client and the server, whose socket it was given."""

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None: ...


B = TypeVar("B", bound=Between)


@asynccontextmanager
async def through(
    make: Callable[[Path], B], url: str, directory: Path
) -> AsyncIterator[tuple[str, B]]:
    """The URL of the same database by way of something, and that."""
    if GIVEN:
        pytest.skip("what is in between speaks to the server of the tests' own, by its socket")
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query))
    between = make(Path(parameters["host"]) / ".s.PGSQL.5432")
    serving = set[asyncio.Task]()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        serving.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await between.serve(reader, writer)
        writer.close()

    server = await asyncio.start_unix_server(serve, directory / ".s.PGSQL.5432")
    parameters["host"] = str(directory)
    try:
        yield urlunsplit(parts._replace(query=urlencode(parameters))), between
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
