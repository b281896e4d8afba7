"""What does a reader say when the database cannot answer?"""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.reading import Reading
from api.schema import schema
from events.refusals import LogDamaged, Refusal
from events.sqlite_connection import connect
from events.sqlite_library import sqlite3
from projections.reading.plan import Plan
from projections.reading.reader import TooSlow
from projections.reading.sqlite_reader import SqliteReader
from projections.reading.statement import TooComplex
from tests.served import with_article


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "communique.db"
    path.write_bytes(with_article())
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[SqliteReader]:
    with closing(SqliteReader(connect(path, "ro"), patience=0.1)) as reader:
        yield reader


ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*), '' FROM n"
)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (ENDLESS, TooSlow),
        (f"SELECT {'+'.join('1' * 5000)}, ''", TooComplex),
        ("SELECT 1, zeroblob(2000000000)", TooComplex),
        (f"SELECT {','.join('1' * 5000)}", TooComplex),
        ("SELECT 1, json_extract('{', '$.a')", LogDamaged),
    ],
    ids=["endless", "deep", "large", "wide", "no JSON"],
)
async def test_statement_that_cannot_run(sql: str, refusal: type[Refusal], reader: SqliteReader):
    with pytest.raises(refusal):
        await reader.run(Plan(sql, (), {}), ())
    assert await reader.run(Plan("SELECT 1, '{}'", (), {}), ()) == (1, "{}")


async def test_position_is_told_however_long_nothing_was_read(reader: SqliteReader):
    """Also once the statement has made as many steps as lie between two looks at the clock."""
    await asyncio.sleep(0.2)
    assert {reader.position() for _ in range(2_000)} == {119}


async def test_mistake_in_a_statement_is_a_bug(reader: SqliteReader):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await reader.run(Plan("SELECT * FROM missing", (), {}), ())


async def test_damaged_page_is_told(path: Path):
    content = bytearray(path.read_bytes())
    page = 4096
    for start in range(page, len(content), page):
        content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    with closing(SqliteReader(connection)) as reader, pytest.raises(LogDamaged, match="is damaged"):
        await Reading(schema()._schema, reader).answer(
            "{ timeline { totalCount nodes { ref } } }", None, {}
        )
