"""Which tables beside those of the views are read?"""

from typing import Final

from sqlalchemy import column, table
from sqlalchemy.types import BigInteger, String

LOG: Final = table(
    "log",
    column("position", BigInteger),
    column("stream", String),
    column("version", BigInteger),
    column("kind", String),
    column("recorded_at", String),
    column("record"),
    column("leaf"),
)
"""The log's own table, which views may point into."""

CHECKPOINTS: Final = table(
    "checkpoints", column("name"), column("version"), column("position", BigInteger)
)
