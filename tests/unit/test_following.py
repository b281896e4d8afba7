"""Do the views go on following the log after something failed, and is it told meanwhile?"""

import asyncio
import logging
from typing import cast

import pytest

from api import composition
from api.composition import Follower
from events.refusals import LogUnavailable
from projections.runner import Views


class Faltering:
    """Views that fail a few times."""

    position = 7

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.failed = 0

    async def catch_up(self) -> int:
        if self.failures:
            self.failed += 1
            raise self.failures.pop(0)
        return self.position

    async def follow(self) -> None:
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "PAUSE", 0.02)


async def test_it_recovers(caplog: pytest.LogCaptureFixture) -> None:
    views = Faltering(*[LogUnavailable("the disk is full")] * 3)
    follower = Follower(cast("Views", views))
    task = asyncio.create_task(follower.run())
    await asyncio.sleep(0.01)
    kept_up = [follower.keeps_up]
    await asyncio.sleep(0.2)
    kept_up.append(follower.keeps_up)
    assert kept_up == [False, True]
    assert views.failed == 3
    assert caplog.messages == [
        "the views stopped following the log at position 7: the disk is full",
    ]
    assert caplog.records[0].exc_info is None
    task.cancel()


async def test_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    views = cast("Views", Faltering(ValueError("a bug")))
    task = asyncio.create_task(Follower(views).run())
    await asyncio.sleep(0.01)
    assert caplog.records[0].levelno == logging.ERROR
    assert "ValueError: a bug" in caplog.text
    task.cancel()
