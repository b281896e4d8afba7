"""In which bytes is a value stored and hashed?  Its canonical JSON (RFC 8785).

The vocabulary has no fractions and no integers beyond 2**53, and every key is ASCII; within these bounds sorted compact JSON *is*
RFC 8785, which a property test holds against the reference implementation.
"""

from typing import Any

import orjson

from events.values import LARGEST, Value


def canonical(value: object) -> bytes:
    """The canonical JSON of a value without fractions; of the vocabulary's values, the fields that are not null."""
    return orjson.dumps(value, default=_fields, option=orjson.OPT_SORT_KEYS)


def is_canonical(text: bytes, value: object) -> bool:
    """Whether a JSON text is the canonical one of the value that was read from it.

    >>> is_canonical(b'{"a":1}', {"a": 1}), is_canonical(b'{"a": 1}', {"a": 1}), is_canonical(b"1.0", 1.0)
    (True, False, False)
    """
    try:
        return canonical(value) == text and not _beyond(value)
    except orjson.JSONEncodeError:  # nested deeper than anything that was ever written
        return False


def _beyond(value: object) -> bool:
    """Whether there is a number somewhere in a value for which sorted compact JSON is not RFC 8785."""
    inside: list[Any] = [[value]]
    while inside:
        holder = inside.pop()
        for item in holder.values() if type(holder) is dict else holder:
            kind = type(item)
            if kind is dict or kind is list:
                inside.append(item)
            elif kind is float or (kind is int and abs(item) > LARGEST):
                return True
    return False


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, Value):
        raise TypeError
    fields = vars(value)
    if None not in fields.values():
        return fields
    return {name: field for name, field in fields.items() if field is not None}
