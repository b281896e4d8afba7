"""Do the views stay whole for everybody while processes rebuild them under load?  Servers, writers and rebuilds, each a process."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from events.sqlite_library import sqlite3
from projections.folding import PROJECTIONS
from tests.commands import Server, command, invoke, serving
from tests.faults.processes import HOUSE, SOAK, appender
from tests.logs import make

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

READERS: Final = 3
PAUSE: Final = 0.0 if SOAK else 0.02
"""Seconds between the questions of a reader."""
ROUNDS: Final = 20 if SOAK else 1
ALL: Final = """{
    log { totalCount }
    actors(first: 100) { totalCount nodes { slug position because { entry { position } } } }
    then: actors(first: 100, asOf: {position: 40}) { nodes { because { entry { position } } } }
    search(text: "p*", first: 100) { totalCount }
}"""
"""What is known of a log of nothing but registrations: each event is a reason of one actor."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of some hundred events, which no views follow yet."""
    path = tmp_path / "communique.db"
    make(path)
    append(path, "p0", 20)
    return path


def append(path: Path, run: str, turns: int) -> None:
    """Let a process append, to its end."""
    process = appender(str(path), run, "many", turns)
    process.communicate()
    assert process.returncode == 0


def checked(answer: Any) -> int:
    """The position of an answer, after a look that it is of that position, whole, and of no other."""
    assert "errors" not in answer, answer
    data, position = answer["data"], answer["extensions"]["position"]
    assert data["log"]["totalCount"] == position
    assert reasons(data["actors"]) == list(range(1, position + 1))
    assert reasons(data["then"]) == list(range(1, 41))
    known = data["actors"]
    assert known["totalCount"] == len(known["nodes"]) == data["search"]["totalCount"]
    return int(position)


def reasons(actors: Any) -> list[int]:
    """The positions of the events behind some actors."""
    return sorted(each["entry"]["position"] for node in actors["nodes"] for each in node["because"])


@contextmanager
def read_all_the_time(*servers: Server) -> Iterator[None]:
    """Threads that ask servers over and over, and find every answer right and none older than the one before."""
    stop = threading.Event()

    def read(server: Server) -> int:
        position = 0
        with httpx.Client(base_url=server.client.base_url, timeout=60) as client:
            for asked in count(1):
                reached = checked(client.post("/graphql", json={"query": ALL}).json())
                assert reached >= position
                position = reached
                if stop.wait(PAUSE):
                    return asked
        raise AssertionError

    with ThreadPoolExecutor(READERS * len(servers)) as threads:
        reading = [threads.submit(read, server) for server in servers for _ in range(READERS)]
        try:
            yield
        finally:
            stop.set()
        assert all(each.result() > 1 for each in reading)


def rebuilding(path: Path) -> None:
    """Let a process rebuild all views, and find that the live ones were right."""
    result = command(path, "rebuild")
    assert (result.returncode, result.stderr) == (0, "")


def right(path: Path) -> None:
    """Look that the live views are what they would be if they were rebuilt."""
    result = invoke(path, "rebuild")
    assert (result.exit_code, result.stderr) == (0, "")


def head(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (position,) = connection.execute("SELECT position FROM log_head").fetchone()
    return int(position)


def reached(server: Server, position: int) -> None:
    """Wait until a server answers from the views of a position."""
    for _ in range(3000):
        answer = server.client.post("/graphql", json={"query": ALL}, timeout=60).json()
        if checked(answer) == position:
            return
    pytest.fail(f"the views do not reach {position}")


def test_rebuilding_while_others_append_and_read(path: Path) -> None:
    """No reader sees a mixed or empty view, no event is missed, and no append is refused."""
    with serving(path, "serve") as server, ThreadPoolExecutor(1) as thread:
        reached(server, head(path))
        with read_all_the_time(server):
            for number in range(1, ROUNDS + 1):
                writing: Future[None] = thread.submit(append, path, f"p{number}", 10)
                rebuilding(path)
                writing.result()
        reached(server, head(path))
    right(path)


def test_rebuilds_that_are_killed_while_others_append_and_read(path: Path) -> None:
    """Wherever a rebuild is when it dies, the views are as they should be, and the next start clears away what it left."""
    with serving(path, "serve") as server:
        reached(server, head(path))
        with read_all_the_time(server):
            for number in range(1, ROUNDS + 1):
                process = folder(path, "rebuild")
                writing = appender(str(path), f"p{number}", "many", 2)
                assert process.stdout is not None
                for _ in range(number * 20):  # a batch is one event
                    process.stdout.readline()
                process.kill()
                process.communicate()
                writing.communicate()
                assert writing.returncode == 0
        assert tables_beside(path)
        reached(server, head(path))
    with serving(path, "serve") as server:
        assert tables_beside(path) == []
        reached(server, head(path))
    right(path)


def test_views_of_an_older_program_are_rebuilt_while_another_serves(path: Path) -> None:
    with serving(path, "serve") as first:
        reached(first, head(path))
        with read_all_the_time(first):
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("UPDATE checkpoints SET version = 0")
            with serving(path, "serve") as second:
                with read_all_the_time(second):
                    append(path, "p1", 10)
                _, errors = second.stop(signal.SIGTERM)
        assert "rebuilding articles, actors" in errors
        reached(first, head(path))
    assert versions(path) == {each.version for each in PROJECTIONS}
    right(path)


def test_server_of_the_version_before_goes_on_reading(path: Path) -> None:
    """Views that a newer program took over are folded by that one alone; this one answers from them, and says so."""
    with serving(path, "serve") as server:
        reached(server, head(path))
        with read_all_the_time(server):
            newer = [sys.executable, "-m", "tests.faults.raised", str(path)]
            with subprocess.Popen(newer, stdout=subprocess.PIPE, text=True, cwd=HOUSE) as process:
                assert process.stdout is not None
                assert int(process.stdout.readline()) == head(path)
                append(path, "p1", 10)
                reached(server, head(path))
                process.kill()
            append(path, "p2", 2)
        assert versions(path) == {each.version + 1 for each in PROJECTIONS}
        assert server.client.get("/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
        _, errors = server.stop(signal.SIGTERM)
    assert "another version of the program keeps articles, actors" in errors


def folder(path: Path, mode: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.folder", str(path), "1", mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)


def tables_beside(path: Path) -> list[str]:
    """The tables of a rebuild beside the live ones."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'r[0-9]_actors'")
        return [name for (name,) in rows]


def versions(path: Path) -> set[int]:
    """The versions of the folds that wrote the views."""
    with closing(sqlite3.connect(path)) as connection:
        return {version for (version,) in connection.execute("SELECT version FROM checkpoints")}
