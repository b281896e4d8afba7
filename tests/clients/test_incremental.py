"""Do clients that others wrote make one answer of its parts, and do those of the guide, as they stand there?"""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import Run
from tests.clients.test_clients import graphql
from tests.commands import EVENTS, Server
from tests.guides import ROOT

pytestmark = pytest.mark.fault

GUIDE = (ROOT / "docs" / "guides" / "incremental.md").read_text("utf-8")
PROGRAMS = dict(re.findall(r"^```js\n// (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))
(TOLD,) = re.findall(r"^```text\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)

DEFER = '{ actor(slug: "lavrov") { name ... @defer { relations { totalCount } } } }'
STREAM = "{ actors(first: 3) { nodes @stream(initialCount: 1) { slug } } }"
FAILING = '{ status { head } ... @defer { actors(after: "x") { totalCount } } }'


async def test_apollo_and_urql(node: Run, server: Server):
    """Over HTTP, Apollo with either form; and over a WebSocket."""
    deferred, streamed, failed = await node("defer.mjs", graphql(server), DEFER, STREAM, FAILING)
    assert set(deferred) == {"older", "newer", "socket", "urql"}
    for seen in deferred.values():
        assert seen == [
            [True, {"actor": {"name": "Sergey Lavrov"}}, []],
            [False, {"actor": {"name": "Sergey Lavrov", "relations": {"totalCount": 2}}}, []],
        ]
    slugs = [{"slug": slug} for slug in ("jmc", "maiteeq", "cairo-delegation")]
    for seen in streamed.values():
        assert seen == [
            [True, {"actors": {"nodes": slugs[:1]}}, []],
            [False, {"actors": {"nodes": slugs}}, []],
        ]
    for seen in failed.values():
        head = {"status": {"head": EVENTS}}
        assert seen == [[True, head, []], [False, head, ["BAD_CURSOR"]]]


async def test_clients_of_the_guide(modules: Path, server: Server):
    assert set(PROGRAMS) == {"apollo-defer.mjs", "urql-defer.mjs"}
    node = shutil.which("node") or ""
    for name, program in PROGRAMS.items():
        (modules / name).write_text(
            program.replace("http://127.0.0.1:8000/graphql", graphql(server)), "utf-8"
        )
    running = [
        await asyncio.create_subprocess_exec(node, modules / name, stdout=asyncio.subprocess.PIPE)
        for name in PROGRAMS
    ]
    for each in running:
        printed, _ = await asyncio.wait_for(each.communicate(), 60)
        assert (each.returncode, printed.decode()) == (0, TOLD)
