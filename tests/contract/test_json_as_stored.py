"""Is canonical JSON what each engine itself would write?  So what is stored can be shown as it is, and what was parsed be spelt again."""

from contextlib import closing
from typing import Any, Final

from events.canonical import canonical
from events.sqlite_library import sqlite3
from projections.json_columns import spelt
from projections.reports import Report
from tests import postgres

TEXT: Final = "".join(map(chr, [*range(1, 0x180), 0x2028, 0x2029, 0xFEFF, 0xFFFF, 0x1F600]))
"""What is escaped in JSON somewhere, and what is not."""
MEMBERS: Final = {"flag": False, "number": 2**53 - 1, "null": None, "text": TEXT}
STORED: Final = canonical(MEMBERS).decode()
SHOWN: Final = {name: canonical(value).decode() for name, value in MEMBERS.items()}


def test_sqlite_writes_texts_as_they_are_stored() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, shown in SHOWN.items():
            (found,) = connection.execute(f"SELECT ? -> '$.{name}'", (STORED,)).fetchone()
            assert found == shown
        (written,) = connection.execute("SELECT json_quote(?)", (TEXT,)).fetchone()
    assert written == SHOWN["text"]


async def test_postgresql_writes_texts_as_they_are_stored() -> None:
    async with postgres.database() as url, postgres.connected(url) as connection:
        for name, shown in SHOWN.items():
            for kind in ("json", "jsonb"):
                member = f"SELECT ($1::text::{kind} -> '{name}')::text"
                assert await connection.fetchval(member, STORED) == shown
        written = await connection.fetchval("SELECT to_json($1::text)::text", TEXT)
    assert written == SHOWN["text"]


async def test_what_postgresql_parsed_is_spelt_as_it_was() -> None:
    value: dict[str, Any] = {
        **MEMBERS,
        "b": [],
        "ab": {"ba": -1, "c": {}, "aa": [MEMBERS, None]},
        TEXT: True,
    }
    async with postgres.database() as url, postgres.connected(url) as connection:
        kept = await connection.fetchval("SELECT $1::jsonb", canonical(value).decode())
    assert kept != canonical(value).decode()
    assert spelt(Report, {"payload": kept}) == {"payload": canonical(value).decode()}


def test_what_no_fold_writes_is_not_spelt_as_if_one_did() -> None:
    deep = "[" * 5000 + "]" * 5000
    for kept in ("1.0", "9007199254740993.0", "1e400", deep):
        assert spelt(Report, {"payload": kept})["payload"] not in ("1", "9007199254740993")
