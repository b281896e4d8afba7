"""Is a damaged file noticed?  Either a clear refusal, or all records exactly as before."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from events.log import EventLog, Write
from events.refusals import LogDamaged, LogUnavailable
from tests.faults.processes import SOAK, everything
from tests.logs import PROVENANCE, append, named, sqlite_log

pytestmark = pytest.mark.fault

STREAMS = [f"actor/{name}" for name in "abcdefg"]
ROUNDS = 20_000 if SOAK else 400
AS_BEFORE = "all as before"

Answers = dict[str, object]


@pytest.fixture
async def sound(tmp_path: Path) -> tuple[Path, Answers]:
    """A log of records long and short, and what it answers."""
    path = tmp_path / "sound.db"
    async with sqlite_log(path) as log:
        for number in range(60):
            await append(
                log, STREAMS[number % 7], *map(str, range(number % 4 + 1)), key=f"k{number}"
            )
        long = [named(f"{number} " * (number * 40 % 3000 + 1)) for number in range(30)]
        await log.append([Write("actor/long", long)], PROVENANCE)
    async with sqlite_log(path) as log:
        return path, {name: await ask(log) for name, ask in QUESTIONS.items()}


QUESTIONS: dict[str, Callable[[EventLog], Awaitable[object]]] = {
    "head": lambda log: log.head(),
    "records": lambda log: log.read(),
    "page": lambda log: log.read(40, 50),
    "time": lambda log: log.position_at("2020-12-30T10:00:00.000000Z"),
}
"""What is answered from the records themselves."""


async def asked(path: Path, before: Answers) -> str:
    """Open a log and ask everything; give the refusal in the end, if there was one."""
    refusal = AS_BEFORE
    try:
        async with sqlite_log(path) as log:
            for name, ask in QUESTIONS.items():
                try:
                    assert await ask(log) == before[name]
                except (LogDamaged, LogUnavailable) as error:
                    refusal = error.code
            for stream in STREAMS:
                try:
                    await ask_for_stream(log, stream, before)
                except (LogDamaged, LogUnavailable) as error:
                    refusal = error.code
    except (LogDamaged, LogUnavailable) as error:
        refusal = error.code
    return refusal


async def ask_for_stream(log: EventLog, stream: str, before: Answers) -> None:
    """Ask for one stream, which is read over an index.

    Should just the index entries of its last records be damaged, it looks as if it had ended
    before.  What there is must still be as it was.
    """
    records = before["records"]
    assert isinstance(records, list)
    whole = [record for record in records if record.stream == stream]
    found = await log.read(streams=[stream])
    assert found == whole[: len(found)]
    assert (await log.versions([stream]))[stream] <= len(whole)


@pytest.mark.timeout(3600)
async def test_flipped_bits(sound: tuple[Path, Answers], tmp_path: Path) -> None:
    path, before = sound
    content = path.read_bytes()
    damaged = tmp_path / "damaged.db"
    outcomes: dict[str, int] = {}
    for seed in range(ROUNDS):
        offset, bit = divmod(random.Random(seed).randrange(8 * len(content)), 8)
        flipped = bytes([content[offset] ^ 1 << bit])
        damaged.write_bytes(content[:offset] + flipped + content[offset + 1 :])
        try:
            outcome = await asked(damaged, before)
        except BaseException as error:
            error.add_note(f"bit {bit} at offset {offset} was flipped (seed {seed})")
            raise
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        forget(damaged)
    assert outcomes["LOG_DAMAGED"] > ROUNDS / 4


@pytest.mark.timeout(3600)
async def test_truncated(sound: tuple[Path, Answers], tmp_path: Path) -> None:
    path, before = sound
    content = path.read_bytes()
    damaged = tmp_path / "damaged.db"
    # A file of no byte, or one, is a new database to SQLite, and so to everybody.
    lengths = set(range(4096, len(content), 4096)) | {2, 16, 99, 100, 512, 4095, len(content) - 1}
    lengths |= {random.Random(seed).randrange(2, len(content)) for seed in range(ROUNDS // 10)}
    for length in sorted(lengths):
        damaged.write_bytes(content[:length])
        assert await asked(damaged, before) != AS_BEFORE, f"truncated to {length}"
        forget(damaged)


@pytest.mark.timeout(3600)
async def test_write_ahead_log_damaged_after_a_crash(tmp_path: Path) -> None:
    """SQLite recovers what comes before the damage: a whole, sound log that ends earlier."""
    path = tmp_path / "log.db"
    async with sqlite_log(path) as log:
        for number in range(50):
            await append(log, "actor/a", str(number))
        records = await everything(log)
        database, wal = path.read_bytes(), path.with_name("log.db-wal").read_bytes()

    shorter = 0
    for seed in range(ROUNDS // 4):
        offset = random.Random(seed).randrange(len(wal))
        crashed = tmp_path / "crashed.db"
        crashed.write_bytes(database)
        flipped = bytes([wal[offset] ^ 0x10])
        crashed.with_name("crashed.db-wal").write_bytes(wal[:offset] + flipped + wal[offset + 1 :])
        try:
            async with sqlite_log(crashed) as log:
                found = await everything(log)
                assert found == records[: len(found)]
                shorter += len(found) < len(records)
                assert (await append(log, "actor/a", "on")).first == len(found) + 1
        except (LogDamaged, LogUnavailable):
            pass
        forget(crashed)
    assert shorter > 0


def forget(path: Path) -> None:
    for each in path.parent.glob(path.name + "*"):
        each.unlink()
