"""What does a view in a PostgreSQL database say, in one number?  The digest that SQLite gives for the same log, too."""

import asyncio
from hashlib import sha256
from typing import Any

from events.postgres import Record
from events.postgres_connections import Connection
from projections.digests import View, line, told
from projections.postgres_store import CHUNK, plain
from projections.versioned import Versioned, table_of


async def digest(connection: Connection, view: View, position: int, prefix: str = "") -> str:
    """The canonical digest of a view's row versions up to a position; in a transaction that reads."""
    whole = sha256()
    for model in view.models:
        columns = told(model)
        rows = await connection.cursor(*_versions(model, columns, position, view.kind, prefix))
        while some := await rows.fetch(CHUNK):
            whole.update(await asyncio.to_thread(_lines, model, columns, some))
    return whole.hexdigest()


def _versions(
    model: type[Versioned], columns: list[str], position: int, kind: str | None, prefix: str
) -> tuple[Any, ...]:
    """A statement and its values: versions that began up to a position, as `projections.digests.versions` gives them."""
    listed = ", ".join(f'"{name}"' for name in columns)
    statement = (
        f"SELECT {listed}, CASE WHEN to_position <= $1 THEN to_position END"  # noqa: S608 - names only
        f" FROM {prefix}{table_of(model).name} WHERE from_position <= $1"
    )
    order = " ORDER BY key, from_position"
    if kind is None:
        return statement + order, position
    return f"{statement} AND kind = $2{order}", position, kind


def _lines(model: type[Versioned], columns: list[str], rows: list[Record]) -> bytes:
    name, told = table_of(model).name, [*columns, "to_position"]
    return b"".join(line([name, plain(model, told, row)]) for row in rows)
