"""Which reports contradict each other?"""

from sqlmodel import Field

from events.curation import DisputeRecorded, DisputeSettled
from events.record import Recorded
from projections.because import decision, json_text
from projections.json_columns import Json
from projections.rows import Rows
from projections.versioned import Versioned, changes, indexes, listed


class Dispute(Versioned, table=True):
    """One side of a dispute: each of the two reports has a row, so that both show it."""

    __tablename__ = "disputes"
    __table_args__ = indexes(
        "disputes", *listed("disputes_report", "report", "position"), *changes("disputes")
    )

    report: str
    against: str
    """Key of the other report."""
    position: int
    recorded_at: str
    reason: str
    by: str | None
    settlement: str | None = Field(sa_type=Json)
    """How it was settled, as JSON."""


def fold(rows: Rows, record: Recorded, event: DisputeRecorded | DisputeSettled) -> None:
    """Both sides of a dispute after it was recorded, or settled."""
    one, other = f"{record.slug}/{event.target}", event.against
    for report, against in ((one, other), (other, one)):
        key = f"{report}|{against}"
        match event:
            case DisputeRecorded():
                told = {"key": key, "report": report, "against": against, "settlement": None}
                rows.put(Dispute, told | decision(record, event))
            case DisputeSettled():
                row = rows.get(Dispute, key)
                assert row is not None  # noqa: S101 - the decider refuses to settle what was never disputed
                settlement = json_text(decision(record, event))
                rows.put(Dispute, {**row, "settlement": settlement})
