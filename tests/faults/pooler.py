"""What does a pooler in transaction mode do to a session?  It gives each transaction another server.

A small one that speaks just enough of the protocol: it has two servers for each client, and changes between them whenever
a transaction is over, as the busiest pooler could.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from struct import unpack

IDLE = b"Z\0\0\0\5I"
"""The server is ready for a query, and in no transaction."""
NOTIFICATION = b"A"
TERMINATE = b"X"
CANCEL = b"\x04\xd2\x16\x2e"
"""What stands for the version of the protocol where a statement is to be cut off."""


class Pooler:
    """Stands before a server that listens on a socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one client."""
        length = await reader.readexactly(4)
        startup = length + await reader.readexactly(unpack("!I", length)[0] - 4)
        if startup[4:8] == CANCEL:  # which is never answered; what runs ends by itself
            return
        servers = [await asyncio.open_unix_connection(self._socket) for _ in range(2)]
        turn = 0

        async def answers(from_server: StreamReader, *, heard: bool) -> None:
            """Pass on what a server says, but for notifications, and its greeting unless that is to be heard."""
            nonlocal turn
            while True:
                answer = await _message(from_server)
                if heard and answer[:1] != NOTIFICATION:
                    writer.write(answer)
                turn += heard and answer == IDLE
                heard = heard or answer == IDLE

        passing = [
            asyncio.create_task(answers(from_server, heard=number == 1))
            for number, (from_server, _) in enumerate(servers)
        ]
        try:
            for _, to_server in servers:
                to_server.write(startup)
            while (asked := await _message(reader))[:1] != TERMINATE:
                servers[turn % 2][1].write(asked)
        finally:
            for task, (_, to_server) in zip(passing, servers, strict=True):
                task.cancel()
                to_server.close()


async def _message(reader: StreamReader) -> bytes:
    """One message: its type, its length, and the rest."""
    start = await reader.readexactly(5)
    return start + await reader.readexactly(unpack("!I", start[1:])[0] - 4)
