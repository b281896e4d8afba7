"""What do the first n records of a log amount to?  Their end, and the one hash that stands for them."""

from events.merkle import Tree
from events.record import Recorded
from events.refusals import LogDamaged


class Prefix:
    """The records of a log from the first one on, taken in one after the other; none is kept."""

    def __init__(self) -> None:
        self.recorded_at = ""
        """When the last one was recorded; empty while there is none."""
        self._tree = Tree()

    @property
    def position(self) -> int:
        """Position of the last one; 0 while there is none."""
        return self._tree.size

    @property
    def root(self) -> str:
        """Root of the RFC 6962 Merkle tree over their leaf hashes, in hexadecimal."""
        return self._tree.root.hex()

    def add(self, record: Recorded) -> None:
        """Take in the next one.  Raises LogDamaged if it does not follow on the last one."""
        refuse_stray(record, self.position, self.recorded_at)
        self._tree.add(record.leaf)
        self.recorded_at = record.recorded_at


def refuse_stray(record: Recorded, position: int, recorded_at: str) -> None:
    """Raises LogDamaged unless a record follows on the one at a position, which was recorded then."""
    if record.position != position + 1:
        raise LogDamaged(f"position {record.position} stands where {position + 1} must follow")
    if record.recorded_at < recorded_at:
        raise LogDamaged(
            f"position {record.position} was recorded at {record.recorded_at}, "
            f"before the one that it follows, at {recorded_at}"
        )
