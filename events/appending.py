"""What does an append write?  The steps that every engine takes, none of which touches a database.

First an append is drafted: serialised, before its place in the log is known.  Then, in the
transaction, it is accepted behind the end of the log, or refused.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, NamedTuple

import orjson

from events.canonical import canonical
from events.log import ANY, Appended, Provenance, Write
from events.record import Row, leaf_hash
from events.refusals import KeyReused, Malformed, Refusal, VersionConflict
from events.values import SLUG
from events.vocabulary import AnyEvent, payload_json, schema_version

STREAM: Final = re.compile(f"[a-z]+/{SLUG.strip('^$')}")
"""What a stream is called: the family and the name in it, as in `article/…` and `actor/…`."""


class DraftedEvent(NamedTuple):
    """An event, serialised, with the id that it will have."""

    id: str
    kind: str
    payload: orjson.Fragment
    """Its canonical JSON."""


class DraftedWrite(NamedTuple):
    """A write, serialised."""

    stream: str
    expected: int | None
    events: list[DraftedEvent]


class Draft(NamedTuple):
    """An append that has no place in the log yet."""

    writes: list[DraftedWrite]
    provenance: Provenance
    key: str | None
    digest: bytes
    """`digest_of` the append; empty without a key."""


class KeyRow(NamedTuple):
    """What is stored of a key: which append it stands for."""

    key: str
    first: int
    last: int
    digest: bytes
    """`digest_of` that append."""


def draft(
    writes: Sequence[Write], provenance: Provenance, key: str | None, new_id: Callable[[], str]
) -> Draft:
    """Serialise an append.

    Raises Malformed when there is nothing to append, or something that JSON cannot say.
    """
    if not any(write.events for write in writes):
        raise Malformed("there is no event to append")
    for write in writes:
        if not STREAM.fullmatch(write.stream):
            raise Malformed(f"{write.stream!r} names no stream; one is named article/<slug>")
    try:
        drafted = [
            DraftedWrite(
                write.stream, write.expected, [_drafted(e, new_id()) for e in write.events]
            )
            for write in writes
        ]
        canonical([provenance, key])
        return Draft(drafted, provenance, key, b"" if key is None else digest_of(_content(drafted)))
    except orjson.JSONEncodeError as error:
        raise Malformed(f"what is to be appended cannot be written as JSON: {error}") from None


@dataclass
class End:
    """The end of the log, and what appends put behind it."""

    position: int
    """Position of the last record, accepted ones included."""
    recorded_at: str
    """When whatever is accepted now is recorded."""
    versions: dict[str, int]
    """Of each stream that is written to, the version, accepted records included."""
    used: dict[str, tuple[bytes, Appended]]
    """Of each key that was used before, the digest and the answer."""
    rows: list[Row] = field(default_factory=list)
    """What was accepted."""
    keys: list[KeyRow] = field(default_factory=list)
    """The keys of what was accepted."""

    def answer(self, draft: Draft) -> Appended | Refusal:
        """What becomes of an append: it is accepted, or refused with a reason."""
        try:
            return self.accept(draft)
        except Refusal as refusal:
            return refusal

    def accept(self, draft: Draft) -> Appended:
        """Put an append behind the end; a refused one leaves it as it is.

        Raises VersionConflict, KeyReused.
        """
        if draft.key is not None and draft.key in self.used:
            digest, appended = self.used[draft.key]
            if digest != draft.digest:
                raise KeyReused(draft.key, appended.first)
            return replace(appended, repeated=True)
        rows, versions = self._seal(draft)
        self.rows += rows
        self.versions |= versions
        first, self.position = rows[0].position, rows[-1].position
        ids = tuple(event.id for write in draft.writes for event in write.events)
        appended = Appended(first, self.position, ids)
        if draft.key is not None:
            self.used[draft.key] = draft.digest, appended
            self.keys.append(KeyRow(draft.key, first, self.position, draft.digest))
        return appended

    def _seal(self, draft: Draft) -> tuple[list[Row], dict[str, int]]:
        """The rows of an append, and the versions that its streams reach with them."""
        rows: list[Row] = []
        reached: dict[str, int] = {}
        for stream, expected, events in draft.writes:
            version = reached.get(stream, self.versions[stream])
            if expected is not ANY and expected != version:
                raise VersionConflict(stream, expected, version)
            for event in events:
                version += 1
                position = self.position + len(rows) + 1
                envelope = {
                    "position": position,
                    "id": event.id,
                    "stream": stream,
                    "version": version,
                    "kind": event.kind,
                    "schema_version": schema_version(event.kind),
                    "recorded_at": self.recorded_at,
                    "recorder": draft.provenance.recorder,
                    "key": draft.key,
                    "causation": draft.provenance.causation,
                    "correlation": draft.provenance.correlation,
                    "payload": event.payload,
                }
                record = canonical(envelope)
                leaf = leaf_hash(record)
                rows.append(
                    Row(position, stream, version, event.kind, self.recorded_at, leaf, record)
                )
            reached[stream] = version
        return rows, reached


def digest_of(events: Iterable[tuple[str, str, object]]) -> bytes:
    """SHA-256 of what a key stands for: (stream, kind, payload) of every event of its append, in order.

    It follows from the records alone.
    """
    return sha256(canonical(list(events))).digest()


def _drafted(event: AnyEvent, id: str) -> DraftedEvent:
    return DraftedEvent(id, event.kind, orjson.Fragment(payload_json(event)))


def _content(writes: Iterable[DraftedWrite]) -> Iterator[tuple[str, str, object]]:
    for write in writes:
        for event in write.events:
            yield write.stream, event.kind, event.payload
