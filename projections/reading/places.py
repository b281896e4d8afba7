"""Where does somebody stand who is told the changes of a list?  A place: a position of the log, and how much of it was told.

Its text is the cursor that clients give back.  `120` stands behind all of position 120, `120:key` behind what position 120 did to that
key, and `120@key` behind that key of the list as of position 120, which is told first to those who have seen nothing.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from projections.reading.cursors import BadCursor

LAST: Final = "\U0010ffff"
"""A key behind all others."""
LARGEST: Final = 2**53 - 1
"""The largest position that there can be."""

_FORM: Final = re.compile(r"(0|[1-9][0-9]{0,15})(?:([:@])(.{0,1000}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands."""

    position: int
    key: str = LAST
    """Up to which key the position was told; keys are told in their order."""
    listing: bool = False
    """Whether it is the list as of the position that was told up to the key, rather than what the position changed."""

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """The place that a cursor means.  Raises BadCursor."""
        found = _FORM.fullmatch(cursor)
        if found is None or int(found[1]) > LARGEST:
            raise BadCursor(
                f"{cursor[:60]!r} is not a cursor; take the last one that you were told, or a position"
            )
        return cls(int(found[1]), LAST if found[2] is None else found[3], found[2] == "@")

    def __str__(self) -> str:
        separator = "@" if self.listing else ":"
        return str(self.position) + ("" if self.key == LAST else separator + self.key)
