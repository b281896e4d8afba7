"""What does every log promise about appending and reading?"""

import asyncio
from hashlib import sha256

import pytest

from events.log import Appended, EventLog, Provenance, Write
from events.occurrences import MeetingHeld
from events.refusals import KeyReused, Malformed, VersionConflict
from events.vocabulary import AnyEvent
from tests.logs import PROVENANCE, World, append, names, write


async def test_an_empty_log_has_nothing(log: EventLog) -> None:
    assert await log.head() == 0
    assert await log.read() == []
    assert await log.versions(["actor/a"]) == {"actor/a": 0}


async def test_positions_are_dense_over_all_streams(log: EventLog) -> None:
    first = await append(log, "actor/a", "one", "two")
    second = await append(log, "actor/b", "three")

    assert (first.first, first.last, second.first, second.last) == (1, 2, 3, 3)
    assert [record.position for record in await log.read()] == [1, 2, 3]
    assert await log.head() == 3


async def test_versions_count_within_the_stream(log: EventLog) -> None:
    await append(log, "actor/a", "one")
    await append(log, "actor/b", "two")
    await append(log, "actor/a", "three", "four")

    assert [(r.stream, r.version) for r in await log.read()] == [
        ("actor/a", 1),
        ("actor/b", 1),
        ("actor/a", 2),
        ("actor/a", 3),
    ]
    assert await log.versions(["actor/c", "actor/a", "actor/b"]) == {
        "actor/a": 3,
        "actor/b": 1,
        "actor/c": 0,
    }
    assert await log.versions([]) == {}


async def test_what_was_appended_is_read(log: EventLog, meeting: AnyEvent) -> None:
    appended = await log.append([Write("article/moscow", [meeting])], PROVENANCE)

    (record,) = await log.read()
    assert record.event == meeting
    assert (record.id,) == appended.ids
    assert record.kind == "MeetingHeld"


class TestExpectedVersion:
    async def test_met(self, log: EventLog) -> None:
        await append(log, "actor/a", "one", expected=0)
        await append(log, "actor/a", "two", "three", expected=1)
        await append(log, "actor/a", "four", expected=3)

        assert names(await log.read()) == ["one", "two", "three", "four"]

    @pytest.mark.parametrize("expected", [-1, 0, 2, 2**70])
    async def test_missed(self, log: EventLog, expected: int) -> None:
        await append(log, "actor/a", "one")

        with pytest.raises(VersionConflict) as refused:
            await append(log, "actor/a", "lost", expected=expected)

        assert (refused.value.stream, refused.value.expected, refused.value.actual) == (
            "actor/a",
            expected,
            1,
        )

    async def test_refusal_leaves_no_hole(self, log: EventLog) -> None:
        await append(log, "actor/a", "one")
        with pytest.raises(VersionConflict):
            await append(log, "actor/a", "lost", expected=0, key="k")

        assert await log.head() == 1
        assert await log.find("k") is None
        assert (await append(log, "actor/a", "two", key="k")).first == 2

    async def test_one_of_many_racers_wins(self, log: EventLog) -> None:
        racers = [append(log, "actor/a", str(n), expected=0) for n in range(20)]

        outcomes = await asyncio.gather(*racers, return_exceptions=True)

        assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 19
        assert await log.head() == 1


class TestSeveralWrites:
    async def test_commit_together(self, log: EventLog) -> None:
        appended = await log.append(
            [write("actor/a", "one", expected=0), write("actor/b", "two", expected=0)], PROVENANCE
        )

        assert (appended.first, appended.last, len(appended.ids)) == (1, 2, 2)
        assert names(await log.read()) == ["one", "two"]

    async def test_fail_together(self, log: EventLog) -> None:
        await append(log, "actor/b", "one")

        with pytest.raises(VersionConflict):
            await log.append(
                [write("actor/a", "lost", expected=0), write("actor/b", "lost", expected=0)],
                PROVENANCE,
            )

        assert names(await log.read()) == ["one"]
        assert await log.versions(["actor/a"]) == {"actor/a": 0}

    async def test_second_one_to_a_stream_sees_the_first(self, log: EventLog) -> None:
        await log.append(
            [write("actor/a", "one", "two", expected=0), write("actor/a", "three", expected=2)],
            PROVENANCE,
        )
        with pytest.raises(VersionConflict):
            await log.append(
                [write("actor/a", "lost", expected=3), write("actor/a", "lost", expected=3)],
                PROVENANCE,
            )

        assert names(await log.read()) == ["one", "two", "three"]

    async def test_one_without_events_is_a_condition(self, log: EventLog) -> None:
        await log.append(
            [write("actor/a", expected=0), write("actor/b", "one", expected=0)], PROVENANCE
        )
        with pytest.raises(VersionConflict):
            await log.append([write("actor/b", expected=0), write("actor/a", "lost")], PROVENANCE)

        assert names(await log.read()) == ["one"]


class TestMalformed:
    @pytest.mark.parametrize("writes", [[], [write("actor/a")], [write("actor/a", expected=0)]])
    async def test_nothing_to_append(self, log: EventLog, writes: list[Write]) -> None:
        with pytest.raises(Malformed):
            await log.append(writes, PROVENANCE)

    @pytest.mark.parametrize("stream", ["", "actor", "actor/", "a b/c", "actor/a\0", "actor/A"])
    async def test_no_name_of_a_stream(self, log: EventLog, stream: str) -> None:
        with pytest.raises(Malformed, match="names no stream"):
            await append(log, stream, "one")

    @pytest.mark.parametrize(
        ("provenance", "key"), [(PROVENANCE, "\ud800"), (Provenance("\udfff"), None)]
    )
    async def test_not_unicode(
        self, log: EventLog, provenance: Provenance, key: str | None
    ) -> None:
        with pytest.raises(Malformed):
            await log.append([write("actor/a", "one")], provenance, key)

        assert await log.head() == 0


class TestKey:
    async def test_same_content_gives_the_first_answer(self, log: EventLog) -> None:
        first = await append(log, "actor/a", "one", "two", expected=0, key="k")
        await append(log, "actor/a", "three")

        again = await append(log, "actor/a", "one", "two", expected=0, key="k")

        assert again == Appended(first.first, first.last, first.ids, repeated=True)
        assert not first.repeated
        assert await log.head() == 3

    async def test_same_content_by_somebody_else(self, log: EventLog) -> None:
        first = await append(log, "actor/a", "one", key="k")

        again = await log.append([write("actor/a", "one")], Provenance("another"), "k")

        assert again.ids == first.ids

    @pytest.mark.parametrize(
        "writes",
        [
            [write("actor/a", "other")],
            [write("actor/b", "one")],
            [write("actor/a", "one", "one")],
            [write("actor/a", "one"), write("actor/b", "one")],
        ],
    )
    async def test_other_content_is_refused(self, log: EventLog, writes: list[Write]) -> None:
        await append(log, "actor/c", "zero")
        await append(log, "actor/a", "one", key="k")

        with pytest.raises(KeyReused) as refused:
            await log.append(writes, PROVENANCE, "k")

        assert (refused.value.key, refused.value.position) == ("k", 2)
        assert await log.head() == 2

    @pytest.mark.parametrize("key", ["", " ", "k\0", "ключ", "k" * 10_000])
    async def test_any_text_will_do(self, log: EventLog, key: str) -> None:
        first = await append(log, "actor/a", "one", key=key)
        await append(log, "actor/a", "two", key=key + "x")

        assert (await append(log, "actor/a", "one", key=key)).ids == first.ids
        assert await log.find(key) == Appended(1, 1, first.ids, repeated=True)

    async def test_used_by_many_at_once(self, log: EventLog) -> None:
        answers = await asyncio.gather(*(append(log, "actor/a", "one", key="k") for _ in range(20)))

        assert {answer.ids for answer in answers} == {answers[0].ids}
        assert sum(not answer.repeated for answer in answers) == 1
        assert await log.head() == 1

    async def test_used_by_many_at_once_for_different_contents(self, log: EventLog) -> None:
        outcomes = await asyncio.gather(
            *(append(log, "actor/a", str(n), key="k") for n in range(20)), return_exceptions=True
        )

        assert sum(isinstance(outcome, KeyReused) for outcome in outcomes) == 19
        assert await log.head() == 1

    async def test_free(self, log: EventLog) -> None:
        assert await log.find("k") is None


class TestReading:
    async def test_in_pages(self, log: EventLog) -> None:
        await append(log, "actor/a", *"abcdefg")

        assert names(await log.read(limit=3)) == ["a", "b", "c"]
        assert names(await log.read(after=3, limit=3)) == ["d", "e", "f"]
        assert names(await log.read(after=6, limit=3)) == ["g"]
        assert await log.read(after=7) == []

    @pytest.mark.parametrize(
        ("after", "limit", "found"),
        [(-5, 2, 2), (0, 0, 0), (0, -1, 0), (2**80, 5, 0), (1, 2**80, 2)],
    )
    async def test_beyond_the_ends(self, log: EventLog, after: int, limit: int, found: int) -> None:
        await append(log, "actor/a", "one", "two", "three")

        assert len(await log.read(after, limit)) == found
        assert len(await log.read(after, limit, ["actor/a"])) == found

    async def test_of_some_streams(self, log: EventLog) -> None:
        for number in range(9):
            await append(log, f"actor/{'abc'[number % 3]}", str(number))

        assert names(await log.read(streams=["actor/b"])) == ["1", "4", "7"]
        assert names(await log.read(streams=["actor/c", "actor/a"])) == list("023568")
        assert names(await log.read(2, 3, ["actor/a", "actor/c"])) == ["2", "3", "5"]
        assert names(await log.read(streams={"actor/a", "actor/d"})) == ["0", "3", "6"]
        assert await log.read(streams=[]) == []


class TestTimeOfRecording:
    async def test_is_that_of_the_clock(self, log: EventLog, world: World) -> None:
        await append(log, "actor/a", "one", "two")
        world.wait(0.25)
        await append(log, "actor/a", "three")

        assert [record.recorded_at for record in await log.read()] == [
            "2020-12-30T10:00:00.000000Z",
            "2020-12-30T10:00:00.000000Z",
            "2020-12-30T10:00:00.250000Z",
        ]

    async def test_never_runs_backwards(self, log: EventLog, world: World) -> None:
        for wait in (5, -10, 2, 20, -1):
            world.wait(wait)
            await append(log, "actor/a", "one")

        times = [record.recorded_at[17:19] for record in await log.read()]
        assert times == ["05", "05", "05", "17", "17"]

    async def test_means_one_position(self, log: EventLog, world: World) -> None:
        for seconds in (1, 0, 2):
            world.wait(seconds)
            await append(log, "actor/a", "one")

        assert [
            await log.position_at(f"2020-12-30T10:00:{second}.000000Z")
            for second in ("00", "01", "02", "03", "59")
        ] == [0, 2, 2, 3, 3]


async def test_a_record_is_these_bytes(log: EventLog, meeting: AnyEvent) -> None:
    await append(log, "actor/a", "one")
    await log.append(
        [Write("article/moscow", [meeting], 0)], Provenance("reader", "request-1", "run-7"), "k-1"
    )

    record = (await log.read(after=1))[0]

    assert record.record.decode() == GOLDEN
    assert record.leaf.hex() == GOLDEN_LEAF
    assert record.leaf == sha256(b"\0" + record.record).digest()


@pytest.fixture
def meeting() -> MeetingHeld:
    return MeetingHeld.model_validate(
        {
            "ref": "meeting",
            "evidence": [{"exact": "met «Лавров» in\tMoscow", "start": 10, "end": 32}],
            "attribution": {"voice": "paraphrase", "speaker": "siala"},
            "when": {"edtf": "2020-12-30?", "role": "occurred", "basis": "inferred"},
            "participants": [{"actor": "lavrov", "role": "host"}, {"actor": "siala"}],
            "topics": [{"about": "the ceasefire", "certainty": "probable"}],
        }
    )


GOLDEN = (
    '{"causation":"request-1","correlation":"run-7","id":"00000000-0000-0000-0000-000000000002",'
    '"key":"k-1","kind":"MeetingHeld","payload":{"attribution":{"speaker":"siala","voice":'
    '"paraphrase"},"certainty":"certain","evidence":[{"end":32,"exact":"met «Лавров» in\\tMoscow",'
    '"prefix":"","start":10,"suffix":""}],"links":[],"mentions":[],"modality":"asserted",'
    '"participants":[{"actor":"lavrov","role":"host"},{"actor":"siala","role":"participant"}],'
    '"ref":"meeting","status":"confirmed","topics":[{"about":"the ceasefire","certainty":'
    '"probable"}],"when":{"basis":"inferred","edtf":"2020-12-30?","role":"occurred"}},'
    '"position":2,"recorded_at":"2020-12-30T10:00:00.000000Z","recorder":"reader",'
    '"schema_version":2,"stream":"article/moscow","version":1}'
)
GOLDEN_LEAF = "0696dd024d60a7b433ca54384f71cee2b7e907b1feb1dcfdfc6095c03d817f71"
