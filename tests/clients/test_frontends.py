"""Do the front ends of the guide work as they stand there: built by their compilers, and answered by ids or hashes alone?"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.settings import PREFIX
from tests.guides import ROOT
from tests.served import listening, with_article

GUIDE = (ROOT / "docs" / "guides" / "frontends.md").read_text("utf-8")
FILES = dict(re.findall(r"^```\w+\n// (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))
(TOLD,) = re.findall(r"^```text\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
BUILD, SERVE = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
SCHEMA = ROOT / "api" / "schema.graphql"


@pytest.fixture
def project(modules: Path) -> Iterator[Path]:
    """A folder with the files of the guide, beside the packages, so that they find them."""
    folder = modules / f"project-{uuid4()}"
    for name, content in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    yield folder
    shutil.rmtree(folder)


async def run(*command: object, folder: Path) -> tuple[str, str]:
    """What a program prints to standard output and to standard error."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1", "NODE_NO_WARNINGS": "1"},
    )
    try:
        printed, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, printed.decode() + errors.decode()
    return printed.decode(), errors.decode()


def settings_in(command: str, folder: Path) -> dict[str, Any]:
    """The settings that stand before a command."""
    given = dict(re.findall(rf"{PREFIX}(\w+)=(\S+)", command))
    if manifests := given.get("DOCUMENTS"):
        given["DOCUMENTS"] = ",".join(str(folder / each) for each in manifests.split(","))
    return {name.lower(): value for name, value in given.items()}


def address(folder: Path, url: str) -> None:
    """Make the clients ask the server that runs."""
    for name in FILES:
        file = folder / name
        content = file.read_text("utf-8")
        file.write_text(content.replace("127.0.0.1:8000", url.removeprefix("http://")), "utf-8")


async def test_front_ends_that_send_ids(project: Path, modules: Path, tmp_path: Path):
    schema, *build, serve = BUILD.splitlines()
    assert schema == "communique schema > schema.graphql"
    shutil.copy(SCHEMA, project)  # `make check` holds them equal
    programs = modules / "node_modules" / ".bin"
    for command in build:
        await run("bash", "-c", command.replace("npx ", f"{programs}/"), folder=project)
    path = tmp_path / "communique.db"
    path.write_bytes(await asyncio.to_thread(with_article))
    async with listening(path, **settings_in(serve, project)) as (_, url):
        address(project, url)
        clients = ("apollo.ts", "urql.ts", "relay.ts")
        runs = [run(programs / "jiti", each, folder=project) for each in clients]
        printed = await asyncio.gather(*runs)
    assert dict(zip(clients, printed, strict=True)) == dict.fromkeys(clients, (TOLD, ""))


async def test_front_ends_that_send_hashes(project: Path, modules: Path, tmp_path: Path):
    """The document is sent once; whoever comes next sends the hash alone, by GET."""
    path = tmp_path / "communique.db"
    path.write_bytes(await asyncio.to_thread(with_article))
    async with listening(path, **settings_in(SERVE, project)) as (_, url):
        address(project, url)
        for client, sends in (("apq-apollo.mjs", "POST"), ("apq-urql.mjs", "GET")):
            for fetched in (f"GET hash\n{sends} document\n", "GET hash\n"):
                told = await run(
                    "node", "--import", modules / "fetches.mjs", client, folder=project
                )
                assert told == ("Khalifa Haftar\n", fetched)


def test_guide_has_all_of_them():
    assert set(FILES) == {
        *("codegen.ts", "apollo.ts", "urql.ts", "apq-apollo.mjs", "apq-urql.mjs"),
        *("relay.config.json", "relay/page.ts", "relay.ts"),
    }
