"""Does a log do what a plain list would, whatever is asked of it?"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from events.log import ANY, Appended, Write
from events.refusals import KeyReused, Malformed, VersionConflict
from tests.logs import PROVENANCE, OpenLog, World, name_of, write

STREAMS = ("actor/a", "actor/b", "actor/a-b")
KEYS = ("", "k", "k2")

streams = st.sampled_from(STREAMS)
writes = st.lists(
    st.tuples(
        streams,
        st.lists(st.sampled_from(["one", "two", "three"]), max_size=3),
        st.sampled_from(["any", "right", "wrong"]),
    ),
    max_size=3,
)


class Log(RuleBasedStateMachine):
    """A log beside a list of what it should hold."""

    def __init__(self, open_log: OpenLog) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.world = World()
        self.log = self.runner.run(self.stack.enter_async_context(open_log(self.world)))
        self.said: list[tuple[str, str]] = []
        self.times: list[str] = []
        self.keys: dict[str, tuple[object, Appended]] = {}

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def version(self, stream: str) -> int:
        return sum(each == stream for each, _ in self.said)

    @rule(drawn=writes, key=st.none() | st.sampled_from(KEYS))
    def append(self, drawn: list[tuple[str, list[str], str]], key: str | None) -> None:
        asked: list[Write] = []
        said: list[tuple[str, str]] = []
        missed = False
        for stream, names, expectation in drawn:
            version = self.version(stream) + sum(each == stream for each, _ in said)
            expected = {"any": ANY, "right": version, "wrong": version + 1}[expectation]
            asked.append(write(stream, *names, expected=expected))
            said += [(stream, name) for name in names]
            missed = missed or expectation == "wrong"
        if not said:
            self.refused(Malformed, asked, key)
        elif key in self.keys and self.keys[key][0] != said:
            self.refused(KeyReused, asked, key)
        elif key in self.keys:
            answer = self.runner.run(self.log.append(asked, PROVENANCE, key))
            assert answer == replace(self.keys[key][1], repeated=True)
        elif missed:
            self.refused(VersionConflict, asked, key)
        else:
            answer = self.runner.run(self.log.append(asked, PROVENANCE, key))
            first = len(self.said) + 1
            assert (answer.first, answer.last) == (first, first + len(said) - 1)
            assert not answer.repeated
            self.said += said
            now = self.world.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            self.times += [max([now, *self.times[-1:]])] * len(said)
            if key is not None:
                self.keys[key] = said, answer

    def refused(self, refusal: type[Exception], asked: list[Write], key: str | None) -> None:
        with pytest.raises(refusal):
            self.runner.run(self.log.append(asked, PROVENANCE, key))

    @rule(seconds=st.integers(-100, 100))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(after=st.integers(0, 30), limit=st.integers(0, 10), some=st.none() | st.sets(streams))
    def read(self, after: int, limit: int, some: set[str] | None) -> None:
        expected = [
            (position, stream, name)
            for position, (stream, name) in enumerate(self.said, 1)
            if position > after and (some is None or stream in some)
        ][:limit]
        records = self.runner.run(self.log.read(after, limit, some))
        assert [(r.position, r.stream, name_of(r)) for r in records] == expected

    @rule(key=st.sampled_from(KEYS))
    def find(self, key: str) -> None:
        found = self.runner.run(self.log.find(key))
        expected = self.keys.get(key)
        assert found == (expected and replace(expected[1], repeated=True))

    @rule(position=st.integers(0, 30))
    def look_up_a_time(self, position: int) -> None:
        if position < len(self.times):
            instant = self.times[position]
            expected = sum(time <= instant for time in self.times)
            assert self.runner.run(self.log.position_at(instant)) == expected

    @invariant()
    def ends_where_it_should(self) -> None:
        assert self.runner.run(self.log.head()) == len(self.said)
        versions = {stream: self.version(stream) for stream in STREAMS}
        assert self.runner.run(self.log.versions(STREAMS)) == versions


@pytest.mark.property
@pytest.mark.timeout(600)
def test_a_log_is_a_list(open_log: OpenLog) -> None:
    usual = settings().max_examples
    machine = partial(Log, open_log)
    run_state_machine_as_test(machine, settings=settings(max_examples=usual // 4))  # type: ignore[arg-type]
