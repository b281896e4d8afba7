"""May this page open a WebSocket?  Browsers let every page open one to everywhere, and only say which page it is."""

from collections.abc import Collection
from typing import Final

from starlette.requests import HTTPConnection

DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


def is_allowed(connection: HTTPConnection, origins: Collection[str]) -> bool:
    """Whether it comes from a page of this server or of one of the origins; who names no page is no browser."""
    origin = connection.headers.get("origin")
    if origin is None or origin.lower() in origins:
        return True
    scheme, _, page = origin.partition("://")
    host = connection.headers.get("host", "")
    return scheme in DEFAULT_PORTS and _place(scheme, page) == _place(scheme, host)


def _place(scheme: str, host: str) -> tuple[str, str]:
    """Host and port, which is left out if it is the scheme's own."""
    name, separator, port = host.lower().rpartition(":")
    if not separator or port.endswith("]"):  # the colons of an IPv6 address stand in brackets
        return host.lower(), DEFAULT_PORTS[scheme]
    return name, port
