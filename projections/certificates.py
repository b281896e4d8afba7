"""What can a second party recompute?  A replay certificate: up to a position, the root of the log and what follows from it.

Whoever has a copy of the log computes the same from it, and needs to trust neither the views nor the machine of the first party.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from pydantic import ConfigDict, ValidationError

from events.exchange import Hash
from events.log import EventLog
from events.refusals import Refusal
from events.values import Count, Value
from events.vocabulary import problems
from projections.digests import VIEWS
from projections.folding import PROJECTIONS
from projections.replay import Replayed, replay
from projections.runner import Progress

FORMAT: Final = "communique-replay-certificate/1"


class NoCertificate(Refusal):
    """The file is no replay certificate."""

    code = "NO_CERTIFICATE"


class Certificate(Value):
    """What somebody says that a log amounts to, up to a position."""

    model_config = ConfigDict(strict=True)

    format: Literal["communique-replay-certificate/1"] = FORMAT
    program: str
    """Version of the program that replayed the log."""
    position: Count
    """Position of the last record, and so how many there are."""
    recorded_at: str
    """When that was recorded; empty for an empty log."""
    root: Hash
    """Root of the RFC 6962 Merkle tree over the leaf hashes of the records, in hexadecimal."""
    projections: dict[str, int]
    """Version of each projection: of the rules by which the views follow from the log."""
    digests: dict[str, Hash]
    """Digest of each view at the position."""


@dataclass(frozen=True)
class Mismatch:
    """Something that is not as the certificate says."""

    what: str
    certified: Any
    found: Any
    """What is here; none if there is nothing of that name."""


def certify(replayed: Replayed, program: str) -> Certificate:
    """The certificate of a replay."""
    return Certificate(
        program=program,
        position=replayed.position,
        recorded_at=replayed.log.recorded_at,
        root=replayed.log.root,
        projections={projection.name: projection.version for projection in PROJECTIONS},
        digests={view.name: replayed.digest(view) for view in VIEWS},
    )


def as_text(certificate: Certificate) -> bytes:
    """The document that a certificate is kept in: one JSON object."""
    return orjson.dumps(vars(certificate), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def certificate_of(text: bytes) -> Certificate:
    """The certificate in a document.  Raises NoCertificate."""
    try:
        return Certificate.model_validate_json(text)
    except ValidationError as error:
        raise NoCertificate(f"this is no replay certificate: {problems(error)}") from None


async def check(
    log: EventLog, certificate: Certificate, progress: Progress | None = None
) -> list[Mismatch]:
    """What a log, which may go on behind it, does not have as a certificate says.  Raises LogDamaged."""
    head = await log.head()
    if head < certificate.position:
        return [Mismatch("position", certificate.position, head)]
    replayed = await replay(log, certificate.position, progress=progress)
    try:
        return _mismatches(certificate, certify(replayed, certificate.program))
    finally:
        replayed.close()


def _mismatches(certified: Certificate, found: Certificate) -> list[Mismatch]:
    ours, theirs = found.projections, certified.projections
    other = {
        view.name for view in VIEWS if ours[view.projection] != theirs.get(view.projection)
    }  # by other rules: their digests say nothing about each other
    return [
        *_unlike("{}", _ends(certified), _ends(found)),
        *_unlike("version of projection {}", theirs, ours),
        *_unlike(
            "digest of view {}", _without(certified.digests, other), _without(found.digests, other)
        ),
    ]


def _ends(certificate: Certificate) -> dict[str, str]:
    return {"root": certificate.root, "recorded_at": certificate.recorded_at}


def _without(digests: Mapping[str, str], views: Collection[str]) -> dict[str, str]:
    return {view: digest for view, digest in digests.items() if view not in views}


def _unlike(
    what: str, certified: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Mismatch]:
    for name in sorted(certified.keys() | found.keys()):
        if certified.get(name) != found.get(name):
            yield Mismatch(what.format(name), certified.get(name), found.get(name))
