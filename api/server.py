"""How is the application served?  By uvicorn, on a socket that is taken before all else."""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import Any, Final

import uvicorn

from api.front import Front
from api.live.arriving import PromptHttp
from api.live.patience import PatientWebSocket
from api.settings import Misconfigured, Settings

BACKLOG: Final = 2048
GRACE: Final = 5
"""Seconds that requests have to end after a signal to stop."""
TICK: Final = 0.1
"""Seconds between two looks whether it must stop at once."""


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
    front: Front,
    listening: socket.socket,
    settings: Settings,
    held: AbstractAsyncContextManager[object],
) -> None:
    """Serve until a signal says to stop.

    What is `held` is entered meanwhile, and left when nothing is served any more; if it fails, its
    failure ends the serving, and is raised here.
    """
    http: Any = partial(PromptHttp, settings.slow_timeout, settings.receive_timeout)
    websocket: Any = partial(PatientWebSocket, settings.slow_timeout)
    config = uvicorn.Config(
        front,
        http=http,
        ws=websocket,
        ws_max_size=settings.message_size,
        ws_ping_interval=None,  # there are pings enough in graphql-transport-ws
        ws_per_message_deflate=False,  # its windows would double what a connection costs that waits
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, front, settings.drain)
    stopped = asyncio.Event()
    holding = asyncio.create_task(_hold(held, stopped))
    holding.add_done_callback(server.end)
    try:
        await server.serve([listening])
    finally:
        stopped.set()
        if not front.is_open:
            holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding


async def _hold(held: AbstractAsyncContextManager[object], stopped: asyncio.Event) -> None:
    async with held:
        await stopped.wait()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, front: Front, drain: float) -> None:
        """`drain`: seconds that requests are still taken when it is told to stop."""
        super().__init__(config)
        self._front, self._drain = front, drain

    def end(self, _: object) -> None:
        """Stop at once: there is nothing to serve."""
        self.should_exit, self._drain = True, 0.0

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._front.leave()
        until = monotonic() + self._drain
        while monotonic() < until and not self.force_exit:  # noqa: ASYNC110 - uvicorn's flag, of a second Ctrl-C
            await asyncio.sleep(TICK)
        self._front.stop()
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
