"""How does the data set get into the log?  Month by month, each in one append, so that it goes on wherever it stopped."""

from dataclasses import dataclass
from typing import IO

from events.log import EventLog
from seeds.ingest import ingest
from seeds.problems import DossierRefused
from seeds.summary import Summary
from seeds.ucdp.dossiers import Tell, dossiers
from seeds.ucdp.months import Progress


@dataclass
class Imported:
    """What an import did."""

    months: int = 0
    """Months that have an article in the log now."""
    registered: int = 0
    """Actors that are new."""
    recorded: int = 0
    """Events that are new."""
    known: int = 0
    """Events that were there before."""
    corrected: int = 0
    """Articles, actors and events that an older version of the program had read otherwise."""
    refused: int = 0
    """Months that the log has with other rows."""
    positions: tuple[int, int] | None = None
    """Positions of the first and the last new event; none if nothing was appended."""

    def add(self, summary: Summary, events: int) -> None:
        """Count one more month, of so many events."""
        recorded = sum(part != "article" for part in summary.recorded)
        self.months += 1
        self.registered += len(summary.registered)
        self.recorded += recorded
        self.known += events - recorded
        self.corrected += len(summary.corrected) + len(summary.retracted)
        if summary.positions:
            first, last = self.positions or summary.positions
            self.positions = min(first, summary.positions[0]), max(last, summary.positions[1])


async def import_ged(
    log: EventLog,
    file: IO[bytes],
    name: str,
    recorder: str,
    tell: Tell,
    progress: Progress | None = None,
) -> Imported:
    """Append what the log lacks of a file; what does not fit is told, and the rest goes in.

    Raises DossierRefused for a file that is not one of the data set (nothing is appended), and what `ingest` raises of the log.
    """
    imported = Imported()
    for dossier in dossiers(file, name, tell, progress):
        try:
            imported.add(await ingest(log, dossier, recorder), len(dossier.reports))
        except DossierRefused as refusal:
            imported.refused += 1
            for problem in refusal.problems:
                tell(problem)
    return imported
