"""What do tests of the API start from?"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.processes import SOAK
from tests.served import ENGINES, Api, on

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture(params=ENGINES if SOAK else ["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """On which engine the API works; a database of its own for each test takes PostgreSQL long, so that `make soak` does so."""
    return str(request.param)


@pytest.fixture
async def api(engine: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The API over a log of the test's own, with the real article in it."""
    async with on(engine, tmp_path, article=True) as api:
        yield api


@pytest.fixture
async def empty(engine: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The API over an empty log."""
    async with on(engine, tmp_path, article=False) as api:
        yield api


@pytest.fixture
def ask(api: Api) -> Ask:
    """How to ask: a query and its variables give the data of the answer."""
    return api.ask
