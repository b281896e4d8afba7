"""Which questions can be asked?  The root fields for reading."""

from typing import Optional

import strawberry

from api.commissions import Commission
from api.connections import AS_OF, asked, connection
from api.diff import DIFF, SPAN, Difference, DifferenceFilter
from api.filters import (
    ActorFilter,
    ActorOrder,
    ArticleFilter,
    ArticleOrder,
    CommissionFilter,
    LogFilter,
    LogOrder,
    MeetingFilter,
    RelationFilter,
    RelationOrder,
    StatementFilter,
    TimelineFilter,
    TimelineOrder,
)
from api.nodes import (
    ON,
    REPORTS,
    Actor,
    Article,
    LogEntry,
    Node,
    Relation,
    Report,
)
from api.nouns import noun
from api.statuses import Status

SLUG = {"slug": (str, "Its slug.")}


@noun
class Query:
    """What can be read."""

    node = asked(
        Optional[Node],
        "Anything, by its global id; null if there is none.",
        {"id": (strawberry.ID, "The id.")},
    )
    nodes = asked(
        list[Node | None],
        "Many things, each by its global id, in the order asked for.",
        {"ids": (list[strawberry.ID], "The ids, at most 200.")},
    )
    status = asked(Status, "How the log and its views stand.")
    article = asked(Optional[Article], "An article; null if there is none.", {**SLUG, **AS_OF})
    articles = connection(
        Article, "The articles.", filter=ArticleFilter, order=ArticleOrder, more=AS_OF
    )
    actor = asked(
        Optional[Actor],
        "An actor; null if there is none. The slug of a merged actor gives the one that stands for it.",
        {**SLUG, **AS_OF},
    )
    actors = connection(Actor, "The actors.", filter=ActorFilter, order=ActorOrder, more=AS_OF)
    relations = connection(
        Relation,
        "The relations between actors.",
        filter=RelationFilter,
        order=RelationOrder,
        more={**ON, **AS_OF},
    )
    statements = connection(
        REPORTS["StatementMade"],
        "What was said, in order of valid time.",
        filter=StatementFilter,
        order=TimelineOrder,
        more=AS_OF,
    )
    meetings = connection(
        REPORTS["MeetingHeld"],
        "Who met, in order of valid time.",
        filter=MeetingFilter,
        order=TimelineOrder,
        more=AS_OF,
    )
    commissions = connection(
        Commission, "The bodies that were formed or met.", filter=CommissionFilter, more=AS_OF
    )
    timeline = connection(
        Report,
        "Every occurrence and attestation, in order of valid time.",
        filter=TimelineFilter,
        order=TimelineOrder,
        more=AS_OF,
    )
    search = connection(
        Node,
        'Actors, then articles, then reports with these words. Words are joined by *and*; `"in a row"` is a phrase,'
        " `word*` a beginning, `-word` excludes; accents and capitals do not matter.",
        more={"text": (str, "The words."), **AS_OF},
    )
    log = connection(
        LogEntry,
        "The log itself, in order of position: what auditors read.",
        filter=LogFilter,
        order=LogOrder,
    )
    diff = connection(Difference, DIFF, filter=DifferenceFilter, more=SPAN)
