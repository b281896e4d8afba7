"""What is shown of a report?  The fields of each kind follow from its class in the vocabulary."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Final

from sqlalchemy import false

from events.references import Shape, shapes
from events.values import Report as ReportModel
from events.values import Value
from events.vocabulary import REPORT_KINDS
from projections.disputes import Dispute
from projections.mentions import ANY_FIELD
from projections.reading.fields import (
    AnyField,
    At,
    Fields,
    Inside,
    Items,
    Many,
    One,
    Order,
    Page,
    Scalar,
    Sql,
    View,
)
from projections.reading.json_sql import inside, literal
from projections.reading.statement import Statement
from projections.reports import Report, ReportGround
from projections.versioned import table_of
from projections.views.common import (
    because,
    by_key,
    column,
    evidence,
    global_id,
    member,
    value_of,
    when,
)
from projections.views.filters import (
    equals,
    member_equals,
    named_in,
    naming,
    not_after,
    not_before,
    one_of,
    overlaps,
)
from projections.views.history import history, version_view

REPORTS: Final = table_of(Report)
DISPUTES: Final = table_of(Dispute)


def camel(name: str) -> str:
    """The name of a field of the vocabulary in the API.

    >>> camel("on_behalf_of")
    'onBehalfOf'
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def fields_of(model: type[Value]) -> Fields:
    """The fields of a value of the vocabulary that is kept as JSON, but for those that every report has."""
    common = {"kind"} if model is ReportModel else {"kind", *ReportModel.model_fields}
    own = (
        shapes(model)
        if not issubclass(model, ReportModel)
        else {name: shape for name, shape in shapes(model).items() if name not in common}
    )
    return {camel(name): _field(name, shape) for name, shape in own.items()}


def _field(name: str, shape: Shape) -> AnyField:
    def value(at: At) -> Sql:
        return inside(at.c.payload if at.value is None else at.value, name)

    if shape.refers_to == "Actor":
        if shape.many:
            return Items(value, One("Actor", lambda _, c, at: c.key == at.value))
        return One("Actor", by_key(name, value))
    if shape.refers_to == "Report":
        return One("Report", by_key(name, lambda at: at.c.article + "/" + value(at)))
    if issubclass(shape.type, Value):
        inner = shape.type
        return (
            Items(value, lambda: fields_of(inner))
            if shape.many
            else Inside(lambda: fields_of(inner), value)
        )
    form = _form(shape.type)
    return Items(value, form) if shape.many else Scalar(lambda _, at: value(at), form)


def _form(type_: type) -> Any:
    if issubclass(type_, Enum):
        return "enum"
    return {bool: "flag", int: "number"}.get(type_, "text")


def _payload(name: str) -> Callable[[At], Sql]:
    return lambda at: inside(at.c.payload, name)


def _fields() -> Fields:
    values = shapes(ReportModel)
    return {
        "id": global_id("Report"),
        "ref": column("ref", "word"),
        "kind": column("kind", "word"),
        "position": column("position", "number"),
        "recordedAt": column("recorded_at"),
        "article": One("Article", by_key("article")),
        "evidence": evidence(_payload("evidence")),
        "when": when(_payload("when"), "earliest", "latest"),
        **{
            name: _field(name, values[name])
            for name in (
                *("attribution", "modality", "certainty", "mentions"),
                *("links", "by", "status", "note"),
            )
        },
        "corrections": Items(lambda at: at.c.corrections, _correction),
        "retraction": Inside(_decision, lambda at: at.c.retraction),
        "disputes": Many(
            "Dispute", lambda _, c, at: c.report == at.c.key, lambda c: [c.position, c.key]
        ),
        "because": because(table_of(ReportGround)),
        "history": history("Report"),
    }


def _decision() -> Fields:
    return {
        "position": member("position", "number"),
        "recordedAt": member("recorded_at"),
        "reason": member("reason"),
        "by": member("by"),
    }


def _correction() -> Fields:
    return {
        "number": member("number", "number"),
        **_decision(),
        "changes": member("changes", "json"),
        "undone": Inside(_decision, lambda at: inside(value_of(at), "undone")),
    }


def _dispute() -> Fields:
    return {
        "against": One("Report", by_key("against")),
        "position": column("position", "number"),
        "recordedAt": column("recorded_at"),
        "reason": column("reason"),
        "by": column("by"),
        "settlement": Inside(_decision, lambda at: at.c.settlement),
    }


DISPUTE = View("Dispute", DISPUTES, _dispute)


def _kinds() -> Mapping[str, Fields]:
    return {kind: fields_of(model) for kind, model in REPORT_KINDS.items()}


VIEW = View("Report", REPORTS, _fields, node=True, kinds=_kinds)
VERSION = version_view("Report", REPORTS)
KIND_VIEWS = {
    kind: View(kind, REPORTS, lambda model=model: {**_fields(), **fields_of(model)})  # type: ignore[misc]
    for kind, model in REPORT_KINDS.items()
}
"""Each kind as a view of its own, for fields that can only be of that kind."""


def standing_reports(_: Statement, at: At) -> Sql | None:
    """Retracted reports are left out, unless they are asked for."""
    return None if at.arguments.get("includeRetracted") else at.c.retracted.is_(false())


def of_kind(kind: str) -> Callable[[Statement, At], Sql]:
    """Only reports of a kind."""

    def condition(s: Statement, at: At) -> Sql:
        standing = standing_reports(s, at)
        is_kind = at.c.kind == literal(kind)
        return is_kind if standing is None else is_kind & standing

    return condition


TIMELINE_ORDERS = {
    "OLDEST": Order(lambda c: [c.day, c.position]),
    "NEWEST": Order(lambda c: [c.day, c.position], descending=True),
}
"""By valid time, then in the order of recording."""

_COMMON = {
    "article": equals("article"),
    "from": not_before("day"),
    "to": not_after("day"),
    "during": overlaps,
    "modality": member_equals("payload", "modality"),
    "certainty": member_equals("payload", "certainty"),
}
TIMELINE_FILTERS = {
    **_COMMON,
    "actor": named_in(ANY_FIELD),
    "kinds": one_of("kind"),
}
STATEMENT_FILTERS = {
    **_COMMON,
    "speaker": named_in("speaker"),
    "addressee": named_in("addressees"),
    "about": named_in("about"),
    "act": member_equals("payload", "act"),
    "direct": member_equals("payload", "direct"),
}
MEETING_FILTERS = {
    **_COMMON,
    "participant": named_in("participants.actor"),
    "place": member_equals("payload", "place"),
}

TIMELINE = Page(
    "Report",
    TIMELINE_ORDERS,
    filters=TIMELINE_FILTERS,
    always=standing_reports,
    ways={"actor": naming(ANY_FIELD)},
)
STATEMENTS = Page(
    "StatementMade",
    TIMELINE_ORDERS,
    filters=STATEMENT_FILTERS,
    always=of_kind("StatementMade"),
    ways={
        "speaker": naming("speaker"),
        "about": naming("about"),
        "addressee": naming("addressees"),
    },
)
MEETINGS = Page(
    "MeetingHeld",
    TIMELINE_ORDERS,
    filters=MEETING_FILTERS,
    always=of_kind("MeetingHeld"),
    ways={"participant": naming("participants.actor")},
)
