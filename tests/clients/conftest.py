"""How are clients run that others wrote?  By Node, each in a small script that prints what it saw as JSON."""

import asyncio
import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Server, serving
from tests.served import with_article

HERE = Path(__file__).parent
INSTALL = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]

NODE = 20

Run = Callable[..., Coroutine[Any, Any, Any]]
Printed = Callable[[int], Coroutine[Any, Any, list[Any]]]
Start = Callable[..., AbstractAsyncContextManager[Printed]]


@pytest.fixture(scope="session")
def modules(pytestconfig: pytest.Config) -> Path:
    """Where the packages are installed, once for each state of package.json."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    told = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    if int(told.removeprefix("v").partition(".")[0]) < NODE:
        pytest.skip(f"the clients need Node {NODE} or newer; this is {told.strip()}")
    asked = (HERE / "package.json").read_bytes()
    folder = pytestconfig.cache.mkdir("clients") / sha256(asked).hexdigest()[:12]
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            (folder / "package.json").write_bytes(asked)
            npm = subprocess.run(
                INSTALL, cwd=folder, check=False, timeout=600, capture_output=True, text=True
            )
            if re.search("ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN", npm.stderr):
                pytest.skip("no registry of packages can be reached from here")
            assert npm.returncode == 0, npm.stderr
            (folder / "installed").touch()
        for script in HERE.glob("*.mjs"):  # beside the packages, so that it finds them
            shutil.copy(script, folder)
    return folder


@pytest.fixture
def node(modules: Path) -> Run:
    """Run a script with arguments; gives the JSON that it prints."""

    async def run(script: str, *arguments: object) -> Any:
        process = await asyncio.create_subprocess_exec(
            "node",
            modules / script,
            *map(str, arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        printed, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, errors.decode()
        return json.loads(printed)

    return run


@pytest.fixture
def start(modules: Path) -> Start:
    """Start a script that goes on; gives what reads so many more lines that it prints, of JSON each."""

    @asynccontextmanager
    async def started(script: str, *arguments: object) -> AsyncIterator[Printed]:
        process = await asyncio.create_subprocess_exec(
            "node", modules / script, *map(str, arguments), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        lines = process.stdout

        async def printed(number: int) -> list[Any]:
            async with asyncio.timeout(60):
                return [json.loads(await lines.readline()) for _ in range(number)]

        try:
            yield printed
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself
                process.kill()
            await process.wait()

    return started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all clients that only read, or are refused."""
    path = tmp_path_factory.mktemp("clients") / "communique.db"
    path.write_bytes(with_article())
    with serving(path, "serve") as server:
        yield server
        if server.process.poll() is None:
            assert server.stop(15) == (0, "")
