"""How is a guide run?  Its blocks one after the other, in one place, against one database.

`console` blocks hold commands after `$ ` and what they print; a `graphql` block is followed by a `json` block with its answer.  In what
is shown, `…` stands for anything: within a line, as a line of its own, or as a JSON value.
"""

import asyncio
import json
import os
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, chdir
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from api.access.keys import new_key
from api.app import create_app
from api.composition import opened
from api.settings import Settings
from tests.commands import COMMAND, invoke, surroundings

ROOT: Final = Path(__file__).parents[1]
ANYTHING: Final = "…"
ALONE: Final = re.compile(r"(?P<settings>(?:\w+=\S+ )*)communique (?P<arguments>[^|&;<>$`]*)")
"""A line of a shell in which only `communique` runs."""


class Step(NamedTuple):
    """A command or a query, and what must come of it."""

    does: str
    shows: str
    line: int

    is_query: bool


def steps(guide: str) -> Iterator[Step]:
    """What a guide does, in its order."""
    found = [
        (each[1], each[2], guide.count("\n", 0, each.start()) + 1)
        for each in re.finditer(r"^```(\w+)\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    ]
    for (language, block, line), (after, answer, _) in pairwise([*found, ("", "", 0)]):
        if language == "console":
            for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                does, _, shows = command.partition("\n")
                yield Step(does, shows, line, is_query=False)
        elif language == "graphql":
            assert after == "json", f"the query in line {line} has no answer"
            yield Step(block, answer, line, is_query=True)


@asynccontextmanager
async def client(database: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application on a database, which may record."""
    async with opened(Settings(database_url=f"sqlite:///{database}"), follow=True) as system:
        await system.views.catch_up()
        token = new_key()
        transport = httpx.ASGITransport(create_app(system, trial=token))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://guide", headers=headers
        ) as client:
            yield client


async def run(guide: Path, directory: Path, **more: str) -> None:
    """Run a guide in an empty directory; its commands have `more` in their environment.

    Raises AssertionError where something else happens than it shows.
    """
    for name in ("docker", "docs", "seeds"):
        (directory / name).symlink_to(ROOT / name)
    database = directory / "guide.db"
    for step in steps(guide.read_text("utf-8")):
        where = f"{guide.name}, block of line {step.line}"
        if step.is_query:
            async with client(database) as asked:
                answer = (await asked.post("/graphql", json={"query": step.does})).json()
            expected = json.loads(step.shows)
            shown = {name: answer.get(name) for name in expected}
            assert _fits(shown, expected), f"{where}: {json.dumps(answer, indent=2)}"
        else:
            printed = await asyncio.to_thread(_printed, step.does, directory, database, **more)
            assert _pattern(step.shows).fullmatch(printed), f"{where}: {step.does}\n{printed}"


def _printed(command: str, directory: Path, database: Path, **more: str) -> str:
    """What a line prints, where nothing but `communique` stands in it in this process, which is faster."""
    more |= {"COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
    if alone := ALONE.fullmatch(command.rstrip()):
        more |= dict(each.split("=", 1) for each in alone["settings"].split())
        with chdir(directory):
            printed = invoke(database, *shlex.split(alone["arguments"]), **more).output
    else:
        printed = _in_a_shell(command, directory, surroundings(database, **more))
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def _in_a_shell(command: str, directory: Path, env: dict[str, str]) -> str:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env={**env, "PATH": f"{Path(COMMAND).parent}{os.pathsep}{env['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    ).stdout


def _pattern(shown: str) -> re.Pattern[str]:
    lines = [
        r"(?:.*\n)*"
        if line == ANYTHING
        else ".*".join(map(re.escape, line.split(ANYTHING))) + r"\n"
        for line in shown.splitlines()
    ]
    return re.compile("".join(lines))


def _fits(found: Any, expected: Any) -> bool:
    match expected:
        case dict():
            same = isinstance(found, dict) and found.keys() == expected.keys()
            return same and all(_fits(found[name], expected[name]) for name in expected)
        case list():
            same = isinstance(found, list) and len(found) == len(expected)
            return same and all(map(_fits, found, expected))
        case str() if ANYTHING in expected:
            parts = map(re.escape, expected.split(ANYTHING))
            return re.fullmatch(".*".join(parts), str(found), re.DOTALL) is not None
        case _:
            return bool(found == expected)
