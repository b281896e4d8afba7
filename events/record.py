"""What exactly is stored and hashed?  One canonical record per event.

The record is the canonical JSON of the whole envelope.  Its leaf hash is SHA-256(0x00 || bytes), as in RFC 6962, with
leaf index = position - 1.

The members of canonical JSON stand in the order of their names, and no quotation mark stands bare in a text.  So what is before the
payload and behind it can be compared without parsing anything, and the payload be cut out.
"""

from functools import cached_property
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from events.refusals import LogDamaged
from events.vocabulary import AnyEvent, event_of, event_of_json, schema_version

KIND: Final = b',"kind":'
PAYLOAD: Final = b',"payload":'
POSITION: Final = b',"position":'
SCHEMA_VERSION: Final = b',"schema_version":'


class Row(NamedTuple):
    """What is stored of an event: its record, the hash of it, and what they are found by."""

    position: int
    """Place in the log: 1, 2, 3 … without holes."""
    stream: str
    """`article/<slug>` or `actor/<slug>`."""
    version: int
    """Place in the stream: 1, 2, 3 …"""
    kind: str
    recorded_at: str
    """When it was recorded: UTC, RFC 3339 with microseconds and `Z`."""
    leaf: bytes
    """SHA-256(0x00 || record), 32 bytes, as stored."""
    record: bytes
    """The canonical JSON of the envelope: what was hashed."""


class Recorded(Row):
    """One record of the log, as read."""

    @cached_property
    def envelope(self) -> dict[str, Any]:
        """The record, parsed.

        Its members: position, id, stream, version, kind, schema_version, recorded_at, recorder, key, causation, correlation, payload.
        """
        try:
            envelope: dict[str, Any] = orjson.loads(self.record)
        except orjson.JSONDecodeError as error:
            message = f"the record at position {self.position} is not JSON: {error}"
            raise LogDamaged(message) from None
        return envelope

    @cached_property
    def event(self) -> AnyEvent:
        """The event in its present form, upcast if it was written in an older one."""
        record, present = self.record, b"%b%d," % (SCHEMA_VERSION, schema_version(self.kind))
        if record.startswith(present, record.rfind(SCHEMA_VERSION)):
            payload = record[record.find(PAYLOAD) + len(PAYLOAD) : record.rfind(POSITION)]
            return event_of_json(self.kind, payload)
        envelope = self.envelope
        return event_of(self.kind, envelope["schema_version"], envelope["payload"])

    @property
    def id(self) -> str:
        """The event's UUID."""
        return str(self.envelope["id"])

    @property
    def slug(self) -> str:
        """The name of the stream within its family."""
        return self.stream.partition("/")[2]


def leaf_hash(record: bytes) -> bytes:
    """The RFC 6962 hash of a record as a leaf of a Merkle tree."""
    return sha256(b"\x00" + record).digest()


def verify(recorded: Recorded) -> None:
    """Raises LogDamaged unless record, hash and index columns agree."""
    if leaf_hash(recorded.record) != recorded.leaf:
        message = f"the record at position {recorded.position} does not have its stored hash"
        raise LogDamaged(message)
    if _agrees(recorded):
        return
    for name in ("position", "stream", "version", "kind", "recorded_at"):
        if recorded.envelope[name] != getattr(recorded, name):
            message = f"column {name!r} at position {recorded.position} contradicts the record"
            raise LogDamaged(message)


def _agrees(row: Row) -> bool:
    """Whether what stands around the payload is just what the columns say; else it may still mean the same."""
    position, stream, version, kind, recorded_at, _, record = row
    before = f',"kind":"{kind}","payload":{{'.encode()
    behind = f',"position":{position},"recorded_at":"{recorded_at}","recorder":'.encode()
    end = f',"stream":"{stream}","version":{version}}}'.encode()
    return (
        record.endswith(end)
        and record.startswith(behind, record.rfind(POSITION))
        and record.startswith(before, record.find(KIND))
    )
