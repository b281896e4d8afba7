"""What if it cannot start?  One clear line on stderr and exit status 2, and no traceback."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from events.sqlite_library import sqlite3
from tests.commands import DOSSIER, EVENTS, command, invoke, serving
from tests.served import with_article

pytestmark = pytest.mark.fault


def refused(database: Path | str, *arguments: str, **more: str) -> str:
    """The one line that a command says when it cannot run."""
    result = invoke(database, *arguments, **more)
    return line_of(result.exit_code, result.stdout, result.stderr)


def refused_on_its_own(database: Path | str, *arguments: str, **more: str) -> str:
    """The same of a process, to which nobody but the program itself sees."""
    result = command(database, *arguments, **more)
    return line_of(result.returncode, result.stdout, result.stderr)


def line_of(status: int, printed: str, errors: str) -> str:
    assert (status, printed) == (2, ""), errors
    line, end, rest = errors.partition("\n")
    assert (end, rest) == ("\n", "")
    return line.removeprefix("communique: ")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the article in it."""
    path = tmp_path / "communique.db"
    path.write_bytes(with_article())
    return path


@pytest.mark.parametrize("name", ["run", "serve"])
def test_port_taken(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(tmp_path / "new" / "x.db", name, COMMUNIQUE_PORT=str(port))
    assert line.startswith(f"port {port} of 127.0.0.1 is taken by another program; ")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "no.such.host.invalid", "a" * 300])
def test_address_of_another_machine(host: str, tmp_path: Path) -> None:
    line = refused(tmp_path / "x.db", "serve", "--host", host, "--port", "0")
    assert line.startswith(f"cannot listen on {host!r}")


COMMANDS = ["run", "serve", "ingest", "log", "status", "rebuild", "replay"]
BELOW_A_FILE, INSTEAD_OF_A_FILE = "/dev/null/x/communique.db", "{folder}"


@pytest.mark.parametrize(
    ("name", "path"),
    [("run", INSTEAD_OF_A_FILE), ("log", INSTEAD_OF_A_FILE)]
    + [(name, BELOW_A_FILE) for name in COMMANDS],
)
def test_database_that_cannot_be_written(name: str, path: str, tmp_path: Path) -> None:
    more = {"ingest": [str(DOSSIER)], "replay": ["--until", "1"]}.get(name, [])
    database = Path(path.format(folder=tmp_path))
    line = refused(database, name, *more, COMMUNIQUE_PORT="0")
    assert str(database) in line
    assert "cannot be" in line


@pytest.mark.parametrize("name", ["run", "status"])
def test_unknown_setting(name: str, tmp_path: Path) -> None:
    line = refused_on_its_own(tmp_path / "x.db", name, COMMUNIQUE_PROT="8001")
    assert line == "COMMUNIQUE_PROT is no setting; there is COMMUNIQUE_PORT"


def test_database_of_another_kind() -> None:
    line = refused("mysql://me:secret@localhost/news", "run")
    assert line == (
        "COMMUNIQUE_DATABASE_URL is wrong: there is no engine for 'mysql'; there are sqlite, "
        "as in sqlite:///var/communique.db, and postgresql, as in postgresql://user@host/news"
    )


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "communique.db"
    path.write_text("Not a database, but long enough to be taken for one. " * 100)
    assert refused_on_its_own(path, "run", COMMUNIQUE_PORT="0") == (
        f"{path} is damaged: file is not a database"
    )


@pytest.mark.parametrize("name", ["serve", "log"])
def test_truncated_file(name: str, database: Path) -> None:
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 3])
    assert "is damaged" in refused(database, name, COMMUNIQUE_PORT="0")


def test_record_that_was_tampered_with(database: Path) -> None:
    whole = database.read_bytes()
    assert whole.count(b'"name":"Sergey Lavrov"') >= 1
    database.write_bytes(whole.replace(b'"name":"Sergey Lavrov"', b'"name":"Sergey Lavrow"'))
    line = refused(database, "log", "--after", "1")
    assert line == "the record at position 6 does not have its stored hash"


def test_database_of_a_newer_program(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "was written by a newer program" in refused(database, "run", COMMUNIQUE_PORT="0")


def test_another_package_in_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "__init__.py").write_text("from .events import Events\n")
    (tmp_path / "events" / "events.py").write_text("class Events: ...\n")
    line = refused_on_its_own(tmp_path / "x.db", "run", PYTHONPATH=str(tmp_path))
    assert line.startswith(
        f"Python finds another package 'events' at {tmp_path}/events/__init__.py"
    )
    assert line.endswith("install communique into an environment of its own")


def test_several_start_at_once_on_a_new_database(tmp_path: Path) -> None:
    database = tmp_path / "communique.db"

    def start(_: int) -> int:
        with serving(database, "run") as server:
            return server.position

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(start, range(3))) == [EVENTS] * 3
    assert len(invoke(database, "log", "--json").stdout.splitlines()) == EVENTS
