"""Who is there to act?  Reads the `actors` of a dossier, with their aliases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from events.actors import ActorRegistered, AliasAdded
from seeds.nodes import Listing, Node, Scalar, Table
from seeds.reading import Known, Reading
from seeds.sheet import Sheet

Naming = TypeVar("Naming", ActorRegistered, AliasAdded)

COMMON = {"quotes": "evidence", "certainty": "certainty", "by": "by", "note": "note"}
ACTOR = {"kind": "actor_kind", "name": "name", **COMMON}
ALIAS = {"alias": "alias", "kind": "alias_kind", **COMMON}


@dataclass(frozen=True)
class DossierActor:
    """What a dossier says about an actor."""

    actor: ActorRegistered
    aliases: Mapping[str, AliasAdded]
    """By the alias."""


def read_actor(sheet: Sheet, known: Known, slug: str, node: Node) -> DossierActor | None:
    """The actor, if it can be read; every problem is noted."""
    title = f"actor {slug!r}"
    table = sheet.table(node, title, ", ".join((*ACTOR, "aliases")))
    if table is None:
        return None
    reading = Reading(sheet.findings, known, title, ACTOR, ("aliases",))
    actor = _naming(sheet, reading, table, ActorRegistered)
    aliases: dict[str, AliasAdded] = {}
    for each in _listed(table.entries.get("aliases")):
        alias = _read_alias(sheet, known, slug, each)
        if alias is None:
            continue
        if alias.alias in aliases:
            what = f"{title} has the alias {alias.alias!r} twice"
            sheet.findings.add(each.place, what, "keep one of them, with all its quotes")
        aliases[alias.alias] = alias
        sheet.places[f"alias/{slug}/{alias.alias}"] = each.place
    return DossierActor(actor, aliases) if actor else None


def _read_alias(sheet: Sheet, known: Known, slug: str, node: Node) -> AliasAdded | None:
    title = f"an alias of {slug!r}"
    table = sheet.table(node, title, ", ".join(ALIAS))
    if table is None:
        return None
    return _naming(sheet, Reading(sheet.findings, known, title, ALIAS), table, AliasAdded)


def _naming(sheet: Sheet, reading: Reading, table: Table, model: type[Naming]) -> Naming | None:
    values = reading.table(table, model)
    values.setdefault("by", sheet.defaults.get("by"))
    if values.get("evidence"):
        values["article"] = reading.known.article
    return reading.valid(model, values)


def _listed(node: Node | None) -> list[Node]:
    if node is None or (isinstance(node, Scalar) and node.absent):
        return []
    return node.items if isinstance(node, Listing) else [node]
