"""Who asks, and what may they do?  A caller: the subject that a token names, in a role, with the rights that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from time import time
from typing import Final


class Right(Enum):
    """What an operation can need."""

    VIEWS = "the views"
    LOG = "the log"
    RECORD = "recording"


class Role(StrEnum):
    """What somebody is trusted with; `RIGHTS` says what that is."""

    READER = "reader"
    RECORDER = "recorder"
    AUDITOR = "auditor"
    ADMIN = "admin"


Rights = frozenset[Right]

READING: Final[Rights] = frozenset({Right.VIEWS})
AUDITING: Final[Rights] = READING | {Right.LOG}
RECORDING: Final[Rights] = READING | {Right.RECORD}

RIGHTS: Final[Mapping[Role, Rights]] = {
    Role.READER: READING,
    Role.RECORDER: RECORDING,
    Role.AUDITOR: AUDITING,
    Role.ADMIN: AUDITING | RECORDING,
}
"""A reader may do the least; a recorder and an auditor each more, and neither what the other may; an admin everything."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks."""

    subject: str
    """Who it is; empty for somebody without a token."""
    role: Role | None
    """Without one, a caller may do what anybody may."""
    expires: float | None = None
    """Unix time at which the token ends; none if it does not."""
    rights: Rights = AUDITING
    """What the role may do, and what anybody may."""
    key: bytes = b""
    """SHA-256 of the API key that was shown, which can be revoked; empty for who showed none."""

    @property
    def name(self) -> str:
        """Role and subject; as such the log names who recorded an event."""
        return f"{self.role}:{self.subject}"

    @property
    def has_expired(self) -> bool:
        return self.expires is not None and self.expires <= time()


ANONYMOUS: Final = Caller("", None)
"""Whoever shows no token, where everything can be read."""
