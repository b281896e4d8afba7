"""Does `communique ingest` say what it did, and what is wrong?"""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands import DOSSIER, EVENTS, SLUG, invoke


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "communique.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the article and its dossier."""
    folder = tmp_path / "articles"
    shutil.copytree(DOSSIER.parent, folder)
    return folder


def change(folder: Path, old: str, new: str) -> Path:
    dossier = folder / f"{SLUG}.yaml"
    text = dossier.read_text()
    assert old in text
    dossier.write_text(text.replace(old, new, 1))
    return dossier


def positions(database: Path) -> tuple[int, set[int]]:
    """Where the log ends, and where the views are."""
    status = json.loads(invoke(database, "status", "--json").stdout)
    return status["head"], {each["position"] for each in status["projections"]}


def test_the_article_goes_in_and_the_views_follow(database: Path) -> None:
    result = invoke(database, "ingest", DOSSIER)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"{SLUG}: positions 1 to {EVENTS}"
    assert [line.split()[1] for line in lines[1:]] == ["registered", "recorded", "unchanged"]
    assert positions(database) == (EVENTS, {EVENTS})


def test_the_same_again_changes_nothing(database: Path) -> None:
    invoke(database, "ingest", DOSSIER)
    result = invoke(database, "ingest", DOSSIER)
    assert result.stdout == f"{SLUG}: nothing new, {EVENTS} parts as before\n"
    assert positions(database) == (EVENTS, {EVENTS})


def test_a_change_is_a_correction_with_its_reason(database: Path, folder: Path) -> None:
    invoke(database, "ingest", folder)
    dossier = change(folder, "note: A misspelling, in line 2 only.", "note: A misspelling.")
    change(folder, "title: Russian and Libyan", "title: Russian and the Libyan")
    result = invoke(database, "ingest", dossier, "--reason", "read again", "--json")
    summary = json.loads(result.stdout)
    assert summary["corrected"] == ["article"]
    assert summary["retracted"] == ["alias/siala/Mohammed Taher Sialas"]
    assert summary["unchanged"] == EVENTS - 2
    last = invoke(database, "log", "--after", EVENTS, "--json").stdout.splitlines()
    assert json.loads(last[0])["payload"]["reason"] == "read again"
    told = invoke(database, "log", "--after", EVENTS).stdout
    assert "title: read again" in told


def test_a_folder_means_its_dossiers(database: Path, folder: Path) -> None:
    result = invoke(database, "ingest", folder, "--json")
    assert json.loads(result.stdout)["positions"] == [1, EVENTS]


def test_check_touches_no_database(database: Path) -> None:
    result = invoke(database, "ingest", "--check", DOSSIER)
    assert result.exit_code == 0
    assert result.stdout == f"{DOSSIER}: sound, 25 actors, 76 reports\n"
    assert not database.parent.exists()


@pytest.mark.parametrize("check", [["--check"], []], ids=["check", "ingest"])
def test_all_problems_are_told_and_nothing_is_recorded(
    check: list[str], database: Path, folder: Path
) -> None:
    dossier = change(folder, "quotes: spoke with Lavrov", "quotes: spoke with Lavrow")
    change(folder, "kind: short", "kind: shrt")
    result = invoke(database, "ingest", folder, DOSSIER, *check)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{dossier}:") for line in lines)
    assert lines[0].endswith("; it is one of short, abbreviation, typo, metonym, description")
    assert lines[1].endswith("; the nearest place is line 3, offset 322: 'spoke with Lavrov'")
    assert not database.parent.exists()


def test_problems_for_programs(database: Path, folder: Path) -> None:
    dossier = change(folder, "quotes: spoke with Lavrov", "quotes: spoke with Lavrow")
    result = invoke(database, "ingest", dossier, "--json")
    assert result.exit_code == 1
    problem = json.loads(result.stdout)
    assert problem.keys() == {"file", "line", "column", "what", "right"}
    assert problem["what"] == "the quote 'spoke with Lavrow' is not in the text"


def test_problems_with_the_log_are_told_too(database: Path, folder: Path) -> None:
    invoke(database, "ingest", folder)
    (folder / f"{SLUG}.txt").write_text((folder / f"{SLUG}.txt").read_text() + "More.")
    result = invoke(database, "ingest", folder)
    assert result.exit_code == 1
    assert "another text is another article" in result.stderr
    assert positions(database) == (EVENTS, {EVENTS})


def test_a_mere_text_is_recorded_alone(database: Path, tmp_path: Path) -> None:
    text = tmp_path / "Peace talks.txt"
    text.write_text("Peace talks begin\n\nThey begin today.\n")
    result = invoke(database, "ingest", text, "--published", "2021-01-02", "--json")
    assert json.loads(result.stdout) == {
        "file": str(text),
        "slug": "peace-talks",
        "registered": [],
        "recorded": ["article"],
        "corrected": [],
        "retracted": [],
        "unchanged": 0,
        "positions": [1, 1],
    }
    event = json.loads(invoke(database, "log", "--json").stdout)
    assert event["recorder"] == "local"
    assert event["payload"]["title"] == "Peace talks begin"
    assert event["payload"]["published"] == "2021-01-02"


def test_a_text_that_differs_needs_another_slug(database: Path, tmp_path: Path) -> None:
    text = tmp_path / "talks.txt"
    text.write_text("Peace talks begin")
    invoke(database, "ingest", text, "--published", "2021-01-02")
    again = invoke(database, "ingest", text, "--published", "2021-01-03")
    assert again.exit_code == 1
    assert "article 'talks' is in the log with another text, date or title" in again.stderr
    other = invoke(database, "ingest", text, "--published", "2021-01-03", "--slug", "other")
    assert other.exit_code == 0
    assert positions(database) == (2, {2})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{text}"], "a mere text needs --published"),
        (["{text}", "--published", "2021-01-02", "--check"], "--check is for dossiers"),
        (["{text}", "{text}", "--published", "2021-01-02", "--slug", "x"], "belong to a mere text"),
        ([str(DOSSIER), "--published", "2021-01-02"], "belong to a mere text"),
        (["{other}"], "is neither a dossier (.yaml) nor a text (.txt)"),
        (["{empty}"], "has no dossier"),
        (["{missing}"], "does not exist"),
        ([], "Missing argument"),
    ],
)
def test_misuse_is_told(database: Path, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "empty").mkdir()
    names = {"text": "a.txt", "other": "a.pdf", "empty": "empty", "missing": "missing.yaml"}
    paths = {name: str(tmp_path / file) for name, file in names.items()}
    for name in ("text", "other"):
        Path(paths[name]).write_text("A text.")
    result = invoke(database, "ingest", *(each.format(**paths) for each in arguments))
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert not database.parent.exists()


def test_a_day_that_is_none_is_refused(database: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.")
    result = invoke(database, "ingest", tmp_path / "a.txt", "--published", "2021-02-30")
    assert result.exit_code == 1
    assert "2021-02-30 is no day of the calendar" in result.stderr
