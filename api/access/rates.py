"""Does somebody ask too often?  So many operations in a minute: a subject's wherever it asks from, or else those of an address."""

from ipaddress import IPv6Address, IPv6Network
from time import time

from starlette.requests import HTTPConnection

from api.access.callers import Caller
from api.requests import BadRequest


class Rates:
    """Counts operations in fixed windows of a minute."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute`: how many; 0 is no limit."""
        self._per_minute = per_minute
        if per_minute:
            from limits import RateLimitItemPerMinute  # noqa: PLC0415 - only a limit needs it
            from limits.storage import MemoryStorage  # noqa: PLC0415 - as above
            from limits.strategies import FixedWindowRateLimiter  # noqa: PLC0415 - as above

            self._most = RateLimitItemPerMinute(per_minute)
            self._windows = FixedWindowRateLimiter(MemoryStorage())

    def count(self, connection: HTTPConnection, caller: Caller) -> None:
        """Count an operation.  Raises BadRequest 429 for one too many."""
        if not self._per_minute:
            return
        who = f"subject {caller.subject}" if caller.subject else _network(connection)
        if not self._windows.hit(self._most, who):
            seconds = max(
                1, round(self._windows.get_window_stats(self._most, who).reset_time - time())
            )
            raise TooManyRequests(self._per_minute, seconds)


class TooManyRequests(BadRequest):
    """Somebody asks too often."""

    def __init__(self, most: int, seconds: int) -> None:
        message = f"{most} operations a minute are allowed; the next one in {seconds} s"
        super().__init__(message, 429, "TOO_MANY_REQUESTS")
        self.headers = {"Retry-After": str(seconds)}


def _network(connection: HTTPConnection) -> str:
    """The address of a client; of IPv6 the network, since one client has all of its addresses."""
    host = connection.client.host if connection.client else ""
    if ":" not in host:
        return host
    address = IPv6Address(host)
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
