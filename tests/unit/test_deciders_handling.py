"""How does a command become events in the log: once, and on what the log says at that moment?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from events.actor import AddAliases, CorrectActor, MergeActors, RegisterActor
from events.actors import ActorsMerged, AliasAdded
from events.article_commands import CorrectReport, IngestArticle, RecordReports, RetractReport
from events.handling import ATTEMPTS, Command, handle, read_world
from events.log import Appended, EventLog, Provenance, Write
from events.occurrences import MeetingHeld, MessageSent
from events.refusals import (
    AlreadyExists,
    AlreadyRetracted,
    KeyReused,
    MergeRefused,
    UnknownActor,
    UnknownArticle,
    VersionConflict,
)
from tests.histories import SLUG, ingested, person, quote, report
from tests.logs import PROVENANCE, sqlite_log

INGEST = IngestArticle(SLUG, ingested())
MET = report(MeetingHeld, "met", participants=[{"actor": "ann"}, {"actor": "bob"}])
RETRACT = RetractReport(SLUG, "met", "misread")


def register(*slugs: str) -> list[Command]:
    return [RegisterActor(slug, person(slug.title())) for slug in slugs]


def called(slug: str, alias: str) -> AddAliases:
    return AddAliases(slug, (AliasAdded.model_validate({"alias": alias, "alias_kind": "short"}),))


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EventLog]:
    async with sqlite_log(tmp_path / "log.db") as log:
        yield log


@pytest.fixture
async def told(log: EventLog) -> EventLog:
    """A log in which Ann met Bob."""
    commands = [INGEST, *register("ann", "bob"), RecordReports(SLUG, (MET,))]
    await handle(log, commands, PROVENANCE)
    return log


class Racing:
    """A log in which rivals are quicker: each time before something is appended, one of them is."""

    def __init__(self, log: EventLog, rivals: list[Command]) -> None:
        self.rivals = rivals
        self._log = log
        self.read = log.read

    async def find(self, key: str) -> Appended | None:
        return await self._log.find(key)

    async def append(
        self, writes: Sequence[Write], provenance: Provenance, key: str | None = None
    ) -> Appended:
        if self.rivals:
            await handle(self._log, [self.rivals.pop(0)], provenance)
        return await self._log.append(writes, provenance, key)


class Twins(Racing):
    """A log in which the rivals use the same key, just after it was found to be free."""

    async def find(self, key: str) -> Appended | None:
        found = await self._log.find(key)
        if self.rivals:
            await handle(self._log, [self.rivals.pop(0)], PROVENANCE, key=key)
        return found


def racing(log: EventLog, *rivals: Command, twins: bool = False) -> EventLog:
    kind = Twins if twins else Racing
    return cast("EventLog", kind(log, list(rivals)))  # as much of a log as is asked of it


async def test_each_command_sees_what_those_before_it_did(log: EventLog) -> None:
    commands = [INGEST, *register("ann", "bob"), RecordReports(SLUG, (MET,)), RETRACT]
    appended = await handle(log, commands, PROVENANCE)
    assert (appended.first, appended.last) == (1, 5)
    assert [(record.stream, record.version) for record in await log.read()] == [
        ("article/oslo", 1),
        ("actor/ann", 1),
        ("actor/bob", 1),
        ("article/oslo", 2),
        ("article/oslo", 3),
    ]


async def test_one_refused_command_refuses_all(log: EventLog) -> None:
    with pytest.raises(UnknownActor, match="no actor 'bob'"):
        await handle(log, [INGEST, *register("ann"), RecordReports(SLUG, (MET,))], PROVENANCE)
    assert await log.head() == 0


async def test_correction_is_checked_against_the_actors_that_it_names(told: EventLog) -> None:
    with_cy = {"participants": [{"actor": "ann"}, {"actor": "cy"}]}
    correction = CorrectReport(SLUG, "met", with_cy, "misread")
    with pytest.raises(UnknownActor, match="no actor 'cy'"):
        await handle(told, [correction], PROVENANCE)
    await handle(told, register("cy"), PROVENANCE)
    assert (await handle(told, [correction], PROVENANCE)).last == 6


async def test_names_are_checked_against_the_articles_that_they_cite(told: EventLog) -> None:
    cited = {"article": "bergen", "evidence": [quote("Ann met").model_dump()]}
    with pytest.raises(UnknownArticle, match="'bergen'"):
        await handle(told, [CorrectActor("ann", cited, "wrong")], PROVENANCE)
    appended = await handle(
        told, [CorrectActor("ann", cited | {"article": SLUG}, "wrong")], PROVENANCE
    )
    assert appended.last == 5


async def test_expected_version_is_that_of_the_first_stream(told: EventLog) -> None:
    with pytest.raises(VersionConflict, match="'article/oslo' is at version 2, not at the expec"):
        await handle(told, [RETRACT], PROVENANCE, expected=1)
    appended = await handle(told, [RETRACT, called("ann", "A")], PROVENANCE, expected=2)
    assert (appended.first, appended.last) == (5, 6)


async def test_same_key_and_content_gives_the_first_answer(told: EventLog) -> None:
    first = await handle(told, [RETRACT], PROVENANCE, key="k")
    again = await handle(told, [RETRACT], PROVENANCE, key="k")
    assert (again.first, again.last, again.ids) == (first.first, first.last, first.ids)
    assert (first.repeated, again.repeated) == (False, True)
    assert await told.head() == first.last


async def test_first_answer_is_given_whatever_happened_since(log: EventLog) -> None:
    first = await handle(log, [*register("ann"), called("ann", "A")], PROVENANCE, key="k")
    await handle(log, [CorrectActor("ann", {"name": "Eve"}, "wrong")], PROVENANCE)
    again = await handle(log, [*register("ann"), called("ann", "A")], PROVENANCE, key="k")
    assert again.ids == first.ids


@pytest.mark.parametrize(
    "other",
    [
        [RetractReport(SLUG, "met", "wrong")],
        [CorrectReport(SLUG, "met", {"place": "Oslo"}, "misread")],
        [called("ann", "A")],
        [RETRACT, called("ann", "A")],
        [RetractReport(SLUG, "sent", "misread")],
    ],
    ids=["reason", "kind", "stream", "more", "refused then"],
)
async def test_same_key_and_other_content_is_refused(told: EventLog, other: list[Command]) -> None:
    await handle(told, [RETRACT], PROVENANCE, key="k")
    with pytest.raises(KeyReused, match="'k' was used at position 5 for another content"):
        await handle(told, other, PROVENANCE, key="k")
    assert await told.head() == 5


async def test_key_of_a_refused_command_stays_free(told: EventLog) -> None:
    with pytest.raises(AlreadyExists):
        await handle(told, register("ann"), PROVENANCE, key="k")
    assert not (await handle(told, [RETRACT], PROVENANCE, key="k")).repeated


async def test_same_key_sent_many_times_at_once_is_used_once(told: EventLog) -> None:
    several = [handle(told, [RETRACT], PROVENANCE, key="k") for _ in range(20)]
    answers = await asyncio.gather(*several)
    assert {answer.ids for answer in answers} == {answers[0].ids}
    assert [answer.repeated for answer in answers].count(False) == 1
    assert await told.head() == 5


async def test_twin_that_was_quicker_is_answered_for(told: EventLog) -> None:
    log = racing(told, RETRACT, twins=True)
    assert (await handle(log, [RETRACT], PROVENANCE, key="k")).repeated
    assert await told.head() == 5


async def test_lost_race_is_decided_anew(told: EventLog) -> None:
    log = racing(told, called("ann", "A"), called("ann", "B"))
    appended = await handle(log, [called("ann", "C")], PROVENANCE)
    assert appended.last == 7
    world = await read_world(told, (), ["ann"])
    assert list(world.actors["ann"].aliases) == ["A", "B", "C"]


async def test_lost_race_may_end_in_a_refusal(told: EventLog) -> None:
    with pytest.raises(AlreadyRetracted, match="'met' was retracted already"):
        await handle(racing(told, RETRACT), [RETRACT], PROVENANCE)


async def test_race_that_is_always_lost_ends_in_a_conflict(told: EventLog) -> None:
    log = racing(told, *(called("ann", str(number)) for number in range(ATTEMPTS + 1)))
    with pytest.raises(VersionConflict, match="'actor/ann'"):
        await handle(log, [called("ann", "A")], PROVENANCE)
    assert await told.head() == 4 + ATTEMPTS


async def test_expected_version_is_not_decided_anew(told: EventLog) -> None:
    log = racing(told, called("ann", "A"))
    with pytest.raises(VersionConflict, match="at version 2, not at the expected 1"):
        await handle(log, [called("ann", "B")], PROVENANCE, expected=1)


async def test_race_for_another_stream_is_decided_anew(told: EventLog) -> None:
    log = racing(told, called("ann", "A"))
    commands: list[Command] = [RETRACT, called("ann", "B")]
    assert (await handle(log, commands, PROVENANCE, expected=2)).last == 7


async def test_reports_of_one_article_are_recorded_at_once(told: EventLog) -> None:
    sent = [report(MessageSent, f"sent-{number}", sender="ann") for number in range(ATTEMPTS)]
    several = [handle(told, [RecordReports(SLUG, (each,))], PROVENANCE) for each in sent]
    await asyncio.gather(*several)
    world = await read_world(told, [SLUG], ())
    assert world.articles[SLUG].reports.keys() == {"met", *(each.ref for each in sent)}


async def test_actor_is_not_merged_into_one_that_is_merged_meanwhile(told: EventLog) -> None:
    await handle(told, register("cy"), PROVENANCE)
    log = racing(told, MergeActors("bob", "cy", "the same"))
    with pytest.raises(MergeRefused, match="'bob' was merged into 'cy' already"):
        await handle(log, [MergeActors("ann", "bob", "the same")], PROVENANCE)


async def test_two_actors_are_not_merged_into_each_other(told: EventLog) -> None:
    pairs = [("ann", "bob"), ("bob", "ann")]
    several = [handle(told, [MergeActors(*pair, "the same")], PROVENANCE) for pair in pairs]
    answers = await asyncio.gather(*several, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Appended", "MergeRefused"]
    merged = [r for r in await told.read() if isinstance(r.event, ActorsMerged)]
    assert len(merged) == 1
