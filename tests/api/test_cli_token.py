"""Does `communique token` give a key that works, and keep only its hash?"""

from hashlib import sha256
from pathlib import Path

import pytest

from api.server import is_loopback, listen
from tests.commands import command, invoke, serving
from tests.keys import bearer

RECORD = 'mutation { retract(input: {article: "a", report: "b", reason: "c"}) { __typename } }'


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "communique.db"


def make(database: Path, *more: str) -> tuple[int, str]:
    file = database.with_name("keys")
    done = invoke(database, "token", *more, COMMUNIQUE_KEYS_FILE=str(file))
    return done.exit_code, done.stdout + done.stderr


def test_key_is_used_at_once_by_a_running_server(database: Path):
    file = database.with_name("keys")
    file.touch()
    settings = {"COMMUNIQUE_KEYS_FILE": str(file)}
    with serving(database, "serve", **settings) as server:
        assert "#token=" not in server.welcome
        done = command(database, "token", "--subject", "desk", "--role", "recorder", **settings)
        key = done.stdout.strip()
        assert key.startswith("cmq_")
        assert file.read_text().splitlines()[-1] == (
            f"recorder desk never {sha256(key.encode()).hexdigest()}"
        )
        server.client.headers = bearer(key)
        while (answer := server.client.post("/graphql", json={"query": RECORD})).status_code == 401:
            pass
        assert answer.json()["data"]["retract"] == {"__typename": "UnknownArticle"}
        assert server.stop(15) == (0, "")


def test_list_shows_whose_keys_there_are(database: Path):
    code, printed = make(
        database, "--subject", "ann", "--role", "auditor", "--expires", "2020-01-01"
    )
    assert code == 0
    key = printed.splitlines()[0]
    assert make(database, "--subject", "bob", "--role", "reader", "--expires", "2999-01-01")[0] == 0
    code, listed = make(database, "--list")
    assert code == 0
    first, second = listed.splitlines()
    assert first == f"{sha256(key.encode()).hexdigest()[:8]}  auditor  ann  2020-01-01 (over)"
    assert second.endswith("  reader  bob  2999-01-01")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--role", "admin"], "needs --subject and --role"),
        (["--subject", "x"], "needs --subject and --role"),
        (["--subject", "x", "--role", "king"], "is not one of"),
        (["--subject", "a b", "--role", "admin"], "no spaces"),
        (["--subject", "x", "--role", "admin", "--expires", "soon"], "does not match"),
    ],
)
def test_key_that_cannot_be_made(arguments: list[str], told: str, database: Path):
    code, printed = make(database, *arguments)
    assert (code, told in printed) == (2, True), printed
    assert not database.with_name("keys").exists()


def test_there_must_be_a_file(database: Path):
    done = invoke(database, "token", "--list")
    assert (done.exit_code, "COMMUNIQUE_KEYS_FILE" in done.stderr) == (2, True)
    done = invoke(database, "token", "--list", COMMUNIQUE_KEYS_FILE=str(database / "none"))
    assert (done.exit_code, "COMMUNIQUE_KEYS_FILE is wrong" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("host", "alone"), [("127.0.0.1", 1), ("::1", 1), ("0.0.0.0", 0), ("::", 0)]
)
def test_there_is_a_link_only_where_this_machine_alone_gets(host: str, alone: int):
    with listen(host, 0) as socket:
        assert is_loopback(socket) == bool(alone)
