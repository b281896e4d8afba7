"""Which reports speak for which relation?  The rules, one per kind of report.

A rule turns a report into contributions; `deriving` folds these into relations.  Only what the source asserts counts; of a statement or a
sought deal also what is requested, intended or hoped for, since there the saying itself is the fact.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Final, Literal

from events.attestations import (
    DescriptionAttested,
    Predicate,
    RelationAttested,
    RelationEnded,
    RoleAttested,
    RoleEnded,
    RoleKind,
    SituationAttested,
)
from events.dates import EdtfText
from events.occurrences import (
    AgreementEnded,
    AgreementReached,
    ClashReported,
    CommissionFormed,
    DealSought,
    LossesSuffered,
    MeetingHeld,
    MessageSent,
    OffensiveLaunched,
    SessionOpened,
    SpeechAct,
    StatementMade,
    SupportExtended,
    SupportWithdrawn,
    Violence,
    VoteScheduled,
)
from events.values import Certainty, Modality, Value, When
from events.vocabulary import AnyReport

SYMMETRIC: Final = frozenset({Predicate.RIVAL_OF, Predicate.AT_WAR_WITH, Predicate.MET_WITH})
"""Predicates that hold in both directions."""

INSTANTS: Final = frozenset({Predicate.MET_WITH, Predicate.CALLED_ON})
"""Predicates that happen, again and again, and never end."""

OFFICES: Final = frozenset({Predicate.HOLDS_OFFICE, Predicate.LEADS})
"""Predicates in which one actor can follow another."""

ROLE_PREDICATES: Final = {
    RoleKind.OFFICE: Predicate.HOLDS_OFFICE,
    RoleKind.MEMBERSHIP: Predicate.MEMBER_OF,
    RoleKind.LEADERSHIP: Predicate.LEADS,
}

_ASSERTED: Final = frozenset({Modality.ASSERTED})
_COUNTING: Final[dict[type[Value], frozenset[Modality]]] = {
    StatementMade: frozenset(Modality) - {Modality.NEGATED, Modality.COUNTERFACTUAL},
    DealSought: frozenset(
        {Modality.ASSERTED, Modality.REQUESTED, Modality.INTENDED, Modality.HOPED}
    ),
}


class Contribution(Value):
    """What one report says for or against one relation."""

    predicate: Predicate
    subject: str
    object: str
    does: Literal["begins", "holds", "happens", "ends", "ends_if_open"]
    rule: str
    title: str | None = None
    single_seat: bool = False
    means: str | None = None
    via: str | None = None
    on_behalf_of: str | None = None
    seats: int | None = None
    sectors: tuple[str, ...] = ()
    amount_min: int | None = None
    amount_max: int | None = None
    currency: str | None = None
    since: EdtfText | None = None
    until: EdtfText | None = None
    claimed_by: str | None = None
    certainty: Certainty = Certainty.CERTAIN
    when: When | None = None


Stated = partial[Contribution]
"""A contribution but for its context."""


def contributions(report: AnyReport) -> list[Contribution]:
    """What a report says about relations, with whose words they are, how sure the reading is, and when it held."""
    if report.modality not in _COUNTING.get(type(report), _ASSERTED):
        return []
    found = [
        stated(claimed_by=_claimant(report), certainty=report.certainty, when=report.when)
        for stated in _stated(report)
    ]
    return [contribution for contribution in found if contribution.subject != contribution.object]


def _claimant(report: AnyReport) -> str | None:
    """Whose words alone vouch for it; nobody's for a statement of their own, since there the saying itself is the fact."""
    speaker = report.attribution.speaker
    return None if isinstance(report, StatementMade) and speaker == report.speaker else speaker


def _stated(report: AnyReport) -> list[Stated]:
    match report:
        case StatementMade():
            return list(_said(report))
        case DealSought():
            return [_deal(report)]
        case RoleAttested():
            return [_role(report)] if report.of is not None else []
        case RoleEnded():
            return [_role_ended(report)]
        case RelationAttested():
            return [_attested(report)]
        case RelationEnded():
            return list(_ended(report))
        case CommissionFormed():
            return list(_seats(report))
        case SessionOpened():
            return list(_participation(report))
        case SupportExtended():
            return [_support(report)]
        case SupportWithdrawn():
            return [_withdrawal(report)]
        case OffensiveLaunched():
            return list(_offensive(report))
        case ClashReported(violence=Violence.ONE_SIDED):
            return []
        case ClashReported():
            one, other = report.sides
            return [
                _pair(
                    one, Predicate.AT_WAR_WITH, other, "holds", "a clash is fought between the two"
                )
            ]
        case AgreementReached():
            return list(_peace(report))
        case MeetingHeld():
            return list(_meetings(report))
        case (
            MessageSent()
            | LossesSuffered()
            | AgreementEnded()
            | VoteScheduled()
            | SituationAttested()
            | DescriptionAttested()
        ):
            return []


def _pair(
    subject: str,
    predicate: Predicate,
    object: str,
    does: Literal["begins", "holds", "happens", "ends", "ends_if_open"],
    rule: str,
) -> Stated:
    return partial(
        Contribution, subject=subject, predicate=predicate, object=object, does=does, rule=rule
    )


def _said(report: StatementMade) -> Iterator[Stated]:
    if report.act is SpeechAct.DIRECTIVE:
        for addressee in report.addressees:
            yield _pair(
                report.speaker,
                Predicate.CALLED_ON,
                addressee,
                "happens",
                "a directive statement is addressed to it",
            )
    if report.act is SpeechAct.COMMISSIVE and report.commits_to is not None:
        yield _pair(
            report.speaker,
            Predicate.COMMITTED_TO,
            report.commits_to,
            "holds",
            "a commissive statement binds the speaker",
        )


def _deal(report: DealSought) -> Stated:
    return partial(
        Contribution,
        subject=report.seeker,
        predicate=Predicate.SEEKS_DEAL_WITH,
        object=report.counterpart,
        does="holds",
        rule="a deal is sought",
        sectors=report.sectors,
        amount_min=report.amount_min,
        amount_max=report.amount_max,
        currency=report.currency,
    )


def _role(report: RoleAttested) -> Stated:
    return partial(
        Contribution,
        subject=report.holder,
        predicate=ROLE_PREDICATES[report.role],
        object=str(report.of),
        does="begins" if report.since else "holds",
        rule="a role is attested",
        title=report.title,
        single_seat=report.single_seat,
        since=report.since,
        until=report.until,
    )


def _role_ended(report: RoleEnded) -> Stated:
    return partial(
        Contribution,
        subject=report.holder,
        predicate=ROLE_PREDICATES[report.role],
        object=report.of,
        does="ends",
        rule="a role is said to have ended",
        title=report.title,
    )


def _attested(report: RelationAttested) -> Stated:
    return partial(
        Contribution,
        subject=report.subject,
        predicate=report.predicate,
        object=report.object,
        does=("happens" if report.predicate in INSTANTS else "begins" if report.since else "holds"),
        rule="a relation is attested",
        since=report.since,
        until=report.until,
    )


def _ended(report: RelationEnded) -> Iterator[Stated]:
    if report.predicate not in INSTANTS:
        yield _pair(
            report.subject, report.predicate, report.object, "ends", "a relation is said to be over"
        )


def _seats(report: CommissionFormed) -> Iterator[Stated]:
    numbers = Counter[str]()
    for seats in report.seats:
        numbers[seats.selector] += seats.number
    for selector, number in numbers.items():
        yield partial(
            Contribution,
            subject=selector,
            predicate=Predicate.APPOINTS_TO,
            object=report.body,
            does="begins",
            rule="a body is formed with seats that the actor fills",
            seats=number,
        )


def _participation(report: SessionOpened) -> Iterator[Stated]:
    if report.participants is not None:
        yield partial(
            Contribution,
            subject=report.participants,
            predicate=Predicate.PARTICIPATES_IN,
            object=report.body,
            does="holds",
            rule="a session is opened in which the actor takes part",
            seats=report.attendance,
        )


def _support(report: SupportExtended) -> Stated:
    return partial(
        Contribution,
        subject=report.supporter,
        predicate=Predicate.SUPPORTS,
        object=report.beneficiary,
        does="holds",
        rule="support is extended",
        means=report.means,
        via=report.via,
        on_behalf_of=report.on_behalf_of,
    )


def _withdrawal(report: SupportWithdrawn) -> Stated:
    return partial(
        Contribution,
        subject=report.supporter,
        predicate=Predicate.SUPPORTS,
        object=report.beneficiary,
        does="ends",
        rule="support is withdrawn",
        means=report.means,
    )


def _offensive(report: OffensiveLaunched) -> Iterator[Stated]:
    if report.target is not None:
        yield _pair(
            report.attacker,
            Predicate.AT_WAR_WITH,
            report.target,
            "holds",
            "an offensive is launched against the other",
        )


def _peace(report: AgreementReached) -> Iterator[Stated]:
    if report.ends_hostilities:
        for one, other in combinations(dict.fromkeys(report.parties), 2):
            for predicate in (Predicate.AT_WAR_WITH, Predicate.RIVAL_OF):
                yield _pair(
                    one,
                    predicate,
                    other,
                    "ends_if_open",
                    "an agreement between the same named parties ends it",
                )


def _meetings(report: MeetingHeld) -> Iterator[Stated]:
    actors = dict.fromkeys(participant.actor for participant in report.participants)
    for one, other in combinations(actors, 2):
        yield _pair(one, Predicate.MET_WITH, other, "happens", "the two met")
