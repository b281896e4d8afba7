"""What can be looked into?  The parts of a running server."""

from dataclasses import dataclass

from api.composition import System
from api.live.limits import Connections
from api.live.listeners import Listeners
from api.readiness import Readiness
from api.reading import Reading


@dataclass(frozen=True)
class Sources:
    """Those parts."""

    system: System
    readiness: Readiness
    readings: frozenset[Reading]
    """One, or two if queries are read from a replica."""
    listeners: Listeners
    connections: Connections
