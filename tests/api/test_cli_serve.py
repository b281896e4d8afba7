"""Does a server start once and again, tell where it is, follow the log, and stop when told to?"""

import signal
import time
from pathlib import Path

import pytest

from tests.commands import DOSSIER, EVENTS, invoke, serving

WARNINGS_FAIL = {"PYTHONWARNINGS": "error::DeprecationWarning"}
QUERY = {"query": '{ actor(slug: "lavrov") { name } }'}
ANSWER = {"actor": {"name": "Sergey Lavrov"}}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "communique.db"


def test_run_loads_the_article_once(database: Path) -> None:
    for _ in range(2):
        with serving(database, "run", **WARNINGS_FAIL) as server:
            assert server.position == EVENTS
            assert f"{database}, at position {EVENTS}" in server.welcome
            assert server.client.post("/graphql", json=QUERY).json()["data"] == ANSWER
            assert server.stop(signal.SIGTERM) == (0, "")


def test_serve_loads_nothing_and_has_a_link_for_a_recorder(database: Path) -> None:
    record = 'mutation { retract(input: {article: "a", report: "b", reason: "c"}) { __typename } }'
    with serving(database, "serve") as server:
        assert server.position == 0
        assert f"  recorder  {server.client.base_url}/graphql#token=cmq_" in server.welcome
        answer = server.client.post("/graphql", json={"query": record})
        assert answer.json()["data"]["retract"] == {"__typename": "UnknownArticle"}


def test_ctrl_c_stops_it_cleanly(database: Path) -> None:
    with serving(database, "serve") as server:
        assert server.stop(signal.SIGINT) == (0, "")
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_what_another_process_appends_is_served(database: Path) -> None:
    with serving(database, "serve") as server:
        assert invoke(database, "ingest", DOSSIER).exit_code == 0
        deadline = time.monotonic() + 30
        while server.position < EVENTS:
            assert time.monotonic() < deadline
        assert server.client.post("/graphql", json=QUERY).json()["data"] == ANSWER
