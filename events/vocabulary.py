"""Which kinds of event are there?  The whole vocabulary, in one union.

To add a kind: write its class, add it to the union below, and give it an opinion in every fold; mypy names the folds.
"""

from typing import Annotated, Any, Final, TypeVar, cast, get_args

import orjson
from pydantic import Field, ValidationError

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.attestations import (
    DescriptionAttested,
    RelationAttested,
    RelationEnded,
    RoleAttested,
    RoleEnded,
    SituationAttested,
)
from events.canonical import canonical
from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
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
    StatementMade,
    SupportExtended,
    SupportWithdrawn,
    VoteScheduled,
)
from events.refusals import LogDamaged, Malformed
from events.sources import ArticleCorrected, ArticleIngested
from events.upcasts import SCHEMA_VERSIONS, upcast
from events.values import Report, Value

Occurrence = (
    MeetingHeld
    | StatementMade
    | CommissionFormed
    | SessionOpened
    | MessageSent
    | SupportExtended
    | SupportWithdrawn
    | OffensiveLaunched
    | LossesSuffered
    | ClashReported
    | AgreementReached
    | AgreementEnded
    | VoteScheduled
    | DealSought
)
Attestation = (
    RoleAttested
    | RoleEnded
    | RelationAttested
    | RelationEnded
    | SituationAttested
    | DescriptionAttested
)
AnyReport = Occurrence | Attestation
Curation = (
    ReportCorrected
    | CorrectionUndone
    | ReportRetracted
    | RetractionUndone
    | DisputeRecorded
    | DisputeSettled
)
Source = ArticleIngested | ArticleCorrected
Identity = (
    ActorRegistered | ActorCorrected | AliasAdded | AliasRetracted | ActorsMerged | MergeUndone
)
AnyEvent = Source | Identity | Occurrence | Attestation | Curation
Event = Annotated[AnyEvent, Field(discriminator="kind")]

Model = TypeVar("Model", bound=Value)

KINDS: Final[dict[str, type[Value]]] = {
    kind.__name__: kind
    for family in (Source, Identity, AnyReport, Curation)
    for kind in get_args(family)
}
"""Every kind by its name."""

REPORT_KINDS: Final[dict[str, type[Report]]] = {kind.__name__: kind for kind in get_args(AnyReport)}
"""The kinds that report something out of an article."""


def schema_version(kind: str) -> int:
    """The version in which events of this kind are written now."""
    return SCHEMA_VERSIONS.get(kind, 1)


def payload_json(event: Value) -> bytes:
    """What is recorded of an event: the canonical JSON of its fields, absent ones left out."""
    fields = vars(event).items()
    return canonical({k: v for k, v in fields if v is not None and k != "kind"})


def payload_of(event: Value) -> dict[str, Any]:
    """What is recorded of an event, as JSON values."""
    payload: dict[str, Any] = orjson.loads(payload_json(event))
    return payload


def report_of(kind: str, payload: dict[str, Any]) -> AnyReport:
    """The report that a payload in the present form describes.  Raises Malformed, naming every problem and its place."""
    model = REPORT_KINDS.get(kind)
    if model is None:
        message = f"{kind!r} is not a kind of report; there are {', '.join(REPORT_KINDS)}"
        raise Malformed(message)
    try:
        return cast("AnyReport", model.model_validate(payload))
    except ValidationError as error:
        raise Malformed(problems(error)) from None


def corrected(event: Model, changes: dict[str, Any]) -> Model:
    """The event with some fields changed; null empties a field.  Raises Malformed, naming every problem and its place."""
    if "kind" in changes:
        message = "kind: a correction cannot make another kind of event of it"
        raise Malformed(message)
    fields = {**payload_of(event), **changes}
    try:
        return type(event).model_validate({k: v for k, v in fields.items() if v is not None})
    except ValidationError as error:
        raise Malformed(problems(error)) from None


def settled(event: Value, changes: dict[str, Any]) -> dict[str, Any]:
    """Changes as they are recorded: what the corrected event says in the changed fields, null where that is nothing.

    >>> from events.values import When
    >>> settled(When(edtf="2020", role="occurred", basis="stated"), {"role": "occurred", "reason": None})
    {'role': 'occurred', 'reason': None}
    """
    payload = payload_of(event)
    return {name: payload.get(name) for name in changes}


def event_of(kind: str, version: int, payload: dict[str, Any]) -> AnyEvent:
    """The event that a stored payload of any schema version means today.  Raises LogDamaged when it means none."""
    model = _known(kind)
    try:
        return cast("AnyEvent", model.model_validate(upcast(kind, version, payload)))
    except ValidationError as error:
        raise _none(kind, error) from None


def event_of_json(kind: str, payload: bytes) -> AnyEvent:
    """The event that a stored payload of the present schema version means.  Raises LogDamaged when it means none."""
    model = _known(kind)
    try:
        return cast("AnyEvent", model.model_validate_json(payload))
    except ValidationError as error:
        raise _none(kind, error) from None


def _known(kind: str) -> type[Value]:
    model = KINDS.get(kind)
    if model is None:
        message = f"the log has an event of the unknown kind {kind!r}; a newer program wrote it"
        raise LogDamaged(message)
    return model


def _none(kind: str, error: ValidationError) -> LogDamaged:
    return LogDamaged(f"the log has a {kind} that is none: {problems(error)}")


def problems(error: ValidationError) -> str:
    """All problems of a validation in one line: `place: what is wrong`."""
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'value'}: {each['msg']}" for each in error.errors()
    )
