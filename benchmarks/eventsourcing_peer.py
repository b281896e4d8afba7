"""How does the library `eventsourcing` append the same events to the same server?

As its documentation has it: an event store with a JSON transcoder over its recorder for PostgreSQL, connections pooled, statements prepared
and pipelined; or, faster, by the function in the database that it can make.  A thread for each caller, since it is synchronous.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from eventsourcing.domain import DomainEvent  # type: ignore[import-not-found]  # python_peers.py
from eventsourcing.persistence import (  # type: ignore[import-not-found]
    DatetimeAsISO,
    EventStore,
    JSONTranscoder,
    Mapper,
    UUIDAsHex,
)
from eventsourcing.postgres import (  # type: ignore[import-not-found]
    PostgresApplicationRecorder,
    PostgresDatastore,
)
from psycopg.conninfo import conninfo_to_dict  # type: ignore[import-not-found]

from benchmarks.append import EVENTS
from events.postgres import CONNECTIONS

PATIENCE: Final = 60.0
"""Seconds that a thread may wait for a connection."""
PAYLOADS: Final = [event.model_dump(mode="json") for event in EVENTS]


@dataclass(frozen=True)
class Reported(DomainEvent):  # type: ignore[misc]
    """An event with the same content as the log's."""

    report: dict[str, Any]


class Peer:
    """A store of the library; who is done with it closes it."""

    def __init__(self, url: str, *, functions: bool) -> None:
        """`functions`: write by a function in the database, which does not lock the table."""
        given = {"host": "", "port": 5432, "user": "", "password": "", **conninfo_to_dict(url)}
        datastore = PostgresDatastore(
            **{name: given[name] for name in ("dbname", "host", "port", "user", "password")},
            connect_timeout=PATIENCE,
            pool_size=CONNECTIONS,
            enable_db_functions=functions,
        )
        self._closing = ExitStack()
        self._closing.callback(datastore.close)
        name = f"stored_events_{'functions' if functions else 'pipeline'}"
        self.recorder = PostgresApplicationRecorder(datastore, events_table_name=name)
        self.recorder.create_table()
        transcoder = JSONTranscoder()
        transcoder.register(UUIDAsHex())
        transcoder.register(DatetimeAsISO())
        self._store = EventStore(Mapper(transcoder), self.recorder)
        self._streams: list[UUID] = [uuid4() for _ in range(64)]
        self._versions = Counter[UUID]()
        """Of each stream, which its callers know, as they would from an aggregate that they keep."""

    def append(self, number: int, size: int) -> None:
        """The call with a number: so many events, of one stream, at the version that is expected."""
        stream = self._streams[number % len(self._streams)]
        payloads = PAYLOADS[:size] if size > 1 else [PAYLOADS[number % len(PAYLOADS)]]
        version = self._versions[stream]
        self._store.put(
            [
                Reported(stream, version + n, DomainEvent.create_timestamp(), payload)
                for n, payload in enumerate(payloads, 1)
            ]
        )
        self._versions[stream] += len(payloads)

    def round(self, callers: int, calls: int, size: int) -> Callable[[], None]:
        """What makes so many calls from so many threads, which are there already."""
        threads = self._closing.enter_context(ThreadPoolExecutor(callers))

        def caller(first: int) -> None:
            for number in range(first, calls, callers):
                self.append(number, size)

        def work() -> None:
            for _ in threads.map(caller, range(callers)):
                pass

        return work

    def close(self) -> None:
        self._closing.close()
