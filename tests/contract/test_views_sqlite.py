"""How do the views of a file go about it, beside what they promise?"""

from collections.abc import AsyncIterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from events.canonical import canonical
from events.sqlite import SqliteFile
from events.sqlite_library import sqlite3
from projections import sqlite_store as store
from projections.digests import VIEWS, versions
from projections.folding import MODELS, PROJECTIONS
from projections.relations.fold import Relation
from projections.runner import Views
from projections.sqlite_views import SqliteViews
from projections.versioned import BOOKKEEPING, Versioned
from tests.told import LATER, TOLD
from tests.views import OpenedFile, digests, opened


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[OpenedFile]:
    """A file whose views have folded what was told first."""
    async with opened(tmp_path / "log.db", batch=2) as it:
        await it.append(TOLD)
        await it.views.catch_up()
        yield it


class Interrupted:
    """A file of which others rebuild the views just after a batch was folded, once."""

    def __init__(self, file: SqliteFile, other: Views) -> None:
        self._file, self._other = file, other
        self.write = file.write

    async def read(self, job: Any) -> Any:
        result = await self._file.read(job)
        if isinstance(result, tuple) and self._other is not None:
            other, self._other = self._other, cast("Views", None)
            await other.rebuild()
        return result


async def test_batch_that_was_folded_from_tables_now_replaced_is_folded_anew(
    it: OpenedFile,
) -> None:
    for model in MODELS:
        if model.__tablename__ != "documents":  # its row ids are also those of the full-text index
            await it.change(f"UPDATE {model.__tablename__} SET row_id = row_id + 100")
    await it.append(LATER)
    file = cast("SqliteFile", Interrupted(it.file, it.views))
    views = Views(SqliteViews(file), it.log)
    views.position = len(TOLD)
    await views.catch_up()
    assert await it.digests() == await it.anew()


async def test_full_text_indexes_have_every_version(it: OpenedFile) -> None:
    def found(connection: sqlite3.Connection, word: str) -> list[tuple[str, bool]]:
        rows = connection.execute(
            "SELECT key, 1 FROM documents WHERE to_position > 1e15"
            " AND row_id IN (SELECT rowid FROM words WHERE words MATCH :word)"
            " UNION SELECT key, 0 FROM documents WHERE to_position < 1e15"
            " AND row_id IN (SELECT rowid FROM words_past WHERE words_past MATCH :word) ORDER BY key",
            {"word": word},
        )
        return [(key, bool(current)) for key, current in rows]

    await it.append(LATER)
    await it.views.catch_up()
    for _ in range(2):
        with closing(it.file.reader()) as reader:
            assert ("Report:oslo/met", False) in found(reader, "oslo AND ann AND bob")
            assert found(reader, "bergen") == [("Report:oslo/met", True)]
            assert found(reader, "ek") == [("Actor:ann", True)]
        await it.views.rebuild()


@pytest.mark.parametrize(
    ("model", "column"),
    [(model, column) for model in MODELS for column in ("key", *model.looked_up_by)],
    ids=lambda value: getattr(value, "__tablename__", value),
)
async def test_rows_are_looked_up_by_an_index(
    it: OpenedFile, model: type[Versioned], column: str
) -> None:
    select, _ = store._select(model, column, "")
    with closing(it.file.reader()) as live, closing(sqlite3.connect(":memory:")) as replayed:
        for projection in PROJECTIONS:
            store.create(replayed, projection, listed=False)
        for tables in (live, replayed):
            plan = [row[3] for row in tables.execute(f"EXPLAIN QUERY PLAN {select}", ("[]",))]
            assert f"SEARCH {model.__tablename__} USING INDEX" in plan[0]
            assert not [step for step in plan if step == f"SCAN {model.__tablename__}"]


async def test_every_column_is_in_a_digest(it: OpenedFile) -> None:
    before = await it.digests()
    with closing(it.file.reader()) as reader, closing(sqlite3.connect(":memory:")) as copy:
        reader.backup(copy)
        for column in Relation.model_fields.keys() - BOOKKEEPING | {"from_position", "to_position"}:
            copy.execute("BEGIN")
            first = "SELECT min(row_id) FROM relations"
            copy.execute(f"UPDATE relations SET {column} = 1 WHERE row_id = ({first})")
            assert digests(copy)["relations"] != before["relations"], column
            copy.execute("ROLLBACK")


async def test_a_digest_is_over_canonical_json_whatever_a_text_holds(it: OpenedFile) -> None:
    odd = "".join(map(chr, [*range(1, 0xA0), 0x2028, 0xFFFF, 0x1F600])) + "\\'\""
    texts = ", ".join(f"char({ord(character)})" for character in odd)
    await it.change(f"UPDATE actors SET note = concat({texts})")

    with closing(it.file.reader()) as reader:
        expected = {}
        for view in VIEWS:
            lines = [
                canonical([model.__tablename__, row]) + b"\n"
                for model in view.models
                for row in versions(reader, model, len(TOLD) - 1, view.kind)
            ]
            expected[view.name] = sha256(b"".join(lines)).hexdigest()
        assert digests(reader, len(TOLD) - 1) == expected


async def test_bytes_in_place_of_a_text_are_another_digest(it: OpenedFile) -> None:
    found = {(await it.digests())["actors"]}
    for value in ("CAST(name AS BLOB)", "quote(CAST(name AS BLOB))"):
        await it.change(f"UPDATE actors SET note = {value}")
        found.add((await it.digests())["actors"])
    assert len(found) == 3
