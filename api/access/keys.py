"""Which API keys are there?  Lines of a file, each with the hash of a key, its role, subject and end; who deletes a line revokes the key.

A key is 256 random bits, so that its plain SHA-256 gives nothing away, and to look it up takes the same time for every wrong one.
"""

import logging
import os
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final

from api.access.callers import RIGHTS, Caller, Rights, Role
from api.access.subjects import checked

PREFIX: Final = "cmq_"
"""How a key begins, so that who finds one knows what it is."""
LOOK: Final = 1.0
"""Seconds between two looks whether the file has changed."""
NEVER: Final = "never"
MADE: Final = (
    "# role subject end SHA-256: one key of the API a line; delete a line to revoke its key\n"
)

logger = logging.getLogger("communique")


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def add(path: Path, key: str, subject: str, role: Role, expires: datetime | None) -> None:
    """Append a key's line to the file, which is made if there is none, for its owner alone.  Raises OSError."""
    end = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if expires else NEVER
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(file, "a", encoding="utf-8") as out:
        if not out.tell():
            out.write(MADE)
        out.write(f"{role} {subject} {end} {hashed(key).hex()}\n")


def read(path: Path, open_to: Rights) -> dict[bytes, Caller]:
    """Who shows which key.  Raises OSError, and ValueError, which names the line that is wrong."""
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                caller = _caller(line, open_to)
            except (KeyError, ValueError):
                form = "`role subject end SHA-256`, as `communique token` writes it"
                raise ValueError(f"line {number} is not {form}") from None
            found[caller.key] = caller
    return found


def _caller(line: str, open_to: Rights) -> Caller:
    name, subject, end, digest = line.split()
    role = Role(name)
    expires = None if end == NEVER else datetime.fromisoformat(end).timestamp()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(digest)
    return Caller(checked(subject), role, expires, RIGHTS[role] | open_to, bytes.fromhex(digest))


class Keys:
    """The keys of a file, which is read again when it has changed."""

    def __init__(self, path: Path, open_to: Rights) -> None:
        """Raises OSError and ValueError of the file."""
        self._path, self._open_to = path, open_to
        self._state = self._stamp()
        self._callers: Mapping[bytes, Caller] = read(path, open_to)
        self._looked = monotonic()

    def find(self, digest: bytes) -> Caller | None:
        """Who shows the key with this hash."""
        if monotonic() - self._looked > LOOK:
            self._look()
        return self._callers.get(digest)

    def _look(self) -> None:
        self._looked = monotonic()
        stamp = self._stamp()
        if stamp == self._state:
            return
        self._state = stamp
        try:
            self._callers = read(self._path, self._open_to) if stamp else {}
        except (OSError, ValueError) as error:
            logger.error(  # noqa: TRY400 - a traceback says no more
                "%s was not read again, and the API keys are those of before: %s", self._path, error
            )

    def _stamp(self) -> tuple[int, ...]:
        """What changes with the file; nothing if there is none."""
        try:
            state = self._path.stat()
        except OSError:
            return ()
        return state.st_ino, state.st_mtime_ns, state.st_size
