"""Do the clients of the guide on subscriptions work as they stand there, also when the server is killed while they listen?"""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.clients.test_clients import free_port
from tests.commands import EVENTS, SLUG, serving
from tests.guides import ROOT
from tests.served import served, with_article

pytestmark = pytest.mark.fault

GUIDE = (ROOT / "docs" / "guides" / "subscriptions.md").read_text("utf-8")
CLIENTS = dict(
    re.findall(r"^```(?:js|python)\n(?://|#) (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
)
(TOLD,) = re.findall(r"^```text\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)

SUPPORT = f"""mutation {{ record(input: {{article: "{SLUG}", reports: [{{supportExtended: {{ref: "uae-haftar",
  supporter: "uae", beneficiary: "haftar", means: "arms", evidence: [{{exact: "Khalifa Haftar"}}]}}}}]}})
  {{ ... on Recorded {{ last }} }} }}"""
RETRACT = f"""mutation {{ retract(input: {{article: "{SLUG}", report: "uae-haftar", reason: "misread"}})
  {{ ... on Recorded {{ last }} }} }}"""
MEET = f"""mutation {{ record(input: {{article: "{SLUG}", reports: [{{meetingHeld: {{participants: [
  {{actor: "siala", role: HOST}}, {{actor: "haftar", role: VISITOR}}], evidence: [{{exact: "Khalifa Haftar"}}]}}}}]}})
  {{ ... on Recorded {{ last }} }} }}"""


@asynccontextmanager
async def client(name: str, modules: Path, port: int) -> AsyncIterator[asyncio.StreamReader]:
    """A client of the guide, which runs; what it prints."""
    program = modules / f"guide-{port}-{name}"  # beside the packages, so that it finds them
    program.write_text(CLIENTS[name].replace("127.0.0.1:8000", f"127.0.0.1:{port}"), "utf-8")
    runs = sys.executable if name.endswith(".py") else "node"
    process = await asyncio.create_subprocess_exec(runs, program, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield process.stdout
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            process.kill()
        await process.wait()
        program.unlink()


async def say(printed: Mapping[str, asyncio.StreamReader], expected: list[str]) -> None:
    """All clients must print these lines next."""
    async with asyncio.timeout(40):
        for line in expected:
            said = {name: (await each.readline()).decode() for name, each in printed.items()}
            assert said == dict.fromkeys(printed, line)


async def do(path: Path, *mutations: str) -> None:
    async with served(path) as api:
        for mutation in mutations:
            ((_, recorded),) = (await api.ask(mutation)).items()
            assert "last" in recorded, recorded


async def test_clients_of_the_guide(modules: Path, tmp_path: Path):
    path, port = tmp_path / "communique.db", free_port()
    path.write_bytes(await asyncio.to_thread(with_article))
    expected = TOLD.splitlines(keepends=True)
    async with AsyncExitStack() as stack:
        with serving(path, "serve", "--port", port) as server:
            printed = {
                name: await stack.enter_async_context(client(name, modules, port))
                for name in CLIENTS
            }
            await say(printed, expected[:1])
            assert server.position == EVENTS
            await do(path, SUPPORT)
            await say(printed, expected[1:2])
            server.process.kill()
            server.process.wait()
        await do(path, RETRACT, MEET)
        with serving(path, "serve", "--port", port):
            await say(printed, expected[2:])


def test_guide_has_all_of_them():
    assert set(CLIENTS) == {
        *("graphql-ws.mjs", "apollo.mjs", "urql.mjs", "eventsource.mjs"),
        "follow.py",
    }
