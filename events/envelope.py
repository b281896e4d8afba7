"""What does an envelope hold?  The form of a record from elsewhere, before it is taken for one."""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError

from events.appending import STREAM
from events.canonical import is_canonical
from events.instants import instant
from events.record import Recorded, leaf_hash
from events.refusals import LogDamaged, Malformed
from events.values import LARGEST, Value
from events.vocabulary import problems


def _as_written(text: str) -> str:
    if instant(text) != text:
        raise ValueError(f"the log writes this as {instant(text)}")
    return text


Number = Annotated[int, Field(ge=1, le=LARGEST)]


class Envelope(Value):
    """The members that every record has, and no others."""

    model_config = ConfigDict(strict=True)

    position: Number
    id: str
    stream: Annotated[str, StringConstraints(pattern=f"^{STREAM.pattern}$")]
    version: Number
    kind: str
    schema_version: Number
    recorded_at: Annotated[str, AfterValidator(_as_written)]
    recorder: str
    key: str | None
    causation: str | None
    correlation: str | None
    payload: dict[str, Any]


def recorded(record: bytes, leaf: bytes) -> Recorded:
    """The record that some bytes are, which have this leaf hash; its event is one of the vocabulary.

    Raises Malformed.
    """
    hashed = leaf_hash(record)
    if hashed != leaf:
        raise Malformed(
            f"the record was altered: its leaf hash is {hashed.hex()}, not {leaf.hex()}"
        )
    try:
        members = orjson.loads(record)
        if not is_canonical(record, members):
            raise Malformed("the record is not in its canonical form, RFC 8785")
        envelope = Envelope.model_validate(members)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the record is not JSON: {error}") from None
    except ValidationError as error:
        raise Malformed(f"the record is no envelope: {problems(error)}") from None
    found = Recorded(
        envelope.position,
        envelope.stream,
        envelope.version,
        envelope.kind,
        envelope.recorded_at,
        leaf,
        record,
    )
    found.envelope = members
    try:
        _ = found.event
    except LogDamaged as damage:
        raise Malformed(damage.message) from None
    return found
