"""Who is there, and under which names?"""

import re
from typing import Any

from sqlmodel import Field

from events.actors import (
    ActorCorrected,
    ActorRegistered,
    ActorsMerged,
    AliasAdded,
    AliasKind,
    AliasRetracted,
    MergeUndone,
)
from events.curation import Curated
from events.record import Recorded
from events.sources import ArticleCorrected, ArticleIngested
from events.values import Report
from projections.because import Effect, Ground, quotes
from projections.json_columns import Json
from projections.rows import Rows
from projections.versioned import Row, Versioned, changes, current, indexes, listed, past


class Actor(Versioned, table=True):
    """An actor as it is known; a merged one stays, and points to the one that stands for it."""

    __tablename__ = "actors"
    __table_args__ = indexes(
        "actors",
        past("actors_key_past", "key"),
        *listed("actors_name", "name", "key"),
        *listed("actors_kind", "kind", "name", "key"),
        *listed("actors_position", "position"),
        current("actors_merged_into", "merged_into", where=" AND merged_into IS NOT NULL"),
        *changes("actors"),
    )
    looked_up_by = ("merged_into",)

    kind: str
    name: str
    certainty: str
    note: str | None
    position: int
    recorded_at: str
    merged_into: str | None
    """Which actor stands for it, if another one does."""
    merged_first: str | None
    """Which actor it was merged into itself; that one may have been merged on."""


class Alias(Versioned, table=True):
    """Another name of an actor.

    Its key begins with the slug that it was told of, and goes on with `/`, or with `=` where a merge alone made it an alias.
    """

    __tablename__ = "aliases"
    __table_args__ = indexes(
        "aliases", *listed("aliases_actor", "actor", "position"), *changes("aliases")
    )
    looked_up_by = ("actor",)

    actor: str
    alias: str
    kind: str
    certainty: str
    note: str | None
    article: str | None
    evidence: str = Field(sa_type=Json)
    position: int


class Naming(Ground, table=True):
    """Why an actor is known as it is."""

    told_of: str
    """The actor that the event is about; `target` stands for it."""

    __tablename__ = "namings"
    __table_args__ = indexes("namings", *listed("namings_target", "target", "position"))
    looked_up_by = ("target",)


def fold(rows: Rows, record: Recorded) -> None:
    """Actor, alias and naming rows after one more event."""
    slug = record.slug
    match record.event:
        case ActorRegistered() as event:
            rows.put(
                Actor,
                {
                    "key": slug,
                    "kind": event.actor_kind,
                    "name": event.name,
                    "certainty": event.certainty,
                    "note": event.note,
                    "position": record.position,
                    "recorded_at": record.recorded_at,
                    "merged_into": None,
                    "merged_first": None,
                },
            )
            _because(rows, record, slug, Effect.OPENED, "an actor is registered", event)
        case ActorCorrected() as event:
            _correct(rows, record, event.changes)
            rule = f"a registration is corrected: {event.reason}"
            _because(rows, record, standing(rows, slug), Effect.CHANGED, rule)
        case AliasAdded() as event:
            actor = standing(rows, slug)
            _put_alias(rows, record, actor, event.alias, event.alias_kind, event)
            _because(rows, record, actor, Effect.CONFIRMED, "another name is noted", event)
        case AliasRetracted() as event:
            actor = standing(rows, slug)
            rows.end(Alias, f"{slug}/{event.alias}")
            _because(rows, record, actor, Effect.CHANGED, f"an alias is retracted: {event.reason}")
        case ActorsMerged() as event:
            _merge(rows, record, slug, event)
        case MergeUndone() as event:
            _part(rows, record, slug, event)
        case ArticleIngested() | ArticleCorrected() | Report() | Curated():
            pass


def standing(rows: Rows, slug: str) -> str:
    """The slug of the actor that stands for a slug: its own, or the one it was merged into."""
    row = rows.get(Actor, slug)
    return slug if row is None or row["merged_into"] is None else str(row["merged_into"])


def _correct(rows: Rows, record: Recorded, changes: dict[str, Any]) -> None:
    row = _present(rows, record.slug)
    renamed = {"actor_kind": "kind"}
    known = {renamed.get(name, name): value for name, value in changes.items()}
    rows.put(Actor, {**row, **{name: value for name, value in known.items() if name in row}})


def _merge(rows: Rows, record: Recorded, slug: str, event: ActorsMerged) -> None:
    row = _present(rows, slug)
    for merged in rows.find(Actor, "merged_into", slug):
        rows.put(Actor, {**merged, "merged_into": event.into})
    rows.put(Actor, {**row, "merged_into": event.into, "merged_first": event.into})
    for alias in rows.find(Alias, "actor", slug):
        rows.put(Alias, {**alias, "actor": event.into})
    for naming in rows.find(Naming, "target", slug):
        rows.put(Naming, {**naming, "target": event.into})
    known = {alias["alias"] for alias in rows.find(Alias, "actor", event.into)}
    if row["name"] not in known | {_present(rows, event.into)["name"]}:
        _put_alias(rows, record, event.into, row["name"], AliasKind.DESCRIPTION, None)
    rule = f"actor {slug} is merged into it: {event.reason}"
    _because(rows, record, event.into, Effect.CHANGED, rule, told_of=event.into)


def _part(rows: Rows, record: Recorded, slug: str, event: MergeUndone) -> None:
    """The actor gets back what was told of it, and of those that were merged into it."""
    stood = standing(rows, slug)
    merged = {row["key"]: row for row in rows.find(Actor, "merged_into", stood)}
    own = {slug}
    while more := {key for key, row in merged.items() if row["merged_first"] in own} - own:
        own |= more
    for key in sorted(own):
        into = None if key == slug else slug
        first = None if key == slug else merged[key]["merged_first"]
        rows.put(Actor, {**merged[key], "merged_into": into, "merged_first": first})
    for alias in rows.find(Alias, "actor", stood):
        if alias["key"].startswith(f"{slug}="):
            rows.end(Alias, alias["key"])
        elif re.split("[/=]", alias["key"], maxsplit=1)[0] in own:
            rows.put(Alias, {**alias, "actor": slug})
    for naming in rows.find(Naming, "target", stood):
        if naming["told_of"] in own:
            rows.put(Naming, {**naming, "target": slug})
    rule = f"it is not {event.into}, as it was merged: {event.reason}"
    _because(rows, record, slug, Effect.CHANGED, rule)
    rule = f"actor {slug} is not it, as it was merged: {event.reason}"
    _because(rows, record, stood, Effect.CHANGED, rule, told_of=event.into)


def _present(rows: Rows, slug: str) -> Row:
    row = rows.get(Actor, slug)
    assert row is not None  # noqa: S101 - the decider refuses events about unknown actors
    return row


def _put_alias(
    rows: Rows, record: Recorded, actor: str, alias: str, kind: AliasKind, event: AliasAdded | None
) -> None:
    rows.put(
        Alias,
        {
            "key": f"{record.slug}{'/' if event else '='}{alias}",
            "actor": actor,
            "alias": alias,
            "kind": kind,
            "certainty": event.certainty if event else "certain",
            "note": event.note if event else None,
            "article": event.article if event else None,
            "evidence": quotes(event.evidence) if event else "[]",
            "position": record.position,
        },
    )


def _because(
    rows: Rows,
    record: Recorded,
    actor: str,
    effect: Effect,
    rule: str,
    event: ActorRegistered | AliasAdded | None = None,
    *,
    told_of: str | None = None,
) -> None:
    told_of = told_of or record.slug
    rows.add(
        Naming,
        {
            "key": f"{record.position}/{told_of}",
            "target": actor,
            "told_of": told_of,
            "position": record.position,
            "report": None,
            "article": event.article if event else None,
            "evidence": quotes(event.evidence) if event else "[]",
            "effect": effect,
            "rule": rule,
        },
    )
