"""Where does a page begin?  A cursor: the position at which the list was read, and the place in its order.

Pages that follow a cursor read the list as of that position, so they neither skip nor repeat while events arrive.
"""

import binascii
from base64 import urlsafe_b64decode
from typing import Any, Final

import orjson

from events.refusals import Refusal

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")


class BadCursor(Refusal):
    """The cursor is none, or belongs to another list or order."""

    code = "BAD_CURSOR"


def encode(content: str) -> str:
    """The cursor of a JSON array [order, position, value, …]."""
    return binascii.b2a_base64(content.encode(), newline=False).translate(_TO_URL, b"=").decode()


def decode(cursor: Any, order: str, arity: int) -> list[Any]:
    """[position, value, …] of a cursor.  Raises BadCursor."""
    try:
        padded = str(cursor).encode("ascii") + b"=" * (-len(str(cursor)) % 4)
        found = orjson.loads(urlsafe_b64decode(padded))
    except (ValueError, binascii.Error, orjson.JSONDecodeError):
        found = None
    if not (
        isinstance(found, list)
        and len(found) == arity + 2
        and all(type(value) in {str, int} for value in found)
        and type(found[1]) is int
        and all(type(value) is str or abs(value) < 2**63 for value in found[1:])
        and 0 <= found[1] < 2**63
    ):
        raise BadCursor(
            f"{str(cursor)[:60]!r} is not a cursor; take one from `edges` or `pageInfo`"
        )
    if found[0] != order:
        raise BadCursor(f"the cursor belongs to the order {found[0]!r}, not to {order!r}")
    return found[1:]
