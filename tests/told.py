"""What do tests of the views tell?"""

from events.actor import CorrectActor
from events.article_commands import CorrectReport, RetractReport
from events.attestations import RelationAttested
from events.occurrences import MeetingHeld
from tests.histories import SLUG, History, report

MET = report(MeetingHeld, "met", participants=[{"actor": "ann"}, {"actor": "bob"}], place="Oslo")
BACKS = report(RelationAttested, "backs", subject="ann", predicate="backs", object="bob")
TOLD = History().article().actors("ann", "bob").reports(MET, BACKS).records
"""What is told first, of two actors and two reports."""
LATER = (
    History()
    .article()
    .actors("ann", "bob")
    .reports(MET, BACKS)
    .do(
        CorrectReport(SLUG, "met", {"place": "Bergen"}, "misread"),
        CorrectActor("ann", {"name": "Ann Ek"}, "misspelt"),
        RetractReport(SLUG, "backs", "misread"),
    )
    .records[len(TOLD) :]
)
"""What is told then: two corrections and a retraction."""
