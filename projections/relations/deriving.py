"""What do the contributions of reports add up to?  The pure fold from contributions to relations.

A *unit* is what must be derived together: the relation of two actors, or an office with all its holders.  Its state is a tuple of
relation rows, one per episode: a relation that ended and began again is two.  `apply` takes one contribution in the order of recording;
deriving a unit anew after a retraction is nothing but applying what is left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from events.dates import EdtfText, parse
from events.values import Basis, Certainty, When, WhenRole, Word
from projections.because import Effect, dated, json_text, span
from projections.relations.rules import OFFICES, SYMMETRIC, Contribution
from projections.versioned import Row


class RelationStatus(Word):
    """Whether a relation lasts."""

    HOLDS = "holds", "No end of it is known."
    ENDED = "ended", "It is over."
    HAPPENED = "happened", "It is made of single occasions and does not last."


_SURENESS: Final = [Certainty.CERTAIN, Certainty.PROBABLE, Certainty.POSSIBLE]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contribution did to one relation."""

    relation: str
    """Key of the relation."""
    effect: Effect
    rule: str


State = tuple[Row, ...]


def unit_of(c: Contribution) -> str:
    """The unit that a contribution belongs to."""
    title = _word(c.title)
    if c.predicate in OFFICES:
        return f"{c.predicate}.*.{c.object}.{title}"
    if c.predicate in SYMMETRIC:
        return ".".join([c.predicate, *sorted((c.subject, c.object))])
    return ".".join(filter(None, [c.predicate, c.subject, c.object, title]))


def derive(
    contributions: Iterable[tuple[int, Contribution]],
) -> tuple[State, list[list[Outcome]]]:
    """The relations of a unit from nothing, and what each contribution did.  Takes (position, contribution) in order."""
    state: State = ()
    outcomes = []
    for position, contribution in contributions:
        state, outcome = apply(state, position, contribution)
        outcomes.append(outcome)
    return state, outcomes


def apply(state: State, position: int, c: Contribution) -> tuple[State, list[Outcome]]:
    """The relations of a unit after one more contribution, and what it did to which."""
    latest = next((row for row in reversed(state) if _same_pair(row, c)), None)
    match c.does:
        case "happens":
            if latest is not None:
                return _confirm(state, latest, c)
            return _open(state, position, c, RelationStatus.HAPPENED)
        case "begins" | "holds":
            if latest is not None and (
                latest["status"] == RelationStatus.HOLDS or _precedes_end(c, latest)
            ):
                return _confirm(state, latest, c)
            return _succeed(state, position, c)
        case "ends" | "ends_if_open":
            if latest is not None and latest["status"] == RelationStatus.HOLDS:
                return _end(state, latest, c)
            if c.does == "ends_if_open":
                return state, []
            if latest is not None:
                return _confirm(state, latest, c)
            state, outcomes = _open(state, position, c, RelationStatus.ENDED)
            return state, [Outcome(outcomes[0].relation, Effect.CLOSED, c.rule)]


def _open(
    state: State, position: int, c: Contribution, status: RelationStatus, until: When | None = None
) -> tuple[State, list[Outcome]]:
    episode = 1 + sum(_same_pair(row, c) for row in state)
    stem = ".".join(filter(None, [c.predicate, c.subject, c.object, _word(c.title)]))
    if _is_over(c):
        status = RelationStatus.ENDED
    if c.until:
        until = _stated(c.until)
    elif until is None and status == RelationStatus.ENDED:
        until = c.when
    row: Row = {
        "key": stem if episode == 1 else f"{stem}~{episode}",
        "unit": unit_of(c),
        "subject": c.subject,
        "predicate": c.predicate,
        "object": c.object,
        "title": c.title,
        "means": "[]",
        "seats": None,
        "sectors": "[]",
        "amount_min": None,
        "amount_max": None,
        "currency": None,
        "via": None,
        "on_behalf_of": None,
        "claimed_by": c.claimed_by,
        "certainty": c.certainty,
        "status": status,
        "position": position,
        "opened_day": _day(c.when),
        **dated("since", _beginning(c)),
        **dated("until", until),
    }
    row = _enriched(row, c)
    return (*state, row), [Outcome(row["key"], Effect.OPENED, c.rule)]


def _confirm(state: State, row: Row, c: Contribution) -> tuple[State, list[Outcome]]:
    return _replace(state, row, _enriched(row, c)), [Outcome(row["key"], Effect.CONFIRMED, c.rule)]


def _end(state: State, row: Row, c: Contribution) -> tuple[State, list[Outcome]]:
    if c.means is not None:
        left = [means for means in orjson.loads(row["means"]) if means != c.means]
        if left:
            changed = {**row, "means": json_text(left)}
            return _replace(state, row, changed), [Outcome(row["key"], Effect.CHANGED, c.rule)]
    changed = {**row, "status": RelationStatus.ENDED, **dated("until", c.when)}
    return _replace(state, row, changed), [Outcome(row["key"], Effect.CLOSED, c.rule)]


def _succeed(state: State, position: int, c: Contribution) -> tuple[State, list[Outcome]]:
    """Open a new episode; in a single-seat office it ends that of an earlier holder, and is ended by a later one's."""
    others = [row for row in state if row["status"] == RelationStatus.HOLDS]
    if not c.single_seat or _is_over(c) or not others:
        return _open(state, position, c, RelationStatus.HOLDS)
    day = _day(c.when)
    closed: list[Outcome] = []
    followed: list[str] = []
    for other in others:
        if day is not None and other["opened_day"] is not None and day < other["opened_day"]:
            followed.append(other["opened_day"])
            continue
        until = dated("until", _until(day) if day else None)
        state = _replace(state, other, {**other, "status": RelationStatus.ENDED, **until})
        rule = "a successor is attested in a single-seat office"
        closed.append(Outcome(other["key"], Effect.CLOSED, rule))
    if followed:
        state, opened = _open(state, position, c, RelationStatus.ENDED, _until(min(followed)))
    else:
        state, opened = _open(state, position, c, RelationStatus.HOLDS)
    return state, [*opened, *closed]


def _enriched(row: Row, c: Contribution) -> Row:
    """The row with what the contribution adds to it; what was known stays."""
    more: dict[str, Any] = {
        "means": _joined(
            row["means"], (c.means,) if c.means and not c.does.startswith("ends") else ()
        ),
        "sectors": _joined(row["sectors"], c.sectors),
        "certainty": min(row["certainty"], c.certainty, key=_SURENESS.index),
        "claimed_by": None if c.claimed_by is None else row["claimed_by"],
    }
    for name in ("seats", "amount_min", "amount_max", "currency", "via", "on_behalf_of"):
        more[name] = row[name] if getattr(c, name) is None else getattr(c, name)
    if row["since"] is None:
        more |= dated("since", _beginning(c))
    return {**row, **more}


def _joined(known: str, new: Iterable[str]) -> str:
    return json_text(list(dict.fromkeys([*orjson.loads(known), *new])))


def _beginning(c: Contribution) -> When | None:
    if c.since is not None:
        return _stated(c.since)
    return c.when if c.does == "begins" else None


def _stated(edtf: EdtfText) -> When:
    return When(edtf=edtf, role=WhenRole.OCCURRED, basis=Basis.STATED)


def _until(day: str) -> When:
    return When(
        edtf=f"[..{day}]",
        role=WhenRole.OCCURRED,
        basis=Basis.INFERRED,
        reason="another one is attested in the single seat",
    )


def _precedes_end(c: Contribution, row: Row) -> bool:
    day = _day(c.when)
    return day is not None and row["until_latest"] is not None and day <= row["until_latest"]


def _is_over(c: Contribution) -> bool:
    """Whether what is attested had ended before it was."""
    end = parse(c.until).latest if c.until else None
    seen = parse(c.when.edtf).earliest if c.when else None
    return end is not None and seen is not None and end < seen


def _day(when: When | None) -> str | None:
    earliest, latest = span(when)
    return earliest or latest


def _same_pair(row: Row, c: Contribution) -> bool:
    pair, other = (row["subject"], row["object"]), (c.subject, c.object)
    return pair == other or (c.predicate in SYMMETRIC and pair == other[::-1])


def _replace(state: State, row: Row, changed: Row) -> State:
    return tuple(changed if each is row else each for each in state)


def _word(title: str | None) -> str:
    return re.sub(r"[^\w]+", "-", title.casefold()).strip("-") if title else ""
