"""Which one hash stands for many records?  The root of their Merkle tree (RFC 6962, section 2.1).

The hash of a leaf is `leaf_hash` of a record; that of a node is SHA-256(0x01 || left || right), where the left subtree has as many leaves
as the largest power of two that leaves some for the right one; that of no leaf at all is the SHA-256 of nothing.
"""

from functools import reduce
from hashlib import sha256


class Tree:
    """A tree that grows leaf by leaf, in order; of n leaves it keeps at most log2(n) + 1 hashes."""

    def __init__(self) -> None:
        self.size = 0
        """How many leaves it has."""
        self._subtrees: list[bytes] = []
        """The roots of the full subtrees, one for each bit of `size` that is set, the largest first."""

    def add(self, leaf: bytes) -> None:
        """Add the hash of one more leaf, 32 bytes."""
        node, full = leaf, self.size
        while full & 1:
            node = _node(self._subtrees.pop(), node)
            full >>= 1
        self._subtrees.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The hash of the whole tree, 32 bytes."""
        if not self._subtrees:
            return sha256().digest()
        return reduce(lambda right, left: _node(left, right), reversed(self._subtrees))


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
