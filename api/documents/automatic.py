"""Which documents did clients send before, by the SHA-256 of their text?  As many as fit into a number of bytes.

One that was asked for again has a place apart, so that documents that somebody sends but once, however many, push out only each other.
"""

from collections import OrderedDict
from sys import getsizeof
from typing import Final

AROUND: Final = 300
"""Bytes that a document takes up beside its text: its hash, and its place among the others."""
KEPT: Final = 0.8
"""The part of the bytes for documents that were asked for again."""


class _Documents(OrderedDict[str, str]):
    """Documents by their hashes, those first that were not asked for for longest."""

    def __init__(self, size: int) -> None:
        """`size`: bytes in memory."""
        super().__init__()
        self._left = size

    def put(self, hash_: str, text: str) -> list[tuple[str, str]]:
        """Take in a document; gives those that have to leave for it, or itself if it is larger than all."""
        self[hash_] = text
        self._left -= _size(text)
        leaving = []
        while self._left < 0:
            left = self.popitem(last=False)
            self._left += _size(left[1])
            leaving.append(left)
        return leaving

    def take(self, hash_: str) -> str | None:
        """Give away a document, if it is here."""
        text = self.pop(hash_, None)
        if text is not None:
            self._left += _size(text)
        return text


class Automatic:
    """What is kept of automatic persisted queries."""

    def __init__(self, size: int) -> None:
        """`size`: bytes in memory; 0 keeps nothing."""
        self.is_on = size > 0
        self._again = _Documents(int(size * KEPT))
        self._once = _Documents(size - int(size * KEPT))

    def get(self, hash_: str) -> str | None:
        """The document of a hash, if it is kept."""
        text = self._again.take(hash_) or self._once.take(hash_)
        if text is not None:
            for left in self._again.put(hash_, text):
                self._once.put(*left)
        return text

    def keep(self, hash_: str, text: str) -> None:
        """Keep a document that may be run."""
        if self.is_on and hash_ not in self._again and hash_ not in self._once:
            self._once.put(hash_, text)


def _size(text: str) -> int:
    return getsizeof(text) + AROUND
