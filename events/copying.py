"""How does a log come into another engine?  In batches, each all or nothing, so that a copy that was cut off goes on where it stopped.

First `compare` what the target has, then `fill` in what it lacks, then `compare` all: as those who write at the source go on, up to a
position that it had at the beginning.  Whatever the length of the log, one batch is in memory.
"""

from collections.abc import AsyncIterator
from typing import Final

from events.exchange import PAGE, Progress
from events.log import EventLog
from events.prefix import Prefix
from events.record import Recorded
from events.refusals import LogsDiffer

RECORDS: Final = 1000
"""After how many records a batch ends."""
BYTES: Final = 1_000_000
"""After how many bytes of records it does."""


async def compare(
    source: EventLog, target: EventLog, until: int, progress: Progress | None = None
) -> str:
    """Root of the Merkle tree over the records up to a position, which both logs have byte for byte, and the target must reach.

    Raises LogsDiffer at the first one that the source does not have, or has otherwise; LogDamaged.
    """
    prefix, shared = Prefix(), min(until, await source.head())
    theirs = target.follow()
    async for record in _stretch(source, 0, shared):
        if await anext(theirs) != record:
            raise LogsDiffer(record.position)
        prefix.add(record)
        if progress and record.position % PAGE == 0:
            progress(record.position, until)
    if shared < until:
        raise LogsDiffer(shared + 1)
    return prefix.root


async def fill(
    source: EventLog,
    target: EventLog,
    after: int,
    until: int,
    progress: Progress | None = None,
) -> None:
    """Bring what the source has behind one position and up to another into the target, which ends at the first.

    A batch ends with the first append that makes it full, since only whole appends are restored.
    Raises LogNotEmpty (somebody else writes to the target), LogDamaged, LogUnavailable; what was restored before is kept.
    """
    batch, size = list[Recorded](), 0
    async for record in _stretch(source, after, until):
        if (len(batch) >= RECORDS or size >= BYTES) and not _together(batch[-1], record):
            await target.restore(batch, batch[0].position - 1)
            if progress:
                progress(batch[-1].position, until)
            batch, size = [], 0
        batch.append(record)
        size += len(record.record)
    if batch:
        await target.restore(batch, batch[0].position - 1)


async def _stretch(log: EventLog, after: int, until: int) -> AsyncIterator[Recorded]:
    """The records behind one position and up to another, which the log has."""
    if after < until:
        async for record in log.follow(after):
            yield record
            if record.position == until:
                return


def _together(one: Recorded, other: Recorded) -> bool:
    """Whether two records, one behind the other, came by one append; those without a key can come alone."""
    key = one.envelope["key"]
    return key is not None and key == other.envelope["key"]
