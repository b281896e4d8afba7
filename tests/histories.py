"""How does a test tell a history?

Short words for articles, actors and reports, and a log in memory that obeys the deciders.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256
from re import escape
from typing import Any, Generic, Self, TypeVar

import pytest

from events.actor import ActorState, RegisterActor
from events.actors import ActorKind, ActorRegistered
from events.article_commands import IngestArticle, RecordReports
from events.article_state import ArticleState
from events.canonical import canonical
from events.handling import Command, World, concerned, decide
from events.quotes import locate
from events.record import Recorded, leaf_hash
from events.refusals import Refusal
from events.sources import ArticleIngested
from events.values import Quote, Report
from events.vocabulary import AnyEvent, AnyReport, payload_of, schema_version
from projections.folding import fold_batch
from projections.relations.deriving import State, apply, unit_of
from projections.relations.rules import contributions
from projections.rows import Rows
from projections.versioned import BOOKKEEPING, OPEN, Row, Versioned

C = TypeVar("C")
R = TypeVar("R", bound=Report)

TEXT = "Ann met Bob in Oslo. Cy stood by. Dee wrote to both, and then Ann left."
SLUG = "oslo"


def ingested(text: str = TEXT, **fields: Any) -> ArticleIngested:
    """An article of a text, with the hash that it has."""
    known = {"title": "Ann met Bob", "published": "2020-12-30"}
    digest = sha256(text.encode()).hexdigest()
    return ArticleIngested.model_validate(known | {"text": text, "sha256": digest} | fields)


def quote(exact: str, text: str = TEXT) -> Quote:
    """The quote of words that stand once in a text."""
    return locate(text, exact)


def report(kind: type[R], ref: str = "it", /, **fields: Any) -> R:
    """A report of a kind; where the words do not matter, it quotes the first ones of `TEXT`."""
    return kind.model_validate({"ref": ref, "evidence": [quote("Ann met")], **fields})


def occurred(edtf: str) -> dict[str, str]:
    """A date on which something happened."""
    return {"edtf": edtf, "role": "occurred", "basis": "stated"}


def attested(edtf: str) -> dict[str, str]:
    """A date at which something is said to hold."""
    return {"edtf": edtf, "role": "attested", "basis": "stated"}


def said_by(speaker: str) -> dict[str, str]:
    """The attribution to somebody's own words."""
    return {"voice": "direct_quote", "speaker": speaker}


def person(name: str, **fields: Any) -> ActorRegistered:
    return ActorRegistered.model_validate({"actor_kind": ActorKind.PERSON, "name": name, **fields})


def recorded(position: int, stream: str, version: int, event: AnyEvent) -> Recorded:
    """An event as the log gives it, recorded in the second of its position."""
    at = f"2021-01-01T00:{position // 60:02}:{position % 60:02}.000000Z"
    envelope = {
        "position": position,
        "id": f"00000000-0000-7000-8000-{position:012}",
        "stream": stream,
        "version": version,
        "kind": event.kind,
        "schema_version": schema_version(event.kind),
        "recorded_at": at,
        "recorder": "test",
        "key": None,
        "causation": None,
        "correlation": None,
        "payload": payload_of(event),
    }
    record = canonical(envelope)
    return Recorded(position, stream, version, event.kind, at, leaf_hash(record), record)


class History:
    """A log in memory: it takes commands, and keeps the events that they led to."""

    def __init__(self) -> None:
        self.world = World()
        self.records: list[Recorded] = []
        self._versions = Counter[str]()

    def do(self, *commands: Command) -> Self:
        """Record what commands lead to, one after the other.  Raises what the deciders refuse."""
        for command in commands:
            articles, actors = concerned([command])
            for slug in articles:
                self.world.articles.setdefault(slug, ArticleState(slug))
            for slug in actors:
                self.world.actors.setdefault(slug, ActorState(slug))
            for write in decide([command], self.world):
                for event in write.events:
                    self._record(write.stream, event)
        return self

    def article(self, slug: str = SLUG, text: str = TEXT, **fields: Any) -> Self:
        """Ingest an article."""
        return self.do(IngestArticle(slug, ingested(text, **fields)))

    def actors(self, *slugs: str) -> Self:
        """Register persons who are called as their slugs."""
        return self.do(*(RegisterActor(slug, person(slug.title())) for slug in slugs))

    def reports(self, *reports: AnyReport, slug: str = SLUG) -> Self:
        """Record reports of an article, each by a command of its own."""
        return self.do(*(RecordReports(slug, (each,)) for each in reports))

    def __repr__(self) -> str:
        return "\n".join(f"{r.position} {r.stream}: {r.event!r}" for r in self.records)

    def _record(self, stream: str, event: AnyEvent) -> None:
        self._versions[stream] += 1
        position = len(self.records) + 1
        self.records.append(recorded(position, stream, self._versions[stream], event))


def relations(*reports: AnyReport) -> dict[str, Row]:
    """The relations that follow from reports, recorded at positions 1, 2, 3 …, by key."""
    units: dict[str, State] = {}
    for position, told in enumerate(reports, 1):
        for contribution in contributions(told):
            unit = unit_of(contribution)
            units[unit], _ = apply(units.get(unit, ()), position, contribution)
    return {row["key"]: row for state in units.values() for row in state}


class Given(Generic[C]):
    """What a decider does after some events."""

    def __init__(self, decide: Callable[[C], list[AnyEvent]]) -> None:
        self._decide = decide

    def when(self, command: C) -> "When":
        return When(lambda: self._decide(command))


class When:
    """What a decider does then with a command."""

    def __init__(self, decide: Callable[[], list[AnyEvent]]) -> None:
        self._decide = decide

    def then(self, *events: AnyEvent) -> None:
        assert self._decide() == list(events)

    def refused(self, kind: type[Refusal], words: str) -> None:
        with pytest.raises(kind, match=escape(words)):
            self._decide()


def folded(records: Iterable[Recorded]) -> Rows:
    """The rows of all views after some records, folded in memory."""
    rows = Rows()
    for record in records:
        fold_batch(rows, [record])
    return rows


def versions(rows: Rows, model: type[Versioned]) -> list[Row]:
    """Every version that was written of a table's rows, by key and beginning."""
    written = [row for table, _, inserts in rows.take() if table is model for row in inserts]
    return sorted(written, key=lambda row: (row["key"], row["from_position"]))


def current(rows: Rows, model: type[Versioned]) -> dict[str, Row]:
    """The open rows of a table, by key, without bookkeeping columns."""
    return {
        row["key"]: {name: value for name, value in row.items() if name not in BOOKKEEPING}
        for row in versions(rows, model)
        if row["to_position"] == OPEN
    }
