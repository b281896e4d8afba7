"""How do relations follow the reports?  The tables, and the fold that keeps them."""

from collections.abc import Iterable

from sqlmodel import Field

from projections.because import Ground, json_of, quotes, span
from projections.json_columns import Json
from projections.relations.deriving import Outcome, apply, derive, unit_of
from projections.relations.rules import Contribution, contributions
from projections.reports import Change
from projections.rows import Rows
from projections.versioned import Row, Versioned, changes, current, indexes, listed


class Relation(Versioned, table=True):
    """How one actor stands to another, in one episode."""

    __tablename__ = "relations"
    __table_args__ = indexes(
        "relations",
        current("relations_unit", "unit"),
        *listed("relations_list", "key"),
        *listed("relations_subject", "subject", "key"),
        *listed("relations_object", "object", "key", "subject"),
        *listed("relations_predicate", "predicate", "key"),
        *listed("relations_position", "position", "key"),
        *listed("relations_via", "via", "key", where=" AND via IS NOT NULL"),
        *listed("relations_claimed_by", "claimed_by", "key", where=" AND claimed_by IS NOT NULL"),
        *changes("relations"),
    )
    looked_up_by = ("unit",)

    unit: str
    subject: str
    predicate: str
    object: str
    title: str | None
    means: str = Field(sa_type=Json)
    seats: int | None
    sectors: str = Field(sa_type=Json)
    amount_min: int | None
    amount_max: int | None
    currency: str | None
    via: str | None
    on_behalf_of: str | None
    claimed_by: str | None
    certainty: str
    status: str
    since: str | None = Field(sa_type=Json)
    since_earliest: str | None
    since_latest: str | None
    until: str | None = Field(sa_type=Json)
    until_earliest: str | None
    until_latest: str | None
    opened_day: str | None
    position: int


class RelationGround(Ground, table=True):
    """Why a relation is shown: what one report says, and what that did."""

    __tablename__ = "relation_grounds"
    __table_args__ = indexes(
        "relation_grounds",
        *listed("relation_grounds_target", "target", "position"),
        current("relation_grounds_unit", "unit"),
        current("relation_grounds_report", "report"),
    )
    looked_up_by = ("unit", "report")

    unit: str
    ordinal: int
    contribution: str | None
    """What the report says, as JSON; none where its effect on another relation is meant."""
    earliest: str | None
    latest: str | None


def fold(rows: Rows, batch: Iterable[tuple[int, Iterable[Change]]]) -> None:
    """Relation and ground rows after a batch: of each event its position, and which reports it changed."""
    said = [(position, [(change, _said(change)) for change in each]) for position, each in batch]
    units = {unit_of(c) for _, each in said for _, found in each for c in found}
    rows.prefetch(Relation, "unit", units)
    for position, each in said:
        rows.position = position
        anew: dict[str, None] = {}
        for change, found in each:
            if change.is_new:
                for ordinal, contribution in enumerate(found):
                    _append(rows, change, ordinal, contribution)
            else:
                anew |= dict.fromkeys(_replace_grounds(rows, change, found))
        for unit in anew:
            _derive_anew(rows, unit)


def _said(change: Change) -> list[Contribution]:
    return contributions(change.after) if change.after else []


def _append(rows: Rows, change: Change, ordinal: int, contribution: Contribution) -> None:
    unit = unit_of(contribution)
    before = _state(rows, unit)
    after, outcomes = apply(before, change.position, contribution)
    for row, was in zip(after, before, strict=False):
        if row is not was:
            rows.put(Relation, row)
    for row in after[len(before) :]:
        rows.add(Relation, row)
    for ground in _grounds(_ground(change, ordinal, unit, contribution), outcomes):
        rows.add(RelationGround, ground)


def _replace_grounds(rows: Rows, change: Change, said: Iterable[Contribution]) -> list[str]:
    """Let the grounds say what the report says now; the units concerned are yet to be derived."""
    held = rows.find(RelationGround, "report", change.key)
    for ground in held:
        rows.end(RelationGround, ground["key"])
    for ordinal, contribution in enumerate(said):
        rows.put(RelationGround, _ground(change, ordinal, unit_of(contribution), contribution))
    return [*(ground["unit"] for ground in held), *map(unit_of, said)]


def _derive_anew(rows: Rows, unit: str) -> None:
    held = rows.find(RelationGround, "unit", unit)
    said = sorted(
        (ground for ground in held if ground["contribution"] is not None),
        key=lambda ground: (ground["position"], ground["ordinal"]),
    )
    state, outcomes = derive(
        (ground["position"], Contribution.model_validate_json(ground["contribution"]))
        for ground in said
    )
    grounds = [
        ground
        for base, outcome in zip(said, outcomes, strict=True)
        for ground in _grounds({**base, "target": None, "effect": None, "rule": ""}, outcome)
    ]
    _settle(rows, Relation, rows.find(Relation, "unit", unit), state)
    _settle(rows, RelationGround, held, grounds)


def _settle(rows: Rows, model: type[Versioned], held: Iterable[Row], now: Iterable[Row]) -> None:
    kept = {row["key"]: row for row in now}
    for row in held:
        if row["key"] not in kept:
            rows.end(model, row["key"])
    for row in kept.values():
        rows.put(model, row)


def _state(rows: Rows, unit: str) -> tuple[Row, ...]:
    return tuple(sorted(rows.find(Relation, "unit", unit), key=lambda row: row["position"]))


def _ground(change: Change, ordinal: int, unit: str, contribution: Contribution) -> Row:
    report = change.after
    assert report is not None  # noqa: S101 - only what is said contributes
    earliest, latest = span(report.when)
    return {
        "key": f"{change.key}/{ordinal}",
        "target": None,
        "position": change.position,
        "report": change.key,
        "article": change.article,
        "evidence": quotes(report.evidence),
        "effect": None,
        "rule": "",
        "unit": unit,
        "ordinal": ordinal,
        "contribution": json_of(contribution),
        "earliest": earliest,
        "latest": latest,
    }


def _grounds(base: Row, outcomes: list[Outcome]) -> list[Row]:
    """The ground of a contribution, with its outcome; one more for each other relation that it touched."""
    if not outcomes:
        return [base]
    return [
        {
            **base,
            "key": base["key"] if not n else f"{base['key']}/{n}",
            "contribution": base["contribution"] if not n else None,
            "target": outcome.relation,
            "effect": outcome.effect,
            "rule": outcome.rule,
        }
        for n, outcome in enumerate(outcomes)
    ]
