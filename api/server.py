"""How is the application served?  By uvicorn, on a socket that is taken before all else."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from api.settings import Misconfigured

BACKLOG: Final = 2048
GRACE: Final = 5
"""Seconds that requests have to end after a signal to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; no other program can take the port any more.  Raises Misconfigured."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        raise Misconfigured(_told(host, port, number, error)) from None


def address(listening: socket.socket) -> str:
    """The URL that leads to a socket of ours."""
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(app: ASGIApp, listening: socket.socket, started: Callable[[], None]) -> None:
    """Serve until a signal says to stop; `started` is called once requests are answered."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )
    await _Server(config, started).serve([listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn, but the signal is not raised again, so that the log is closed afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _told(host: str, port: int, number: int | None, error: Exception) -> str:
    match number:
        case errno.EADDRINUSE:
            return (
                f"port {port} of {host} is taken by another program; "
                "choose another one with --port or COMMUNIQUE_PORT"
            )
        case errno.EACCES:
            return f"port {port} of {host} is not permitted; choose one above 1023"
        case _:
            return f"cannot listen on {host!r}, port {port}: {error}"
