"""How does a full-text index know what stood at a position?  By words, each of which names a span of positions.

The spans are as long as powers of `BASE`, one after the other.  What stood from one position to another is filed under the few longest
that make it up; of these exactly one has any position in between, and a position is in one span of each length.
"""

from typing import Final

BASE: Final = 16
"""With a greater one a search asks for fewer spans, and what ended is filed under more."""
SPAN: Final = "@"
"""What tells the word of a span from a word of a text, where both are kept together: no word of a text has it."""


def filed(begin: int, end: int) -> str:
    """The spans that make up the positions from one, at least 1, to before another.

    >>> filed(14, 50)
    '0x14 0x15 1x1 1x2 0x48 0x49'
    """
    words = []
    while begin < end:
        power, length = 0, 1
        while begin % (length * BASE) == 0 and begin + length * BASE <= end:
            power, length = power + 1, length * BASE
        words.append(f"{power}x{begin // length}")
        begin += length
    return " ".join(words)


def holding(position: int) -> str:
    """Any of the spans that a position is in, in the syntax of FTS5; those from 0 on are none, since positions begin with 1.

    >>> holding(5000)
    '0x5000 OR 1x312 OR 2x19 OR 3x1'
    """
    words, power = [f"0x{position}"], 1
    while position >= BASE**power:
        words.append(f"{power}x{position // BASE**power}")
        power += 1
    return " OR ".join(words)
