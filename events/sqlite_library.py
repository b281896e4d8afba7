"""Which SQLite is used?  The one that comes with the product, for everything.

Two SQLite libraries in one process on one file can corrupt it: closing the file in one drops the locks of the other.  So nobody imports the
standard library's `sqlite3`, which is also too old on many machines to parse deeply nested statements (see docs/decisions).
"""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlean import dbapi2 as sqlite3

__all__ = ["sqlite3"]

Value = TypeVar("Value")


def _itself(value: Value) -> Value:
    return value


# A value that is no text and no number is looked up here first; where there is nothing to find, the search costs six times as much.
sqlite3.register_adapter(type(None), _itself)
sqlite3.register_adapter(bytes, _itself)
sqlite3.register_adapter(bool, int)
