"""Do dossiers and mere texts get into a log, once?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from events.article_commands import CorrectReport, RecordReports
from events.handling import handle, read_world
from events.log import Provenance
from events.migrating import migrate
from events.refusals import AlreadyExists, Malformed
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog
from seeds import ARTICLES
from seeds.dossier import Dossier, load, parse
from seeds.ingest import ingest, ingest_text
from seeds.problems import DossierRefused
from seeds.summary import Summary

PATH = next(ARTICLES.glob("*.yaml"))
SLUG = PATH.stem
ids = count()


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    path = tmp_path / "log.db"
    migrate(path)
    log = SqliteLog(SqliteFile(path), lambda: datetime.now(UTC), lambda: f"id-{next(ids)}")
    yield log
    await log.close()


def changed(*edits: tuple[str, str]) -> Dossier:
    yaml = PATH.read_text()
    for line, instead in edits:
        assert line in yaml
        yaml = yaml.replace(line, instead, 1)
    return parse(yaml.encode(), lambda _: PATH.with_suffix(".txt").read_bytes(), str(PATH))


async def test_whole_dossier_is_one_append(log: SqliteLog) -> None:
    said = load(PATH)
    summary = await ingest(log, said, "test")
    assert summary.positions == (1, len(said.parts))
    assert (summary.recorded[0], summary.unchanged) == ("article", 0)
    assert sorted([*summary.recorded, *summary.registered]) == sorted(said.parts)
    records = await log.read()
    assert {record.recorded_at for record in records} == {records[0].recorded_at}
    assert {record.envelope["correlation"] for record in records} == {f"dossier/{SLUG}"}
    assert {record.envelope["recorder"] for record in records} == {"test"}


async def test_log_says_what_the_dossier_says(log: SqliteLog) -> None:
    said = load(PATH)
    await ingest(log, said, "test")
    world = await read_world(log, [SLUG], said.actors)
    state = world.articles[SLUG]
    assert state.article == said.article
    assert {ref: held.report for ref, held in state.reports.items()} == said.reports
    assert {slug: held.actor for slug, held in world.actors.items()} == {
        slug: each.actor for slug, each in said.actors.items()
    }


async def test_same_dossier_appends_nothing(log: SqliteLog) -> None:
    said = load(PATH)
    await ingest(log, said, "test")
    assert await ingest(log, said, "test") == Summary(SLUG, unchanged=len(said.parts))
    assert await log.head() == len(said.parts)


async def test_changed_dossier_appends_what_changed(log: SqliteLog) -> None:
    await ingest(log, load(PATH), "test")
    head = await log.head()
    summary = await ingest(
        log,
        changed(
            ("name: Wagner Group", "name: The Wagner Group"),
            ("- alias: the Egyptian side", "- alias: The Egyptian side"),
            ("    sectors: energy\n", "    sectors: [oil, gas]\n"),
            ("  wagner-called-shadowy:", "  wagner-is-shadowy:"),
        ),
        "test",
        "read anew",
    )
    assert summary == Summary(
        SLUG,
        registered=("alias/egypt/The Egyptian side",),
        recorded=("report/wagner-is-shadowy",),
        corrected=("actor/wagner", "report/energy-deals-sought"),
        retracted=("alias/egypt/the Egyptian side", "report/wagner-called-shadowy"),
        unchanged=len(load(PATH).parts) - 4,
        positions=(head + 1, head + 6),
    )
    reasons = [record.envelope["payload"].get("reason") for record in await log.read(head)]
    assert [reason for reason in reasons if reason] == ["read anew"] * 4


async def test_reports_of_others_are_kept(log: SqliteLog) -> None:
    said = load(PATH)
    await ingest(log, said, "test")
    theirs = said.reports["peace-push"].model_copy(update={"ref": "theirs"})
    correction = CorrectReport(SLUG, "peace-push", {"note": "x"}, "y")
    await handle(log, [RecordReports(SLUG, (theirs,)), correction], Provenance("somebody else"))
    assert (await ingest(log, said, "test")).positions is None


async def test_refused_dossier_appends_nothing(log: SqliteLog) -> None:
    await ingest(log, load(PATH), "test")
    head = await log.head()
    refused = changed(
        ("slug: libya", "slug: another-libya"), ("name: Wagner Group", "name: Wagner")
    )
    with pytest.raises(DossierRefused, match="actor 'wagner' is in the log already"):
        await ingest(log, refused, "test")
    assert await log.head() == head


async def test_many_at_once_append_it_once(log: SqliteLog) -> None:
    said = load(PATH)
    summaries = await asyncio.gather(*(ingest(log, said, f"test {n}") for n in range(4)))
    assert sum(each.positions is not None for each in summaries) == 1
    assert await log.head() == len(said.parts)


async def test_two_dossiers_share_their_actors(log: SqliteLog) -> None:
    said = load(PATH)
    await ingest(log, said, "test")
    summary = await ingest(log, changed(("slug: libya", "slug: another-libya")), "test")
    assert summary.registered == ()
    assert len(summary.recorded) == 1 + len(said.reports)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "Ann & Bob.txt"
    path.write_bytes(b"\xef\xbb\xbf\r\n  Ann met Bob \r\nIn Oslo.\r\n")
    return path


async def test_text_alone_is_an_article(log: SqliteLog, text: Path) -> None:
    summary = await ingest_text(log, text, "2020-12-30", "test")
    assert summary == Summary("ann-bob", recorded=("article",), positions=(1, 1))
    article = (await read_world(log, ["ann-bob"], [])).articles["ann-bob"].article
    assert article is not None
    assert (article.title, article.published) == ("Ann met Bob", "2020-12-30")
    assert article.text == "\ufeff\r\n  Ann met Bob \r\nIn Oslo.\r\n"


async def test_same_text_appends_nothing(log: SqliteLog, text: Path) -> None:
    for unchanged in (0, 1, 1):
        summary = await ingest_text(log, text, "2020-12-30", "test", slug="ann", title="Ann")
        assert summary.unchanged == unchanged
    assert (await ingest_text(log, text, "2020-12-30", "test", slug="ann")).unchanged == 1
    assert await log.head() == 1


async def test_text_is_ready_for_its_dossier(log: SqliteLog) -> None:
    said = load(PATH)
    await ingest_text(log, PATH.with_suffix(".txt"), said.article.published, "test")
    summary = await ingest(log, said, "test")
    assert summary.positions == (2, len(said.parts))
    again = await ingest_text(log, PATH.with_suffix(".txt"), said.article.published, "test")
    assert (again.positions, again.unchanged) == (None, 1)
    assert (await ingest(log, said, "test")).positions is None


@pytest.mark.parametrize(
    ("published", "title", "refusal"),
    [
        ("2020-12-31", None, AlreadyExists),
        ("2020-12-30", "Eve", AlreadyExists),
        ("1.1.20", None, Malformed),
    ],
)
async def test_text_with_other_data_is_refused(
    log: SqliteLog, text: Path, published: str, title: str | None, refusal: type[Exception]
) -> None:
    await ingest_text(log, text, "2020-12-30", "test")
    with pytest.raises(refusal):
        await ingest_text(log, text, published, "test", title=title)


async def test_text_that_cannot_be_read_is_refused(log: SqliteLog, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"a\n\xff")
    (tmp_path / "empty.txt").write_bytes(b"")
    for name, what in [
        ("bad.txt", "bad.txt:2:1: byte 0xff at offset 2 is not UTF-8"),
        ("none.txt", "none.txt:1:1: the file cannot be read"),
        ("empty.txt", "empty.txt:1:1: the file is empty"),
    ]:
        with pytest.raises(DossierRefused, match=what):
            await ingest_text(log, tmp_path / name, "2020-12-30", "test")
