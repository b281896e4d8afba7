"""How does a test get API keys?  From a file of its own, as `communique token` fills it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from api.access.callers import Role
from api.access.keys import add, new_key


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"authorization": f"Bearer {token}"}


class Keys:
    """API keys in a file."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "keys"
        self.path.touch()

    @property
    def settings(self) -> dict[str, Any]:
        return {"keys_file": str(self.path)}

    def key(self, role: str, subject: str = "desk", expires: datetime | None = None) -> str:
        """A new key."""
        key = new_key()
        add(self.path, key, subject, Role(role), expires)
        return key
