"""Do the log's tables come to their newest form?"""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from events.migrating import NEWEST, migrate
from events.migrations import configuration
from events.refusals import LogDamaged, LogUnavailable
from events.sqlite_connection import connect
from tests.logs import append, sqlite_log


def tables(path: Path) -> set[str]:
    with closing(connect(path, "ro")) as connection:
        rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {name for (name,) in rows}


def test_newest_is_the_head_of_the_revisions() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == NEWEST


def test_a_new_file_gets_all_tables(tmp_path: Path) -> None:
    migrate(tmp_path / "log.db")

    assert tables(tmp_path / "log.db") == {"alembic_version", "log", "log_head", "log_keys"}


async def test_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with sqlite_log(path) as log:
        await append(log, "actor/a", "one")
    before = path.read_bytes()
    migrate(path)

    assert path.read_bytes() == before


def test_again_loads_no_alembic(tmp_path: Path) -> None:
    migrate(tmp_path / "log.db")
    program = (
        "import sys; from pathlib import Path; from events.migrating import migrate;"
        "migrate(Path(sys.argv[1]));"
        "assert not {'alembic', 'sqlalchemy'} & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", program, tmp_path / "log.db"], check=True)


def test_tables_of_somebody_else_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with closing(connect(path, "rwc")) as connection:
        connection.execute("CREATE TABLE log_keys (something INTEGER)")

    with pytest.raises(LogDamaged, match="log_keys"):
        migrate(path)

    assert tables(path) == {"log_keys"}


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    migrate(path)
    with closing(connect(path, "rw")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(LogUnavailable, match="newer program"):
        migrate(path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_text("Dear diary, " * 100)

    with pytest.raises(LogDamaged, match="not a database"):
        migrate(path)
    assert path.read_text().startswith("Dear diary")


@pytest.mark.parametrize("where", ["no/such/directory/log.db", "."])
def test_where_no_file_can_be_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(LogUnavailable):
        migrate(tmp_path / where)


def test_several_processes_may_start_at_once(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from events.migrating import migrate;"
    program += "import events.migrations; input(); migrate(Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path / "log.db")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()

    assert [process.wait(60) for process in processes] == [0] * 4
    assert "log" in tables(tmp_path / "log.db")
