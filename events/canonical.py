"""In which bytes is a value stored and hashed?  Its canonical JSON (RFC 8785).

The vocabulary has no fractions and no integers beyond 2**53, and every key is ASCII; within these bounds sorted compact JSON *is*
RFC 8785, which a property test holds against the reference implementation.
"""

from typing import Any

import orjson

from events.values import Value


def canonical(value: object) -> bytes:
    """The canonical JSON of a value without fractions; of the vocabulary's values, the fields that are not null."""
    return orjson.dumps(value, default=_fields, option=orjson.OPT_SORT_KEYS)


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, Value):
        raise TypeError
    return {name: field for name, field in vars(value).items() if field is not None}
