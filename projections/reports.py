"""What is reported?  Every occurrence and attestation in its current version: the timeline, and the source of all that is derived."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import Index
from sqlmodel import Field

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasRetracted,
    MergeUndone,
)
from events.curation import (
    CorrectionUndone,
    DisputeRecorded,
    DisputeSettled,
    ReportCorrected,
    ReportRetracted,
    RetractionUndone,
)
from events.record import Recorded
from events.references import actors, renamed
from events.sources import ArticleCorrected, ArticleIngested
from events.values import Report as AnyReportBase
from events.vocabulary import AnyReport, corrected, payload_json, report_of
from projections import disputes
from projections.actors import standing
from projections.articles import Article
from projections.because import Effect, Ground, decision, json_text, quotes, span
from projections.json_columns import WHOLE, Json
from projections.mentions import Mention, mentioned
from projections.rows import Rows
from projections.versioned import Row, Versioned, changes, indexes, listed, past


class Report(Versioned, table=True):
    """A report as it stands: corrections applied, retracted ones marked, merged actors replaced."""

    __tablename__ = "reports"
    __table_args__ = (
        *indexes(
            "reports",
            past("reports_key_past", "key"),
            *listed("reports_day", "day", "position"),
            *listed("reports_kind", "kind", "day", "position"),
            *listed("reports_article", "article", "day", "position"),
            Index("reports_position", "position", "to_position"),
            *changes("reports"),
        ),
        WHOLE,
    )
    looked_up_by = ("article",)

    article: str
    ref: str
    kind: str
    position: int
    """Position of the event that recorded it."""
    recorded_at: str
    payload: str = Field(sa_type=Json)
    """Its fields, as JSON."""
    said: str | None
    """Its fields before merged actors were replaced, if any was."""
    day: str
    """What orders it in time: the earliest day that it may have happened, else the latest, else the day of publication."""
    earliest: str | None
    latest: str | None
    retracted: bool
    retraction: str | None = Field(sa_type=Json)
    corrections: str


class ReportGround(Ground, table=True):
    """Why a report reads as it does: its recording, its corrections, its retraction."""

    __tablename__ = "report_grounds"
    __table_args__ = indexes(
        "report_grounds", *listed("report_grounds_target", "target", "position")
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A report before and after an event; none before it was recorded, none while it is retracted."""

    key: str
    position: int
    """Position of the event that recorded the report."""
    article: str
    before: AnyReport | None
    after: AnyReport | None
    is_new: bool = False
    """Whether the event recorded it."""


def fold(rows: Rows, record: Recorded) -> list[Change]:
    """Report and mention rows after one more event, and which reports it changed."""
    match record.event:
        case ReportCorrected() | CorrectionUndone() as event:
            return [_correct(rows, record, event)]
        case ReportRetracted() as event:
            return [_retract(rows, record, event)]
        case RetractionUndone() as event:
            return [_reinstate(rows, record, event)]
        case DisputeRecorded() | DisputeSettled() as event:
            disputes.fold(rows, record, event)
            return []
        case ActorsMerged() as event:
            return list(_resolve_anew(rows, record.slug))
        case MergeUndone() as event:
            return list(_resolve_anew(rows, standing(rows, event.into)))
        case AnyReportBase() as report:
            return [_record(rows, record, report)]
        case ArticleCorrected():
            _date_anew(rows, record.slug)
            return []
        case (
            ArticleIngested()
            | ActorRegistered()
            | ActorCorrected()
            | AliasAdded()
            | AliasRetracted()
        ):
            return []


def _record(rows: Rows, record: Recorded, said: AnyReport) -> Change:
    key = f"{record.slug}/{said.ref}"
    report = _resolved(rows, said)
    base: Row = {
        "key": key,
        "article": record.slug,
        "ref": said.ref,
        "kind": said.kind,
        "position": record.position,
        "recorded_at": record.recorded_at,
        "retracted": False,
        "retraction": None,
        "corrections": "[]",
    }
    row = _row(rows, base, said, report)
    rows.add(Report, row)
    for mention in mentioned(row, report):
        rows.add(Mention, mention)
    _because(rows, record, key, Effect.OPENED, "the article reports it", report)
    return Change(key, record.position, record.slug, None, report, is_new=True)


def _correct(rows: Rows, record: Recorded, event: ReportCorrected | CorrectionUndone) -> Change:
    row, said, before = _standing(rows, record, event.target)
    said = corrected(said, event.changes)
    report = _resolved(rows, said)
    corrections = orjson.loads(row["corrections"])
    if isinstance(event, ReportCorrected):
        made = {"number": len(corrections) + 1, "changes": event.changes}
        corrections.append(decision(record, event) | made)
        rule = f"the report is corrected: {event.reason}"
    else:
        corrections[event.correction - 1]["undone"] = decision(record, event)
        rule = f"correction {event.correction} is undone: {event.reason}"
    _put(rows, {**row, "corrections": json_text(corrections)}, said, report)
    _because(rows, record, row["key"], Effect.CHANGED, rule, report)
    return Change(row["key"], row["position"], row["article"], before, report)


def _retract(rows: Rows, record: Recorded, event: ReportRetracted) -> Change:
    row, said, before = _standing(rows, record, event.target)
    retraction = json_text(decision(record, event))
    _put(rows, {**row, "retracted": True, "retraction": retraction}, said, before)
    rule = f"the report is retracted: {event.reason}"
    _because(rows, record, row["key"], Effect.CLOSED, rule, before)
    return Change(row["key"], row["position"], row["article"], before, None)


def _reinstate(rows: Rows, record: Recorded, event: RetractionUndone) -> Change:
    row, said, after = _standing(rows, record, event.target)
    _put(rows, {**row, "retracted": False, "retraction": None}, said, after)
    rule = f"the retraction is undone: {event.reason}"
    _because(rows, record, row["key"], Effect.OPENED, rule, after)
    return Change(row["key"], row["position"], row["article"], None, after)


def _date_anew(rows: Rows, article: str) -> None:
    """Reports without a date of their own have the article's day of publication."""
    for row in rows.find(Report, "article", article):
        if row["earliest"] is None and row["latest"] is None:
            report = _parsed(row["kind"], row["payload"])
            said = _parsed(row["kind"], row["said"]) if row["said"] else report
            _put(rows, row, said, report)


def _resolve_anew(rows: Rows, slug: str) -> Iterator[Change]:
    """Every report that names an actor names from here on whoever stands for those that it was said of."""
    touched = sorted({mention["report"] for mention in rows.find(Mention, "actor", slug)})
    rows.prefetch(Report, "key", touched)
    for key in touched:
        row = rows.get(Report, key)
        assert row is not None  # noqa: S101 - a mention has its report
        before = _parsed(row["kind"], row["payload"])
        said = _parsed(row["kind"], row["said"]) if row["said"] else before
        after = _resolved(rows, said)
        if after == before:
            continue
        _put(rows, row, said, after)
        if not row["retracted"]:
            yield Change(key, row["position"], row["article"], before, after)


def _put(rows: Rows, before: Row, said: AnyReport, report: AnyReport) -> None:
    row = _row(rows, before, said, report)
    rows.put(Report, row)
    now = {mention["key"]: mention for mention in mentioned(row, report)}
    for mention in rows.find(Mention, "report", row["key"]):
        if mention["key"] not in now:
            rows.end(Mention, mention["key"])
    for mention in now.values():
        rows.put(Mention, mention)


def _row(rows: Rows, row: Row, said: AnyReport, report: AnyReport) -> Row:
    earliest, latest = span(report.when)
    article = rows.get(Article, row["article"])
    published = article["published"] if article else ""
    return {
        **row,
        "payload": payload_json(report).decode(),
        "said": None if said == report else payload_json(said).decode(),
        "day": earliest or latest or published,
        "earliest": earliest,
        "latest": latest,
    }


def _standing(rows: Rows, record: Recorded, ref: str) -> tuple[Row, AnyReport, AnyReport]:
    row = rows.get(Report, f"{record.slug}/{ref}")
    assert row is not None  # noqa: S101 - the decider refuses curation of unknown reports
    report = _parsed(row["kind"], row["payload"])
    return row, _parsed(row["kind"], row["said"]) if row["said"] else report, report


def _parsed(kind: str, payload: str) -> AnyReport:
    return report_of(kind, orjson.loads(payload))


def _resolved(rows: Rows, report: AnyReport) -> AnyReport:
    """The report with every merged actor replaced by the one that stands for it."""
    merged = {slug: actor for slug in actors(report) if (actor := standing(rows, slug)) != slug}
    return renamed(report, merged) if merged else report


def _because(
    rows: Rows, record: Recorded, key: str, effect: Effect, rule: str, report: AnyReport
) -> None:
    rows.add(
        ReportGround,
        {
            "key": str(record.position),
            "target": key,
            "position": record.position,
            "report": key,
            "article": record.slug,
            "evidence": quotes(report.evidence),
            "effect": effect,
            "rule": rule,
        },
    )
