"""Who asks?  A caller: the subject that a token names, in a role, until the token expires."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody is trusted with."""

    READER = "reader"
    RECORDER = "recorder"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks."""

    subject: str
    """Who it is; empty for somebody without a token."""
    role: Role | None
    """Without one, a caller may do what anybody may."""
    expires: float | None = None
    """Unix time at which it is no longer known who it is."""


ANONYMOUS: Final = Caller("", None)
"""Whoever shows no token."""
