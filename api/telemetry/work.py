"""What is at work?  A request, a WebSocket, or an operation over one: its id, and what becomes of it.

Whoever serves it has it at hand as `current()`, and notes there what is known of it; in the end, it is told to those who observe.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex
from time import perf_counter
from typing import Final, Literal

from starlette.types import Scope

HEADER: Final = b"x-request-id"
GIVEN: Final = re.compile(rb"[\w.~+/=:@-]{1,100}", re.ASCII)
"""Which ids are taken over from clients: those of all that make such ids, and nothing that could forge a line of a log."""

PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What programs ask for all the time, and nobody wants to read of."""
SHOWN: Final = 100
"""Characters that are shown of what a client chose."""

Outcome = Literal["ok", "error", "failed"]


class Work:
    """One piece of work, while it goes on."""

    __slots__ = (
        *("_parts", "bytes", "failed", "id", "kind", "operation", "path"),
        *("refused", "status", "subject", "transport", "watch"),
    )

    def __init__(self, id_: str, path: str, transport: str, watch: "Watch") -> None:
        self.id, self.path, self.transport, self.watch = id_, path, transport, watch
        self.kind: str | None = None
        """`query`, `mutation`, `subscription`, or `connection` for a WebSocket; none if no operation was found."""
        self.operation: str | None = None
        """The name of the operation, as its document has it."""
        self.subject: str | None = None
        """Who asked, if that is known."""
        self.status = 0
        """The status of HTTP; 0 where there is none."""
        self.bytes = 0
        """What was sent, without headers."""
        self.refused = False
        """Whether an error was shown."""
        self.failed = False
        """Whether one of these was our own fault."""
        self._parts = 0

    @property
    def outcome(self) -> Outcome:
        """How it ended: `failed` is our own fault, `error` is not."""
        if self.failed or self.status >= 500:  # noqa: PLR2004 - a status of HTTP
            return "failed"
        return "error" if self.refused or self.status >= 400 else "ok"  # noqa: PLR2004 - as above

    def part(self) -> "Work":
        """One operation of the many that a WebSocket has; its id begins with that of the WebSocket."""
        self._parts += 1
        return Work(f"{self.id}.{self._parts}", self.path, self.transport, self.watch)


Observe = Callable[[Work, float], None]
"""Is told of a piece of work, and how many seconds it took."""


class Watch:
    """Those who observe what is done."""

    def __init__(self, observers: Sequence[Observe] = ()) -> None:
        self._observers = observers

    def begun(self, scope: Scope) -> Work:
        """The work that a request is, or a WebSocket."""
        is_request = scope["type"] == "http"
        work = Work(_id(scope), scope["path"], "http" if is_request else "websocket", self)
        work.kind = None if is_request else "connection"
        return work

    @contextmanager
    def over(self, work: Work, scope: Scope | None = None) -> Iterator[None]:  # noqa: ARG002 - for those who trace
        """Do a piece of work, of which they are told in the end."""
        token, began = _CURRENT.set(work), perf_counter()
        try:
            yield
        except Exception:
            work.failed = True
            raise
        finally:
            seconds = perf_counter() - began
            for observe in self._observers:
                observe(work, seconds)
            _CURRENT.reset(token)

    async def close(self) -> None:
        """Let go of what is needed to observe."""


def current() -> Work:
    """What is being done; a piece of work that nobody observes, where nothing was begun."""
    return _CURRENT.get(None) or Work(token_hex(8), "", "", Watch())


def current_id() -> str | None:
    """The id of what is being done, if something is."""
    work = _CURRENT.get(None)
    return None if work is None else work.id


def _id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == HEADER and GIVEN.fullmatch(value):
            given: bytes = value
            return given.decode("ascii")
    return token_hex(8)


_CURRENT: Final[ContextVar[Work]] = ContextVar("work")
