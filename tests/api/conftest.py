"""What do tests of the API start from?"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.served import Api, served, served_article

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """The API over a file of the test's own, with the real article in it."""
    async with served_article(tmp_path / "communique.db") as api:
        yield api


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Api]:
    """The API over an empty log."""
    async with served(tmp_path / "empty.db") as api:
        yield api


@pytest.fixture
def ask(api: Api) -> Ask:
    """How to ask: a query and its variables give the data of the answer."""
    return api.ask
