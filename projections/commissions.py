"""Which bodies were formed or met, and who fills their seats?"""

from collections import Counter
from collections.abc import Iterable

import orjson
from sqlmodel import Field

from events.occurrences import CommissionFormed, SessionOpened
from events.values import Modality
from events.vocabulary import AnyReport, report_of
from projections.because import Effect, Ground, dated, quotes
from projections.json_columns import Json
from projections.reports import Change, Report
from projections.rows import Rows
from projections.versioned import Row, Versioned, changes, current, indexes, listed


class Commission(Versioned, table=True):
    """A body that was formed or opened a session."""

    __tablename__ = "commissions"
    __table_args__ = indexes(
        "commissions", *listed("commissions_list", "key"), *changes("commissions")
    )

    formed: str | None = Field(sa_type=Json)
    formed_earliest: str | None
    formed_latest: str | None
    place: str | None
    position: int


class Seat(Versioned, table=True):
    """Seats of a body that one actor fills; several of the same actor's, as of different ranks, are told apart by their order."""

    __tablename__ = "seats"
    __table_args__ = indexes(
        "seats",
        *listed("seats_commission", "commission", "position"),
        *listed("seats_selector", "selector"),
        *changes("seats"),
    )
    looked_up_by = ("commission",)

    commission: str
    selector: str
    number: int
    rank: str | None
    holders: str | None
    position: int


class CommissionGround(Ground, table=True):
    """Why a body is shown as it is."""

    __tablename__ = "commission_grounds"
    __table_args__ = indexes(
        "commission_grounds",
        *listed("commission_grounds_target", "target", "position"),
        current("commission_grounds_report", "report"),
    )
    looked_up_by = ("target", "report")


def fold(rows: Rows, changes: Iterable[Change]) -> None:
    """Commission and seat rows after reports changed."""
    anew: dict[str, None] = {}
    for change in changes:
        if body_of(change.before) is None and body_of(change.after) is None:
            continue
        if change.is_new and change.after is not None:
            _append(rows, change.key, change.position, change.article, change.after)
        else:
            anew |= dict.fromkeys(filter(None, map(body_of, (change.before, change.after))))
            _replace_ground(rows, change)
    for body in anew:
        _derive_anew(rows, body)


def body_of(report: AnyReport | None) -> str | None:
    """The body whose row a report has a say in."""
    if (
        isinstance(report, CommissionFormed | SessionOpened)
        and report.modality is Modality.ASSERTED
    ):
        return report.body
    return None


def _append(rows: Rows, key: str, position: int, article: str, report: AnyReport) -> None:
    body = body_of(report)
    assert body is not None  # noqa: S101 - the caller asked
    known = rows.get(Commission, body)
    effect, rule = Effect.CONFIRMED, "a session of the body is opened"
    if isinstance(report, CommissionFormed):
        rule = "the body is formed"
        groups = Counter[str]()
        for seats in report.seats:
            groups[seats.selector] += 1
            rows.put(
                Seat,
                {
                    "key": f"{body}/{seats.selector}/{groups[seats.selector]}",
                    "commission": body,
                    "selector": seats.selector,
                    "number": seats.number,
                    "rank": seats.rank,
                    "holders": seats.holders,
                    "position": position,
                },
            )
    if known is None:
        effect = Effect.OPENED
        known = {"key": body, **dated("formed", None), "place": None, "position": position}
    if isinstance(report, CommissionFormed) and known["formed"] is None:
        known = {**known, **dated("formed", report.when)}
    if isinstance(report, SessionOpened):
        known = {**known, "place": known["place"] or report.place}
    rows.put(Commission, known)
    rows.put(
        CommissionGround,
        {
            "key": key,
            "target": body,
            "position": position,
            "report": key,
            "article": article,
            "evidence": quotes(report.evidence),
            "effect": effect,
            "rule": rule,
        },
    )


def _replace_ground(rows: Rows, change: Change) -> None:
    rows.end(CommissionGround, change.key)
    body = body_of(change.after)
    if body is not None:
        rows.put(
            CommissionGround,
            {
                "key": change.key,
                "target": body,
                "position": change.position,
                "report": change.key,
                "article": change.article,
                "evidence": "[]",
                "effect": None,
                "rule": "",
            },
        )


def _derive_anew(rows: Rows, body: str) -> None:
    grounds = sorted(rows.find(CommissionGround, "target", body), key=_by_position)
    for seat in rows.find(Seat, "commission", body):
        rows.end(Seat, seat["key"])
    rows.end(Commission, body)
    for ground in grounds:
        row = rows.get(Report, ground["report"])
        assert row is not None  # noqa: S101 - a ground has its report
        report = report_of(row["kind"], orjson.loads(row["payload"]))
        _append(rows, ground["key"], ground["position"], ground["article"], report)


def _by_position(row: Row) -> int:
    return int(row["position"])
