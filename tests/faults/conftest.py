"""Where is the log that is put under stress?"""

from pathlib import Path

import pytest

from tests.logs import make
from tests.postgres import empty_log


@pytest.fixture(params=["sqlite", "postgres"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Path or URL of a log that has not been used before."""
    if request.param == "postgres":
        return await empty_log()
    make(path := tmp_path / "log.db")
    return str(path)
