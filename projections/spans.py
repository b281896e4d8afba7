"""How does a full-text index know what stood at a position?  By words, each of which names a span of positions.

The spans are as long as powers of two, one after the other.  What stood from one position to another is filed under the few longest ones
that make it up; of these exactly one has any position in between, and a position is in one span of each length.
"""

from typing import Final

LENGTHS: Final = 44
"""Powers of two that a span may be long: positions go further than a log will."""


def filed(begin: int, end: int) -> str:
    """The spans that make up the positions from one to before another.

    >>> filed(6, 13)
    '1x3 2x2 0x12'
    """
    words = []
    while begin < end:
        power = min((begin & -begin or end).bit_length(), (end - begin).bit_length()) - 1
        words.append(f"{power}x{begin >> power}")
        begin += 1 << power
    return " ".join(words)


def holding(position: int) -> str:
    """Any of the spans that a position is in, in the syntax of FTS5.

    >>> holding(12).startswith("0x12 OR 1x6 OR 2x3 OR 3x1 OR 4x0 OR ")
    True
    """
    return " OR ".join(f"{power}x{position >> power}" for power in range(LENGTHS))
