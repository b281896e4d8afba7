"""Does a page of another site ask, through somebody's browser?  Browsers say so, and pages cannot keep them from it.

There are no cookies here that such a page could use, but it could stand in a network that may reach this server when others may not.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
"""

from collections.abc import Collection, Sequence
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection

from api.live.origins import is_allowed
from api.requests import BadRequest

TOLD_BY_BROWSERS: Final = frozenset({b"origin", b"sec-fetch-site"})
FOREIGN: Final = ("cross-site", "same-site")
METHODS: Final = ("DELETE", "GET", "POST", "PUT")
HEADERS: Final = (
    *("Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"),
    *("X-GraphQL-Event-Stream-Token", "X-Request-Id"),
)
EXPOSED: Final = ("ETag", "Retry-After", "WWW-Authenticate", "X-Request-Id")
REMEMBERED: Final = 600
"""Seconds for which a browser remembers what it may send."""


def refuse_foreign(connection: HTTPConnection, origins: Collection[str]) -> None:
    """Refuse what comes from a page that is neither of this server nor of one of the origins.  Raises BadRequest 403."""
    if TOLD_BY_BROWSERS.isdisjoint(dict(connection.scope["headers"])):
        return  # before all headers are looked through by name, since most requests are such
    headers = connection.headers
    page = headers.get("origin")
    if not is_allowed(connection, origins) or (
        page is None and headers.get("sec-fetch-site") in FOREIGN
    ):
        who = f"pages of {page}" if page else "pages of other sites"
        message = f"{who} may not ask; COMMUNIQUE_ALLOWED_ORIGINS names those that may"
        raise BadRequest(message, 403, "FORBIDDEN")


def sharing_with(origins: Collection[str]) -> Sequence[Middleware]:
    """What tells browsers that pages of these origins may ask, and read the answers; nothing, if there are none."""
    if not origins:
        return ()
    return (
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=METHODS,
            allow_headers=HEADERS,
            expose_headers=EXPOSED,
            max_age=REMEMBERED,
        ),
    )
