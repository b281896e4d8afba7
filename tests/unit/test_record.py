"""Is the record canonical, and does it stay what it was?"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from events.appending import End, draft
from events.canonical import canonical, is_canonical
from events.log import Provenance, Write
from events.occurrences import MeetingHeld, Topic
from events.record import Recorded, leaf_hash, verify
from events.refusals import LogDamaged
from events.sqlite_statements import INSERT
from events.vocabulary import AnyEvent, event_of, payload_of, schema_version
from tests.any_event import events
from tests.logs import named, sqlite_log

TEXTS = st.none() | st.text()


@pytest.mark.property
@given(events(), TEXTS, TEXTS, TEXTS, st.text(), st.text())
def test_records_of_every_kind_are_canonical_json(
    event: AnyEvent,
    key: str | None,
    causation: str | None,
    correlation: str | None,
    recorder: str,
    event_id: str,
) -> None:
    provenance = Provenance(recorder, causation, correlation)
    drafted = draft([Write("article/a", [event])], provenance, key, lambda: event_id)
    end = End(7, "2020-12-30T10:00:00.000000Z", {"article/a": 3}, {})
    end.accept(drafted)

    (row,) = end.rows
    envelope: dict[str, Any] = {
        "position": 8,
        "id": event_id,
        "stream": "article/a",
        "version": 4,
        "kind": event.kind,
        "schema_version": schema_version(event.kind),
        "recorded_at": "2020-12-30T10:00:00.000000Z",
        "recorder": recorder,
        "key": key,
        "causation": causation,
        "correlation": correlation,
        "payload": payload_of(event),
    }
    assert row.record == rfc8785.dumps(envelope)
    assert is_canonical(row.record, envelope)
    assert row.leaf == sha256(b"\0" + row.record).digest()
    assert json.loads(row.record) == envelope


@pytest.mark.property
@given(events())
def test_an_event_is_read_as_it_was_written(event: AnyEvent) -> None:
    payload = json.loads(canonical(payload_of(event)))

    assert event_of(event.kind, schema_version(event.kind), payload) == event


@pytest.mark.parametrize(
    "text",
    [
        b"1.0",
        b'{"a":[1e2]}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u0041"',
        b"9007199254740992",
        b"-0",
        b"[" * 600 + b"]" * 600,
    ],
)
def test_what_is_said_in_another_form_is_not_canonical(text: bytes) -> None:
    assert not is_canonical(text, orjson.loads(text))


OLD: dict[str, Any] = {
    "position": 2,
    "id": "00000000-0000-0000-0000-0000000000ff",
    "stream": "article/moscow",
    "version": 1,
    "kind": "MeetingHeld",
    "schema_version": 1,
    "recorded_at": "2020-12-30T10:00:00.000000Z",
    "recorder": "a program of long ago",
    "key": None,
    "causation": None,
    "correlation": None,
    "payload": {
        "ref": "meeting",
        "evidence": [{"exact": "met", "start": 0, "end": 3}],
        "participants": [{"actor": "siala"}, {"actor": "lavrov"}],
        "topics": ["the ceasefire", "elections"],
    },
}


async def test_an_old_version_is_read_in_todays_form_and_stays_as_it_was(tmp_path: Path) -> None:
    record = rfc8785.dumps(OLD)
    row = (2, "article/moscow", 1, "MeetingHeld", OLD["recorded_at"], leaf_hash(record), record)
    async with sqlite_log(tmp_path / "log.db") as log:
        await log.append([Write("actor/a", [named("before")])], Provenance("test"))
        await log._file.write(lambda connection: connection.execute(INSERT, row))
        await log.append([Write("actor/a", [named("after")])], Provenance("test"))

        meeting = (await log.read(streams=["article/moscow"]))[0]

        assert isinstance(meeting.event, MeetingHeld)
        assert meeting.event.topics == (Topic(about="the ceasefire"), Topic(about="elections"))
        assert meeting.record == record
        assert [each.record for each in await log.read(1, 1)] == [record]


@pytest.mark.parametrize(
    "change",
    [
        {"record": b"[]"},
        {"leaf": b""},
        {"version": 2},
        {"stream": "x"},
        {"position": 3},
        {"kind": "StatementMade"},
        {"recorded_at": "2020-12-30T10:00:01.000000Z"},
    ],
)
def test_a_record_that_contradicts_itself_is_damage(change: dict[str, Any]) -> None:
    record = canonical(OLD)
    sound = Recorded(
        2, "article/moscow", 1, "MeetingHeld", OLD["recorded_at"], leaf_hash(record), record
    )
    verify(sound)

    with pytest.raises(LogDamaged):
        verify(sound._replace(**change))


def test_columns_are_those_of_the_envelope_and_not_of_anything_within_the_payload() -> None:
    inner = {"kind": "Other", "payload": {}, "position": 3, "recorded_at": "never", "recorder": ""}
    envelope = {**OLD, "recorder": '","position":3,"', "payload": {"changes": inner}}
    record = canonical(envelope)
    sound = Recorded(
        2, "article/moscow", 1, "MeetingHeld", OLD["recorded_at"], leaf_hash(record), record
    )
    verify(sound)

    for change in ({"kind": "Other"}, {"position": 3, "recorded_at": "never"}):
        with pytest.raises(LogDamaged):
            verify(sound._replace(**change))


def test_a_record_that_is_spelt_otherwise_is_read_by_what_it_means() -> None:
    envelope = {**OLD, "schema_version": 2, "payload": {**OLD["payload"], "topics": []}}
    record = json.dumps(envelope).encode()
    spelt = Recorded(
        2, "article/moscow", 1, "MeetingHeld", OLD["recorded_at"], leaf_hash(record), record
    )
    verify(spelt)

    assert isinstance(spelt.event, MeetingHeld)
