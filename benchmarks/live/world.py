"""Whom are the appends about?  A database with as many articles and actors as there are keys, whose views are folded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from benchmarks.history import BATCH, PROVENANCE, told
from benchmarks.live.said import SENTENCE
from events.log import Write
from events.migrating import migrate
from events.sqlite import SqliteFile
from events.sqlite_log import SqliteLog
from projections.runner import Views
from projections.sqlite_views import SqliteViews


async def make(path: Path, keys: int, others: int) -> None:
    """Make the file; `others` are actors whom appends name besides."""
    migrate(path)
    file = SqliteFile(path)
    log = SqliteLog(file, lambda: datetime.now(UTC), lambda: str(uuid4()))
    writes = list(_writes(keys, others))
    for at in range(0, len(writes), BATCH):
        await log.append(writes[at : at + BATCH], PROVENANCE)
    views = Views(SqliteViews(file), log)
    await views.prepare()
    await views.catch_up()
    await log.close()


def _writes(keys: int, others: int) -> Iterator[Write]:
    article = told(
        "ArticleIngested",
        title="Who backs whom",
        published="2020-12-30",
        text=SENTENCE,
        sha256=sha256(SENTENCE.encode()).hexdigest(),
    )
    for key in range(keys):
        yield _actor(f"actor-{key}")
        yield Write(f"article/article-{key}", [article])
    for number in range(others):
        yield _actor(f"other-{number}")


def _actor(slug: str) -> Write:
    actor = told("ActorRegistered", actor_kind="state", name=slug.replace("-", " ").title())
    return Write(f"actor/{slug}", [actor])
