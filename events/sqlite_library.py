"""Which SQLite is used?  The one that comes with the product, for everything.

Two SQLite libraries in one process on one file can corrupt it: closing the file in one drops the locks of the other.  So nobody imports the
standard library's `sqlite3`, which is also too old on many machines to parse deeply nested statements (see docs/decisions).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from sqlean import dbapi2 as sqlite3

__all__ = ["sqlite3"]
