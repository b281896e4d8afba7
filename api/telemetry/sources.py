"""What can be looked into?  The parts of a running server."""

from dataclasses import dataclass

from api.composition import System
from api.live.limits import Connections
from api.operations import Operations
from api.readiness import Readiness


@dataclass(frozen=True)
class Sources:
    """Those parts."""

    system: System
    readiness: Readiness
    operations: Operations
    connections: Connections
