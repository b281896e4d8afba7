"""In which form does a client want its answer?  Its `Accept` header says; a form that it does not want has the quality 0."""

from typing import Final

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"


class Accepted:
    """What an `Accept` header names; RFC 9110, section 12.5.1."""

    def __init__(self, header: str) -> None:
        self._qualities = dict(map(_range, filter(str.strip, header.split(","))))

    @property
    def json(self) -> str | None:
        """The JSON that is wanted, if one is: GraphQL's own only where it is named."""
        if self._wants(GRAPHQL_RESPONSE):
            return GRAPHQL_RESPONSE
        if not self._qualities:
            return JSON
        ranges = (JSON, "application/*", "*/*")
        named = next((each for each in ranges if each in self._qualities), None)
        return JSON if named and self._wants(named) else None

    @property
    def events(self) -> bool:
        """Whether server-sent events are wanted, by name: who accepts anything does not expect an answer without end."""
        return self._wants(EVENT_STREAM)

    def _wants(self, media_range: str) -> bool:
        return self._qualities.get(media_range, 0) > 0


def _range(text: str) -> tuple[str, float]:
    media_range, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return media_range, float(quality)
    except ValueError:
        return media_range, 1
