"""How much may one client have open?  So many connections from one address, and so many operations on each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection

from api.requests import BadRequest


class Connections:
    """The open connections, by the address that they come from."""

    def __init__(self, most: int) -> None:
        """`most`: how many may come from one address."""
        self._most = most
        self._open: Counter[str] = Counter()
        self.open: Counter[str] = Counter({"websocket": 0, "http": 0})
        """How many are open, by whether they are WebSockets or event streams."""

    @contextmanager
    def admitted(self, connection: HTTPConnection) -> Iterator[None]:
        """Count a connection while it is open.  Raises BadRequest 429 for one too many."""
        address = connection.client.host if connection.client else ""
        if self._open[address] >= self._most:
            raise BadRequest(
                f"{address} has {self._most} connections open already; close one, or use one for many operations",
                429,
                "TOO_MANY_CONNECTIONS",
            )
        self._open[address] += 1
        self.open[connection.scope["type"]] += 1
        try:
            yield
        finally:
            self.open[connection.scope["type"]] -= 1
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


def too_many_operations(most: int) -> BadRequest:
    """Why no further operation is run."""
    message = f"there are {most} operations running on this connection already; complete one first"
    return BadRequest(message, 429, "TOO_MANY_OPERATIONS")
