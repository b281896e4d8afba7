"""Does a client that follows the log get all of it, once and in order, whatever breaks?"""

import asyncio
import random
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from api.live.listeners import Listener
from events.actors import ActorCorrected
from events.log import EventLog, Write
from events.sqlite import SqliteFile
from tests.commands import Server, command, serving
from tests.faults.processes import SOAK
from tests.live import FOLLOW, Talk, positions, streaming, taken, talking
from tests.logs import PROVENANCE, append, sqlite_log
from tests.served import listening

pytestmark = pytest.mark.fault

TOTAL = 12


async def appended(log: EventLog, number: int) -> None:
    """Append so many events, each to a stream of its own."""
    head = await log.head()
    for position in range(head + 1, head + number + 1):
        await append(log, f"actor/a{position}", f"actor {position}")


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / "communique.db"
    async with sqlite_log(path) as log:
        await appended(log, TOTAL)
    return path


async def over_websocket(url: str, after: int, number: int) -> list[int]:
    async with talking(url) as talk:
        await talk.follow(after)
        return await talk.positions(number)


async def over_events(url: str, after: int, number: int) -> list[int]:
    headers = {"last-event-id": str(after)}
    async with streaming(url, json={"query": FOLLOW}, headers=headers) as events:
        return positions(await taken(events, number))


@pytest.mark.parametrize("follow", [over_websocket, over_events])
async def test_broken_off_at_any_point(follow: Any, path: Path):
    """The first connection ends after n events, each further one after a few."""
    async with listening(path) as (_, url):
        for first in range(TOTAL + 1):
            seen = await follow(url, 0, first)
            while (last := seen[-1] if seen else 0) < TOTAL:
                seen += await follow(url, last, min(1 + first // 2, TOTAL - last))
            assert seen == list(range(1, TOTAL + 1))


@pytest.mark.parametrize("follow", [over_websocket, over_events])
async def test_no_seam_between_history_and_what_comes(
    follow: Any, path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What is committed after the history was read, and before anybody waits for more, needs no event after it to arrive."""
    async with listening(path) as (system, url):
        touched, late = Listener.touched, 3

        async def slow(listener: Listener) -> int:
            nonlocal late
            if late:
                late -= 1
                await appended(system.log, 1)
                await asyncio.sleep(0.05)
            return await touched(listener)

        monkeypatch.setattr(Listener, "touched", slow)
        assert await follow(url, 0, TOTAL + 3) == list(range(1, TOTAL + 4))


async def test_server_is_killed(path: Path):
    """Clients of both kinds resume with its successor, which finds what was appended meanwhile."""
    seen: dict[Any, list[int]] = {over_websocket: [], over_events: []}
    total = TOTAL
    for _ in range(20 if SOAK else 2):
        with serving(path, "serve") as server:
            url = str(server.client.base_url)
            async with sqlite_log(path) as log, AsyncExitStack() as stack:
                await stack.enter_async_context(talking(url))  # somebody who only listens
                for follow, got in seen.items():
                    got.extend(await follow(url, len(got), 5))
                server.process.kill()
                server.process.wait()
                await appended(log, 7)
                total += 7
                assert await log.head() == total
    with serving(path, "serve") as server:
        for follow, got in seen.items():
            got.extend(await follow(str(server.client.base_url), len(got), total - len(got)))
            assert got == list(range(1, total + 1))


LOG = "subscription ($after: Position) { log(after: $after) { position } }"
ACTORS = """subscription ($after: String) { actorChanges(after: $after) {
  __typename ... on ActorAdded { after { name } } ... on ActorChanged { before { name } after { name } } } }"""
SOME = ACTORS.replace("(after: $after)", '(after: $after, filter: {slugs: ["a1", "a3", "a13"]})')


class Client:
    """A client that remembers what it saw, and nothing else of its connections."""

    def __init__(self, query: str) -> None:
        self.seen: list[str] = []
        self.talk: Talk | None = None
        self._query = query
        self._stack = AsyncExitStack()

    async def connect(self, url: str) -> None:
        if self.talk is None:
            self.talk = await self._stack.enter_async_context(talking(url))
            last = self.seen[-1].split()[0] if self.seen else "0"
            after = int(last) if self._query == LOG else last
            await self.talk.subscribe("1", self._query, after=after)

    async def take(self, most: int = 1_000_000, *, all_of_it: bool = False) -> None:
        """Take some of what there is; `all_of_it`: until all was told that there was when it connected."""
        if self.talk is None:
            return
        with suppress(TimeoutError, ConnectionClosed):
            for _ in range(most):
                async with asyncio.timeout(20 if all_of_it else 0.05):
                    message = await self.talk.hear()
                (told,) = message["payload"]["data"].values()
                cursor = message["payload"]["extensions"]["cursor"]
                if told.get("__typename") != "CaughtUp":
                    self.seen.append(f"{cursor} {told}")
                elif all_of_it:
                    return

    async def leave(self, *, abruptly: bool) -> None:
        if self.talk is not None:
            if abruptly:
                self.talk.socket.transport.abort()
            self.talk = None
            with suppress(ConnectionClosed):
                await self._stack.aclose()


async def corrected(log: EventLog, number: int, name: str) -> None:
    """Correct the name of an actor."""
    event = ActorCorrected(changes={"name": name}, reason="misspelt")
    await log.append([Write(f"actor/a{number}", [event])], PROVENANCE)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(40 if SOAK else 1))
async def test_whatever_happens_in_any_order(seed: int, path: Path):
    """What each client was told is what one is told that is never interrupted, however it was come by."""
    chance, clients = random.Random(seed), [Client(each) for each in (LOG, ACTORS, SOME) * 2]
    async with sqlite_log(path) as log, AsyncExitStack() as servers:
        running: list[Server] = [servers.enter_context(serving(path, "serve")) for _ in range(2)]
        for _ in range(60):
            client, number = chance.choice(clients), chance.randrange(2)
            match chance.choices(
                [
                    "append",
                    "correct",
                    "connect",
                    "take",
                    "leave",
                    "break off",
                    "restart",
                    "rebuild",
                ],
                [6, 6, 6, 8, 2, 2, 1, 1],
            )[0]:
                case "append":
                    await appended(log, chance.choice([1, 1, 5, 200]))
                case "correct":
                    for _ in range(chance.choice([1, 3])):
                        await corrected(log, chance.randint(1, TOTAL), chance.choice("abc"))
                case "connect":
                    await client.connect(str(running[number].client.base_url))
                case "take":
                    await client.take(chance.choice([1, 3, 300]))
                case "rebuild":
                    assert (await asyncio.to_thread(command, path, "rebuild")).returncode == 0
                case "restart":
                    for each in clients:
                        await each.leave(abruptly=chance.random() < 0.5)
                    server = running[number]
                    server.process.kill() if chance.random() < 0.5 else server.stop(15)
                    running[number] = servers.enter_context(serving(path, "serve"))
                case end:
                    await client.leave(abruptly=end == "break off")
        for query in (LOG, ACTORS, SOME):
            told = Client(query)
            for client in [told, *(each for each in clients if each._query == query)]:
                await client.leave(abruptly=False)
                await client.connect(str(chance.choice(running).client.base_url))
                if query == LOG:
                    while len(client.seen) < await log.head():
                        await client.take()
                else:
                    await client.take(all_of_it=True)
                assert client.seen == told.seen
                await client.leave(abruptly=False)
            assert len(told.seen) >= TOTAL if query != SOME else told.seen


async def ends(url: str, number: int) -> None:
    """Follow and leave: in one of the ways in which clients do."""
    match number % 4:
        case 0 | 1:
            async with talking(url) as talk:
                for id_ in ("1", "2", "3"):
                    await talk.subscribe(id_, FOLLOW, after=TOTAL - 1)
                await talk.position()
                if number % 4 == 1:
                    talk.socket.transport.abort()
        case 2:
            await over_events(url, TOTAL - 1, 1)
        case _:
            async with httpx.AsyncClient(base_url=url, verify=False) as client:
                token = (await client.put("/graphql")).text
                headers = {"x-graphql-event-stream-token": token}
                asked = {"query": FOLLOW, "extensions": {"operationId": "a"}}
                await client.post("/graphql", json=asked, headers=headers)
                headers["accept"] = "text/event-stream"
                async with client.stream("GET", "/graphql", headers=headers) as response:
                    await anext(response.aiter_lines())


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
async def test_nothing_is_left_of_500_clients(path: Path):
    async with listening(path) as (system, url):
        assert isinstance(system.file, SqliteFile)
        await asyncio.gather(*(ends(url, number) for number in range(40)))
        await settled(system)
        before = (len(asyncio.all_tasks()), descriptors(), len(system.file._idle))
        for _ in range(10):
            await asyncio.gather(*(ends(url, number) for number in range(50)))
        await settled(system)
        after = (len(asyncio.all_tasks()), descriptors(), len(system.file._idle))
    assert after == before


async def settled(system: Any) -> None:
    """Wait until no more tasks end."""
    tasks = -1
    async with asyncio.timeout(20):
        while tasks != (tasks := len(asyncio.all_tasks())) or len(system.file._idle) < 4:
            await asyncio.gather(*(system.log.read() for _ in range(8)))
            await asyncio.sleep(0.5)
