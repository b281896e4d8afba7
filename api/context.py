"""What do resolvers have at hand?"""

from dataclasses import dataclass

from api.reading import Reading
from events.log import EventLog, Provenance
from projections.runner import Views


@dataclass(frozen=True)
class Context:
    """What resolvers have at hand; Strawberry passes it on."""

    log: EventLog
    views: Views
    reading: Reading
    recorder: str
    since: int | None = None
    """The last position that the client of a subscription has seen, if it says so by reconnecting."""

    @property
    def provenance(self) -> Provenance:
        return Provenance(self.recorder)
