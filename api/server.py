"""How is the application served?  By uvicorn, on a socket that is taken before all else."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from api.live.arriving import PromptHttp
from api.live.patience import PatientWebSocket
from api.settings import Misconfigured, Settings

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


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine leads to a socket."""
    return ip_address(listening.getsockname()[0]).is_loopback


async def serve(
    app: Starlette, listening: socket.socket, settings: Settings, started: Callable[[], None]
) -> None:
    """Serve until a signal says to stop; `started` is called once requests are answered."""
    http: Any = partial(PromptHttp, settings.slow_timeout, settings.receive_timeout)
    websocket: Any = partial(PatientWebSocket, settings.slow_timeout)
    config = uvicorn.Config(
        app,
        http=http,
        ws=websocket,
        ws_max_size=settings.message_size,
        ws_ping_interval=None,  # there are pings enough in graphql-transport-ws
        ws_per_message_deflate=False,  # its windows would double what a connection costs that waits
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )
    await _Server(config, started, app.state.stopping).serve([listening])


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], stopping: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._tell, self._stopping = started, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)

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
