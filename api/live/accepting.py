"""In which form does a client want its answer?  Its `Accept` header says; a form that it does not want has the quality 0."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"
MULTIPART: Final = "multipart/mixed"
NEWER, OLDER = "incrementalSpec=v0.2", "deferSpec=20220824"
"""Forms of answers in parts, as Apollo names them: https://specs.apollo.dev/incremental/v0.2/."""
HTML: Final = "text/html"
CHARSETS: Final = {"utf-8", "utf8"}


REMEMBERED: Final = 256
"""Values of headers that are remembered: clients send few."""


class Accepted:
    """What an `Accept` header names; RFC 9110, section 12.5.1."""

    def __init__(self, header: str) -> None:
        self._header = header
        self._qualities = dict(filter(None, map(_range, header.split(","))))

    @cached_property
    def json(self) -> str | None:
        """The JSON that is wanted, if one is: GraphQL's own only where it is named."""
        if not self._qualities:
            return JSON
        legacy = self._quality(JSON)
        if self._names(GRAPHQL_RESPONSE) and self._qualities[GRAPHQL_RESPONSE] >= legacy:
            return GRAPHQL_RESPONSE
        return JSON if legacy else None

    @cached_property
    def events(self) -> bool:
        """Whether server-sent events are wanted, by name: who accepts anything does not expect an answer without end."""
        return self._names(EVENT_STREAM)

    @cached_property
    def parts(self) -> str | None:
        """The form of answers in parts that is wanted, if one is, by name; who names no form gets the older one."""
        for text in self._header.split(","):
            name, quality = _range(text) or ("", 0)
            if name != MULTIPART or not quality:
                continue
            parameters = media_type(text)[1]
            newer, older = parameters.get("incrementalspec"), parameters.get("deferspec")
            if newer == "v0.2":
                return NEWER
            if older == "20220824" or not (newer or older or "subscriptionspec" in parameters):
                return OLDER
        return None

    @cached_property
    def page(self) -> bool:
        """Whether a page is wanted, by name, and no answer to a program."""
        return self._names(HTML) and not self._names(JSON) and not self._names(GRAPHQL_RESPONSE)

    def _names(self, media_type: str) -> bool:
        return self._qualities.get(media_type, 0) > 0

    def _quality(self, media_type: str) -> float:
        """That of the most specific range with a media type."""
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((self._qualities[each] for each in ranges if each in self._qualities), 0)


@lru_cache(REMEMBERED)
def accepted_by(header: str) -> Accepted:
    """What a client accepts."""
    return Accepted(header)


def _range(text: str) -> tuple[str, float] | None:
    """A media range and its quality; none if it is no range."""
    media_range, parameters = media_type(text)
    if "/" not in media_range:
        return None
    if parameters.get("charset", "utf-8").lower() not in CHARSETS:
        return media_range, 0
    try:
        return media_range, float(parameters.get("q", 1))
    except ValueError:
        return media_range, 1


@lru_cache(REMEMBERED)
def media_type(text: str) -> tuple[str, Mapping[str, str]]:
    """A media type or range, and its parameters.

    >>> media_type('Application/JSON; charset="UTF-8"; x')
    ('application/json', {'charset': 'UTF-8', 'x': ''})
    """
    name, *rest = text.split(";")
    parameters = {}
    for each in rest:
        key, _, value = each.partition("=")
        parameters[key.strip().lower()] = value.strip().strip('"')
    return name.strip().lower(), parameters
