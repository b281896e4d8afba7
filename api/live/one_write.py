"""How does an answer leave?  Its head with the first of its body, in one write: each is a system call, and wakes the client."""

import asyncio
from typing import Any, Final

HEAD: Final = b"HTTP/1.1 "
END: Final = b"\r\n\r\n"
INTERIM: Final = b"HTTP/1.1 1"
"""How the head of an answer begins after which another one comes, or another protocol."""


class OneWrite:
    """A transport that keeps the head of an answer until something follows."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        if data.startswith(HEAD) and data.endswith(END) and not data.startswith(INTERIM):
            self._head = data
        else:
            self.transport.write(self._head + data)
            self._head = b""

    def flush(self) -> None:
        """Nothing follows."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
