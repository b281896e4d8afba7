"""What does every log promise about taking over the records of another one?"""

from collections.abc import Callable
from typing import Any

import pytest

from events.canonical import canonical
from events.log import EventLog, Provenance, Write
from events.record import Recorded, leaf_hash
from events.refusals import KeyReused, LogNotEmpty, Malformed
from tests.logs import PROVENANCE, OpenLog, World, append, named, names, write


@pytest.fixture
async def records(open_log: OpenLog, world: World) -> list[Recorded]:
    """A log of appends with and without keys, of one event and of more, in several streams."""
    async with open_log(world) as log:
        await append(log, "actor/a", "one", key="k1")
        world.wait(5)
        await log.append(
            [write("actor/a", "two"), write("actor/b", "three", "four")], PROVENANCE, "k2"
        )
        await append(log, "actor/a", "five", "six")
        await append(log, "actor/c", "seven", key="k3")
        return await log.read()


def forged(record: Recorded, **members: Any) -> Recorded:
    """A record that says something else, with the hash that it then has."""
    envelope = {**record.envelope, **members}
    position, stream, version, kind, recorded_at = (
        envelope[name] for name in ("position", "stream", "version", "kind", "recorded_at")
    )
    other = canonical(envelope)
    return Recorded(position, stream, version, kind, recorded_at, leaf_hash(other), other)


async def test_records_are_the_same_byte_for_byte(log: EventLog, records: list[Recorded]) -> None:
    assert await log.restore(iter(records)) == 7

    assert await log.read() == records
    assert await log.head() == 7
    assert await log.versions(["actor/a", "actor/b", "actor/c"]) == {
        "actor/a": 4,
        "actor/b": 2,
        "actor/c": 1,
    }


async def test_keys_give_the_first_answer(log: EventLog, records: list[Recorded]) -> None:
    await log.restore(records)

    one = await append(log, "actor/a", "one", key="k1")
    several = await log.append(
        [write("actor/a", "two"), write("actor/b", "three"), write("actor/b", "four")],
        PROVENANCE,
        "k2",
    )
    assert (one.first, one.last, one.repeated) == (1, 1, True)
    assert (several.first, several.last, several.repeated) == (2, 4, True)
    assert several.ids == tuple(record.id for record in records[1:4])
    with pytest.raises(KeyReused):
        await append(log, "actor/c", "eight", key="k3")
    assert await log.head() == 7


async def test_appends_go_on_behind_them(log: EventLog, records: list[Recorded]) -> None:
    await log.restore(records)

    appended = await append(log, "actor/a", "eight", expected=4, key="k4")

    assert (appended.first, appended.repeated) == (8, False)
    assert names(await log.read(7)) == ["eight"]


async def test_no_record_at_all_is_an_empty_log(log: EventLog) -> None:
    assert await log.restore([]) == 0
    assert (await append(log, "actor/a", "one")).first == 1


async def test_a_log_with_records_is_refused(log: EventLog, records: list[Recorded]) -> None:
    await append(log, "actor/a", "mine")

    with pytest.raises(LogNotEmpty, match="has 1 records already; only an empty one"):
        await log.restore(records)

    assert names(await log.read()) == ["mine"]


async def test_records_go_on_behind_those_that_came_before(
    log: EventLog, records: list[Recorded]
) -> None:
    for start, end in ((0, 1), (1, 4), (4, 5), (5, 7), (7, 7)):
        assert await log.restore(records[start:end], start) == end - start

    assert await log.read() == records
    for key, first, last in (("k1", 1, 1), ("k2", 2, 4), ("k3", 7, 7)):
        found = await log.find(key)
        assert found
        assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("after", [3, 5])
async def test_a_log_that_ends_elsewhere_is_refused(
    log: EventLog, records: list[Recorded], after: int
) -> None:
    await log.restore(records[:4])

    with pytest.raises(LogNotEmpty, match=f"ends at position 4, not at {after}; somebody else"):
        await log.restore(records[after:], after)

    assert await log.read() == records[:4]


Forgery = Callable[[list[Recorded]], list[Recorded]]

BEHIND: dict[str, tuple[Forgery, str]] = {
    "missing": (lambda r: r[1:], "position 6 stands where 5 must follow"),
    "version of a stream that was there": (
        lambda r: [forged(r[0], version=4), *r[1:]],
        "version 4 of stream 'actor/a' stands where 3 must follow",
    ),
    "version of a stream that was not": (
        lambda r: [*r[:2], forged(r[2], version=2)],
        "version 2 of stream 'actor/c' stands where 1 must follow",
    ),
    "time before the end": (
        lambda r: [forged(r[0], recorded_at="2019-01-01T00:00:00.000000Z"), *r[1:]],
        "position 5 was recorded at 2019-01-01T00:00:00.000000Z, before the one that it follows",
    ),
    "key of an append that was there": (
        lambda r: [*r[:2], forged(r[2], key="k1")],
        "key 'k1' stands for positions 1 to 1; a key is unique for ever",
    ),
    "more of the append at the end": (
        lambda r: [forged(r[0], key="k2"), *r[1:]],
        "key 'k2' stands for positions 2 to 4; a key is unique for ever, and its records follow",
    ),
}
"""What was done to records 5 to 7, and what is said of it behind record 4."""


@pytest.mark.parametrize(("forgery", "words"), BEHIND.values(), ids=BEHIND)
async def test_what_does_not_follow_on_the_end_is_refused_as_a_whole(
    log: EventLog,
    records: list[Recorded],
    forgery: Forgery,
    words: str,
) -> None:
    await log.restore(records[:4])

    with pytest.raises(Malformed, match=words):
        await log.restore(forgery(records[4:]), 4)

    assert await log.read() == records[:4]
    assert await log.restore(records[4:], 4) == 3


FORGERIES: dict[str, tuple[int, Forgery, str]] = {
    "missing": (3, lambda r: [*r[:2], *r[3:]], "position 4 stands where 3 must follow"),
    "twice": (4, lambda r: [*r[:3], *r[2:]], "position 3 stands where 4 must follow"),
    "swapped": (1, lambda r: [r[1], r[0], *r[2:]], "position 2 stands where 1 must follow"),
    "not from the first on": (1, lambda r: r[1:], "position 2 stands where 1 must follow"),
    "version left out": (
        5,
        lambda r: [*r[:4], forged(r[4], version=4)],
        "version 4 of stream 'actor/a' stands where 3 must follow",
    ),
    "version twice": (
        5,
        lambda r: [*r[:4], forged(r[4], version=2)],
        "version 2 of stream 'actor/a' stands where 3 must follow",
    ),
    "time backwards": (
        5,
        lambda r: [*r[:4], forged(r[4], recorded_at="2019-01-01T00:00:00.000000Z")],
        "position 5 was recorded at 2019-01-01T00:00:00.000000Z, before the one that it follows",
    ),
    "key of another append": (
        7,
        lambda r: [*r[:6], forged(r[6], key="k2")],
        "key 'k2' stands for positions 2 to 4; a key is unique for ever",
    ),
    "another hash": (
        7,
        lambda r: [*r[:6], r[6]._replace(leaf=bytes(32))],
        "position 7 does not have its stored hash",
    ),
}
"""Which record does not follow, what was done, and what is said of it."""


@pytest.mark.parametrize(("number", "forgery", "words"), FORGERIES.values(), ids=FORGERIES)
async def test_what_does_not_follow_is_refused_as_a_whole(
    log: EventLog, records: list[Recorded], number: int, forgery: Forgery, words: str
) -> None:
    drawn = list[Recorded]()

    def draw():
        for record in forgery(records):
            drawn.append(record)
            yield record

    with pytest.raises(Malformed, match=words):
        await log.restore(draw())

    assert len(drawn) == number
    assert await log.read() == []
    assert await log.find("k1") is None
    assert await log.restore(records) == 7


async def test_whoever_gives_the_records_may_change_their_mind(
    log: EventLog, records: list[Recorded]
) -> None:
    def draw():
        yield from records[:5]
        raise Malformed("no more of it")

    with pytest.raises(Malformed, match="no more of it"):
        await log.restore(draw())

    assert await log.head() == 0


async def test_a_key_stands_for_its_events_however_they_were_written(log: EventLog) -> None:
    provenance = Provenance("test")
    first = await log.append([write("actor/a", "one", "two")], provenance, "k")
    again = await log.append(
        [write("actor/a", "one"), Write("actor/b", []), Write("actor/a", [named("two")])],
        provenance,
        "k",
    )
    assert (again.first, again.last, again.repeated) == (first.first, first.last, True)
    with pytest.raises(KeyReused):
        await log.append([write("actor/a", "two", "one")], provenance, "k")
