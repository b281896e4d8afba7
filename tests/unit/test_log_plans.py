"""Do the statements of the log still use its indexes, so that they stay quick as it grows?"""

from pathlib import Path
from typing import Any

import pytest

from events import sqlite_statements as statements
from tests.logs import sqlite_log

PRIMARY = "log USING INTEGER PRIMARY KEY"
COVERING = "log USING COVERING INDEX log_by_stream (stream=?"


@pytest.mark.parametrize(
    ("statement", "values", "wanted"),
    [
        (statements.READ, (0, 10), [f"SEARCH {PRIMARY} (rowid>?)"]),
        (statements.READ_STREAMS, ("[]", 0, 9), [f"SEARCH {PRIMARY} (rowid=?)", COVERING]),
        (statements.VERSIONS, ("[]",), [f"SEARCH {PRIMARY} (rowid=?)", COVERING]),
        (statements.FIND_KEY, ("k",), ["SEARCH log_keys USING PRIMARY KEY (key=?)"]),
    ],
)
async def test_searches(
    tmp_path: Path, statement: str, values: tuple[Any, ...], wanted: list[str]
) -> None:
    async with sqlite_log(tmp_path / "log.db") as log:
        rows = log._file.peek(lambda c: c.execute(f"EXPLAIN QUERY PLAN {statement}", values))
        plan = [detail for *_, detail in rows]

    assert "SCAN log" not in plan
    for step in wanted:
        assert any(step in detail for detail in plan), plan
