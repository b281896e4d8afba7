"""Are the live views held against the log, and can somebody else recompute what was certified?"""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from events.merkle import Tree
from events.sqlite_library import sqlite3
from projections.digests import VIEWS
from projections.folding import PROJECTIONS
from projections.versioned import OPEN
from tests.commands import DOSSIER, EVENTS, command, invoke


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the article in it."""
    path = tmp_path_factory.mktemp("certified") / "communique.db"
    assert invoke(path, "ingest", DOSSIER).exit_code == 0
    return path


@pytest.fixture
def database(original: Path, tmp_path: Path) -> Path:
    """A copy of it that may be tampered with."""
    return shutil.copyfile(original, tmp_path / "communique.db")


def execute(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def verified(database: Path) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    """The exit status of a verification, what it says of the views, and which rows differ."""
    result = invoke(database, "replay", "--verify", "--json")
    *told, certificate = objects(result)
    assert certificate["format"] == "communique-replay-certificate/1"
    views = [each for each in told if "agrees" in each]
    return result.exit_code, views, [each for each in told if "what" in each]


def test_what_follows_from_the_log_agrees(original: Path) -> None:
    status, views, rows = verified(original)
    assert (status, rows) == (0, [])
    assert [view["view"] for view in views] == [view.name for view in VIEWS]
    assert all(view["agrees"] and view["live"] == view["replayed"] for view in views)
    assert {view["position"] for view in views} == {EVENTS}


def test_the_certificate_says_what_the_log_amounts_to(original: Path) -> None:
    result = command(original, "replay", "--verify")
    assert result.stderr.count("as replayed") == len(VIEWS)
    tree = Tree()
    with closing(sqlite3.connect(original)) as connection:
        rows = connection.execute("SELECT leaf, recorded_at FROM log ORDER BY position").fetchall()
    for leaf, _ in rows:
        tree.add(leaf)
    status = json.loads(invoke(original, "status", "--digests", "--json").stdout)
    assert json.loads(result.stdout) == {
        "format": "communique-replay-certificate/1",
        "program": "0.1.0",
        "position": EVENTS,
        "recorded_at": rows[-1][1],
        "root": tree.root.hex(),
        "projections": {projection.name: projection.version for projection in PROJECTIONS},
        "digests": status["digests"],
    }


def test_a_file_takes_the_place_of_standard_output(original: Path, tmp_path: Path) -> None:
    printed = invoke(original, "replay", "--verify").stdout
    told = invoke(original, "replay", "--verify", "--certificate", tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text() == printed
    assert told.stdout.count("as replayed") == len(VIEWS)
    assert told.stderr == ""
    lines = objects(
        invoke(original, "replay", "--verify", "--json", "--certificate", tmp_path / "c.json")
    )
    assert [line["view"] for line in lines] == [view.name for view in VIEWS]


DOCUMENT = """
INSERT INTO documents (listed_to, key, from_position, to_position, type, target, rank, position, text)
"""
TAMPERINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "another name": (
        "UPDATE actors SET name = 'Nobody' WHERE key = 'siala'",
        {
            "view": "actors",
            "table": "actors",
            "what": "differs",
            "key": "siala",
            "columns": {"name": {"live": "Nobody", "replayed": "Mohammed Taher Siala"}},
        },
    ),
    "a row that is missing": (
        "DELETE FROM relations WHERE key = 'supports.russia.haftar'",
        {"view": "relations", "what": "missing", "key": "supports.russia.haftar", "columns": {}},
    ),
    "a row too many": (
        DOCUMENT + " VALUES (0, 'Actor:nobody', 5, 9, 'Actor', 'nobody', 0, 5, 'Nobody')",
        {"view": "search", "table": "documents", "what": "surplus", "key": "Actor:nobody"},
    ),
    "a row of the future": (
        DOCUMENT + f" VALUES (0, 'Actor:nobody', 99999, {OPEN}, 'Actor', 'nobody', 0, 5, 'Nobody')",
        {"what": "surplus", "key": "Actor:nobody", "from_position": 99999},
    ),
    "an end in the future": (
        "UPDATE actors SET to_position = 99999 WHERE key = 'siala'",
        {
            "what": "differs",
            "key": "siala",
            "columns": {"to_position": {"live": 99999, "replayed": None}},
        },
    ),
    "a report of one kind": (
        "UPDATE reports SET retracted = 1 WHERE kind = 'MeetingHeld'",
        {"view": "timeline", "table": "reports", "what": "differs"},
    ),
    "what no fold writes": (
        "UPDATE actors SET name = x'00ff' WHERE key = 'siala'",
        {"columns": {"name": {"live": "x'00ff'", "replayed": "Mohammed Taher Siala"}}},
    ),
    "a key of another type": (
        "UPDATE actors SET key = x'00' WHERE key = 'siala'",
        {"what": "missing", "key": "siala"},
    ),
}


@pytest.mark.parametrize(("tampering", "row"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_live_row_that_was_tampered_with_is_named(
    database: Path, tampering: str, row: Mapping[str, Any]
) -> None:
    execute(database, tampering)
    status, views, rows = verified(database)
    assert status == 1
    assert row.items() <= rows[0].items()
    view = next(view for view in views if view["view"] == rows[0]["view"])
    assert not view["agrees"]
    told = invoke(database, "replay", "--verify")
    assert told.exit_code == 1
    assert str(rows[0]["key"]) in told.stderr
    assert invoke(database, "rebuild").exit_code in {0, 1}
    assert verified(database)[0] == 0


def test_people_see_where_long_contents_begin_to_differ(database: Path) -> None:
    execute(database, "UPDATE articles SET text = replace(text, 'shadowy', 'bright')")
    told = invoke(database, "replay", "--verify").stderr
    (line,) = (line for line in told.splitlines() if line.startswith("  articles"))
    assert "text is …'" in line
    assert "bright Russian Wagner Group" in line
    assert "shadowy Russian Wagner Group" in line
    assert len(line) < 300


def test_reports_of_a_kind_differ_with_the_timeline(database: Path) -> None:
    execute(database, "UPDATE reports SET recorded_at = '' WHERE kind = 'MeetingHeld'")
    _, views, rows = verified(database)
    assert {view["view"] for view in views if not view["agrees"]} == {"meetings", "timeline"}
    assert {row["view"] for row in rows} == {"timeline"}


def test_of_many_rows_some_are_named_and_all_are_counted(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM documents").fetchone()
    execute(database, "UPDATE documents SET rank = 7")
    _, views, rows = verified(database)
    assert len(rows) == 20
    assert views[-1]["left_out"] == count - 20
    assert f"… and {count - 20} more rows" in invoke(database, "replay", "--verify").stderr


def test_views_that_lag_are_compared_where_they_are(database: Path, tmp_path: Path) -> None:
    behind = tmp_path / "behind.db"
    execute(database, f"VACUUM INTO '{behind}'")
    text = tmp_path / "more.txt"
    text.write_text("More.")
    invoke(database, "ingest", text, "--published", "2021-01-01")
    with closing(sqlite3.connect(database)) as connection:
        record = connection.execute("SELECT * FROM log ORDER BY position DESC LIMIT 1").fetchone()
    with closing(sqlite3.connect(behind, isolation_level=None)) as connection:
        connection.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", record)

    status, views, _ = verified(behind)
    assert status == 0
    assert {view["position"] for view in views} == {EVENTS}
    execute(behind, "DELETE FROM seats")
    assert verified(behind)[0] == 1


@pytest.mark.parametrize(
    ("tampering", "view", "problem"),
    [
        ("DROP TABLE seats", "commissions", "no such table: seats"),
        ("ALTER TABLE articles DROP COLUMN title", "articles", "no such column: articles.title"),
        ("UPDATE checkpoints SET version = 0 WHERE name = 'actors'", "actors", "version 0, not "),
        (
            "UPDATE checkpoints SET position = 99999 WHERE name = 'articles'",
            "articles",
            f"it claims a position behind the log's last one, {EVENTS}",
        ),
        ("DELETE FROM checkpoints WHERE name = 'search'", "search", "version None, not "),
    ],
)
def test_a_view_that_cannot_be_compared_does_not_agree(
    database: Path, tampering: str, view: str, problem: str
) -> None:
    execute(database, tampering)
    status, views, _ = verified(database)
    assert status == 1
    (told,) = (each for each in views if not each["agrees"])
    assert told["view"] == view
    assert problem in told["problem"]


def test_a_log_without_views_can_be_certified(database: Path) -> None:
    execute(database, "DROP TABLE checkpoints")
    result = invoke(database, "replay", "--verify")
    assert (result.exit_code, result.stderr) == (0, "there are no live views yet\n")
    assert json.loads(result.stdout)["position"] == EVENTS


@pytest.mark.parametrize(
    "arguments",
    [
        ["--verify", "--until", 5],
        ["--verify", "--view", "actors"],
        ["--certificate", "c.json", "--until", 5],
    ],
)
def test_what_does_not_go_together_is_refused(original: Path, arguments: list[object]) -> None:
    result = invoke(original, "replay", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--verify" in result.stderr


class TestCheck:
    @pytest.fixture
    def certificate(self, database: Path, tmp_path: Path) -> Path:
        """A certificate of the article's log."""
        path = tmp_path / "certificate.json"
        invoke(database, "replay", "--verify", "--certificate", path)
        return path

    def test_a_copy_of_the_log_is_as_certified(
        self, database: Path, certificate: Path, tmp_path: Path
    ) -> None:
        copy, file = tmp_path / "copy.db", tmp_path / "log.jsonl"
        invoke(database, "log", "export", file)
        invoke(copy, "log", "import", file)
        result = invoke(copy, "certificate", "check", certificate)
        assert (result.exit_code, result.stdout) == (
            0,
            f"{certificate}: the log is as certified, up to position {EVENTS}\n",
        )

    def test_a_log_that_has_grown_still_is(
        self, database: Path, certificate: Path, tmp_path: Path
    ) -> None:
        text = tmp_path / "more.txt"
        text.write_text("More.")
        invoke(database, "ingest", text, "--published", "2021-01-01")
        result = invoke(database, "certificate", "check", certificate, "--json")
        assert (result.exit_code, objects(result)) == (0, [{"position": EVENTS, "agrees": True}])

    def test_a_log_that_ends_before_is_not(self, certificate: Path, tmp_path: Path) -> None:
        other, text = tmp_path / "other.db", tmp_path / "other.txt"
        text.write_text("Another one.")
        invoke(other, "ingest", text, "--published", "2021-01-01")
        result = invoke(other, "certificate", "check", certificate)
        assert (result.exit_code, result.stdout) == (
            1,
            f"{certificate}: position is 1 here, certified is {EVENTS}\n",
        )

    def test_another_log_is_not(self, database: Path, certificate: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.db"
        invoke(other, "ingest", DOSSIER)  # at another time, with other ids
        result = invoke(other, "certificate", "check", certificate, "--json")
        *unlike, last = objects(result)
        assert (result.exit_code, last["agrees"]) == (1, False)
        certified = {each["what"]: each["certified"] for each in unlike}
        held = json.loads(certificate.read_bytes())
        assert {name: held[name] for name in ("root", "recorded_at")}.items() <= certified.items()
        assert "digest of view articles" in certified

    @pytest.mark.parametrize(
        ("change", "unlike"),
        [
            ({"root": "0" * 64}, ["root"]),
            ({"recorded_at": ""}, ["recorded_at"]),
            (
                lambda c: {"digests": {**c["digests"], "actors": "0" * 64}},
                ["digest of view actors"],
            ),
            (lambda c: {"digests": {**c["digests"], "more": "0" * 64}}, ["digest of view more"]),
            (
                lambda c: {
                    "digests": dict.fromkeys(c["digests"], "0" * 64),
                    "projections": {**c["projections"], "timeline": 0},
                },
                [
                    "version of projection timeline",
                    *(
                        f"digest of view {name}"
                        for name in ("actors", "articles", "commissions", "relations", "search")
                    ),
                ],
            ),
            (
                lambda c: {"projections": {**c["projections"], "maps": 1}},
                ["version of projection maps"],
            ),
            ({"position": 100, "digests": {}, "projections": {}}, None),
        ],
    )
    def test_each_thing_that_differs_is_named(
        self,
        database: Path,
        certificate: Path,
        change: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]],
        unlike: list[str] | None,
    ) -> None:
        held = json.loads(certificate.read_bytes())
        held |= change(held) if callable(change) else change
        certificate.write_text(json.dumps(held))
        result = invoke(database, "certificate", "check", certificate, "--json")
        *told, _ = objects(result)
        assert result.exit_code == 1
        if unlike is None:
            known = [projection.name for projection in PROJECTIONS]
            unlike = ["root", *(f"version of projection {p}" for p in sorted(known))]
        assert [each["what"] for each in told] == unlike

    @pytest.mark.parametrize(
        "text",
        ["", "no", "{}", "[]", '{"format": "communique-log/1", "records": 0, "root": ""}'],
    )
    def test_a_file_that_is_no_certificate(self, database: Path, text: str, tmp_path: Path) -> None:
        file = tmp_path / "none.json"
        file.write_text(text)
        result = invoke(database, "certificate", "check", file)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{file}: this is no replay certificate: " in result.stderr

    def test_the_live_views_do_not_matter(self, database: Path, certificate: Path) -> None:
        execute(database, "DELETE FROM actors")
        assert invoke(database, "certificate", "check", certificate).exit_code == 0
