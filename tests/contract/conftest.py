"""Which engines keep the contract of the log?"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from events.log import EventLog
from tests.logs import OpenLog, World, make, postgres_log, sqlite_log
from tests.postgres import empty_log


def sqlite(directory: Path, world: World) -> AbstractAsyncContextManager[EventLog]:
    make(path := directory / f"{uuid4()}.db")
    return sqlite_log(path, world)


@asynccontextmanager
async def postgres(_: Path, world: World) -> AsyncIterator[EventLog]:
    async with postgres_log(await empty_log(), world) as log:
        yield log


ENGINES: dict[str, Callable[[Path, World], AbstractAsyncContextManager[EventLog]]] = {
    "sqlite": sqlite,
    "postgres": postgres,
}


@pytest.fixture(params=ENGINES)
def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> OpenLog:
    """Opens logs that have not been used before."""
    engine = ENGINES[request.param]
    return lambda world: engine(tmp_path, world)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def log(open_log: OpenLog, world: World) -> AsyncIterator[EventLog]:
    """A log that has not been used before, in a world of its own."""
    async with open_log(world) as log:
        yield log
