"""What do the errors of a PostgreSQL server mean?"""

import re
from ssl import SSLError
from typing import Final

from asyncpg import ClientConfigurationError, InterfaceError, InternalClientError, PostgresError

from events.refusals import LogDamaged, LogUnavailable, Malformed, Refusal

LOST: Final = {
    "08": "the connection was lost",
    "25P03": "the transaction was idle for too long",
    "53300": "it has no connection left",
    "57P": "it is starting or stopping",
}
"""What SQLSTATEs that begin so mean, where another attempt may succeed."""
UNAVAILABLE: Final = {
    "25006": "it is read-only",
    "26": "a pooler is in between, and this was not told",
    "28": "the role is not let in",
    "3D": "there is no such database",
    "40": "others changed the same at the same time",
    "42501": "the role lacks a privilege",
    "53": "it is short of a resource",
    "55P03": "somebody else keeps it locked",
    "57014": "the statement was cancelled",
    "58": "the disk does not do as it should",
}
"""The same, where another attempt would fail like this one."""
TOO_LARGE: Final = "54"
"""A limit of the server was exceeded, as by a name that no index takes."""
DAMAGED: Final = ("XX001", "XX002")
"""Data and index corrupted."""

GONE: Final = re.compile("is clos|released back")
"""What the driver says of a connection that is closed, is closing, or fell back to the pool when it was lost."""


class ServerLost(LogUnavailable):
    """The server cannot be reached now, or was lost on the way; another attempt may succeed."""


class refusing:  # noqa: N801 - a context manager, which a generator would make dearer for each statement
    """Turn complaints about a server into refusals; let mistakes in a statement pass."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Exception) and (refusal := refusal_of(error, self._name)):
            raise refusal from error


def refusal_of(error: Exception, name: str) -> Refusal | None:
    """The refusal that an error means; None if it says nothing about the server."""
    if isinstance(error, PostgresError):
        state = error.sqlstate or ""
        if state in DAMAGED:
            return LogDamaged(f"{name} is damaged: {error}")
        if state.startswith(TOO_LARGE):
            return Malformed(f"{name} does not take what is as large: {error}")
        for reasons, refusal in ((LOST, ServerLost), (UNAVAILABLE, LogUnavailable)):
            for start, reason in reasons.items():
                if state.startswith(start):
                    return refusal(f"{name} cannot be used now, {reason}: {error}")
        return None
    if isinstance(error, ClientConfigurationError | SSLError):
        return LogUnavailable(f"{name} cannot be connected to: {error}")
    if isinstance(error, TimeoutError):
        return ServerLost(f"{name} does not answer in time, or all connections are in use")
    if isinstance(error, OSError):
        return ServerLost(f"{name} cannot be reached: {error}")
    if isinstance(error, InternalClientError) or (
        isinstance(error, InterfaceError) and GONE.search(str(error))
    ):
        return ServerLost(f"{name} cannot be used now, {LOST['08']}: {error}")
    return None
