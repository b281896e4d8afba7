"""How is an event of an older schema version read today?  By pure functions, on reading; the stored bytes never change.

An upcast lifts a payload by one version.  To change a kind's form: raise its version here, add the lift from the version before.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from events.refusals import LogDamaged

Payload = Mapping[str, Any]

SCHEMA_VERSIONS: Final[dict[str, int]] = {"MeetingHeld": 2, "ClashReported": 2}
"""The present version of each kind that has had more than one."""


def _topics_gain_certainty(payload: Payload) -> Payload:
    """Version 1 kept topics as plain texts; each became an object with a certainty of its own."""
    return {**payload, "topics": [{"about": topic} for topic in payload.get("topics", ())]}


def _violence_may_be_told(payload: Payload) -> Payload:
    """Version 1 never told who of the sides fought."""
    return payload


UPCASTS: Final[dict[tuple[str, int], Callable[[Payload], Payload]]] = {
    ("MeetingHeld", 1): _topics_gain_certainty,
    ("ClashReported", 1): _violence_may_be_told,
}
"""From (kind, version) to the next version."""


def upcast(kind: str, version: int, payload: Payload) -> Payload:
    """Lift a payload to the present version of its kind.  Raises LogDamaged for a version of the future."""
    present = SCHEMA_VERSIONS.get(kind, 1)
    if not 1 <= version <= present:
        message = f"{kind} has versions 1 to {present}, not {version}; a newer program wrote it"
        raise LogDamaged(message)
    for step in range(version, present):
        payload = UPCASTS[kind, step](payload)
    return payload
