"""What does a log of events promise?  The port; engines are sibling files behind one contract suite.

- Positions are dense: 1, 2, 3 …; a refused append leaves no hole, and whoever sees position n has seen all before it.
- An append is several writes that commit together or not at all.
- A key makes an append idempotent for ever: the same content again gives the first answer, another content is refused.
- `recorded_at` never runs backwards, so an instant always means one position.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from events.record import Recorded
from events.vocabulary import AnyEvent

ANY: Final = None
"""As an expected version: whatever version the stream has."""


@dataclass(frozen=True)
class Write:
    """Events for one stream, appended if the stream is at the expected version."""

    stream: str
    events: Sequence[AnyEvent]
    expected: int | None = ANY
    """How many events the stream has: 0 for a new one; `ANY` accepts every version."""


@dataclass(frozen=True)
class Provenance:
    """Who records, and as a consequence of what."""

    recorder: str
    causation: str | None = None
    """Id of the event or request that caused this append."""
    correlation: str | None = None
    """Id shared by all appends of one undertaking."""


@dataclass(frozen=True)
class Appended:
    """Where the events of an append stand in the log."""

    first: int
    """Position of the first."""
    last: int
    """Position of the last."""
    ids: tuple[str, ...]
    """UUID of each, in order."""
    repeated: bool = False
    """Whether the key had been used with this content before, so that nothing new was written."""


class EventLog(Protocol):
    """An append-only log of domain events."""

    async def append(
        self, writes: Sequence[Write], provenance: Provenance, key: str | None = None
    ) -> Appended:
        """Append all writes or none.

        Raises VersionConflict, KeyReused, Malformed (nothing to append), LogUnavailable (cannot be written now; nothing was).
        """
        ...

    async def restore(self, records: Iterable[Recorded], after: int = 0) -> int:
        """Put the records of another log behind `after`, where this one ends, byte for byte, with their keys.  Gives how many.

        All are kept or none.  Those that came by one append must come together.
        They are drawn one by one, on another thread; if this log was empty, the last one drawn is the one that is refused.
        Raises Malformed (a record does not follow on those before it), LogNotEmpty (the log ends elsewhere), LogUnavailable.
        """
        ...

    async def read(
        self, after: int = 0, limit: int = 1000, streams: Collection[str] | None = None
    ) -> list[Recorded]:
        """Up to `limit` records with a position greater than `after`, in order; of the named streams, or of all.  Raises LogDamaged."""
        ...

    async def find(self, key: str) -> Appended | None:
        """The append that used a key, with `repeated` set; none if the key is free."""
        ...

    def follow(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every record after a position, in order, once, and then each new one as it is committed, without end."""
        ...

    def batches(self, after: int = 0, size: int = 256) -> AsyncIterator[list[Recorded]]:
        """The same in lists, none empty, none longer than `size`, none of many megabytes: what there is, then what is new."""
        ...

    async def head(self) -> int:
        """Position of the last record; 0 when the log is empty."""
        ...

    async def versions(self, streams: Collection[str]) -> dict[str, int]:
        """How many events each of the streams has; 0 for one that does not exist."""
        ...

    async def position_at(self, instant: str) -> int:
        """Position of the last record at or before an instant, which is written as `recorded_at` is; 0 if there is none."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
        ...
