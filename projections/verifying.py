"""Do the live views say what follows from the log?  Row by row, against views that were folded anew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final, Literal

from events.log import EventLog
from projections.digests import VIEWS, View, projection_of
from projections.replay import Replayed, replay
from projections.runner import Progress
from projections.storing import Live, Store, TablesDiffer
from projections.versioned import Versioned, table_of

LISTED: Final = 20
"""Differences that are named of each table; the others are counted."""

Version = dict[str, Any]
What = Literal["differs", "missing", "surplus"]


@dataclass(frozen=True)
class Difference:
    """A version of a row that the live views and the log do not have alike."""

    view: str
    table: str
    what: What
    """Whether the live view has another content, lacks the version, or has one that the log does not give."""
    key: Any
    from_position: Any
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Of one that differs: the live and the replayed content, by column."""


@dataclass(frozen=True)
class Compared:
    """A live view beside the replayed one."""

    view: str
    position: int
    """How far the live view had followed the log: where both are compared."""
    replayed: str
    """The digest that follows from the log."""
    live: str | None = None
    """The digest that it has; none if it cannot be had."""
    problem: str = ""
    """Why the rows could not be compared, if they could not."""
    differences: tuple[Difference, ...] = ()
    left_out: int = 0
    """How many more differences there are."""

    @property
    def agrees(self) -> bool:
        """Whether the live view says what follows from the log."""
        return self.live == self.replayed and not self.differences and not self.problem


async def verify(
    store: Store, log: EventLog, progress: Progress | None = None
) -> tuple[Replayed, list[Compared]]:
    """The views folded from the whole log, which the caller closes, and the live ones of a store beside them.

    All of the live ones are compared in one state of the database, while writers go on; no view is named if there is no live one yet.
    Raises LogDamaged, LogUnavailable.
    """
    replayed = await replay(log, await log.head(), progress=progress)
    try:
        ended = False
        while (compared := await store.inspect(partial(_compared, replayed, ended=ended))) is None:
            head = await log.head()
            ended = head == replayed.position
            await replayed.go_on(log, head, progress=progress)
    except BaseException:
        replayed.close()
        raise
    return replayed, compared


def _compared(replayed: Replayed, live: Live, *, ended: bool) -> list[Compared] | None:
    """None if a live view has followed events that came in since; unless the log has `ended`, so that there are none."""
    known = live.checkpoints()
    if not known:
        return []
    if not ended and max(position for _, position in known.values()) > replayed.position:
        return None
    return [_view(view, known.get(view.projection), replayed, live) for view in VIEWS]


def _view(
    view: View,
    checkpoint: tuple[int, int] | None,
    replayed: Replayed,
    live: Live,
) -> Compared:
    version, position = checkpoint or (None, replayed.position)
    told = partial(Compared, view.name, position, replayed.digest(view, position))
    if version != projection_of(view).version:
        return told(problem=f"it is of version {version}, not {projection_of(view).version}")
    if position > replayed.position:
        return told(problem=f"it claims a position behind the log's last one, {replayed.position}")
    named, left_out = list[Difference](), 0
    try:
        # The rows of a view of one kind are also the timeline's, and named there.
        for model in view.models if view.kind is None else ():
            found = _differences(view, model, position, replayed, live)
            named += islice(found, LISTED)
            left_out += sum(1 for _ in found)
        digest = live.digest(view, position)
    except TablesDiffer as error:
        return told(problem=f"its tables are not as they should be: {error}")
    return told(digest, differences=tuple(named), left_out=left_out)


def _differences(
    view: View,
    model: type[Versioned],
    position: int,
    replayed: Replayed,
    live: Live,
) -> Iterator[Difference]:
    told = partial(Difference, view.name, table_of(model).name)
    for held, expected in _paired(live.versions(model), replayed.versions(model, position)):
        if not held:
            yield told("missing", expected["key"], expected["from_position"])
        elif not expected:
            yield told("surplus", held["key"], held["from_position"])
        elif columns := {
            name: (held[name], value) for name, value in expected.items() if held[name] != value
        }:
            yield told("differs", held["key"], held["from_position"], columns)


def _paired(
    live: Iterator[Version], expected: Iterator[Version]
) -> Iterator[tuple[Version, Version]]:
    """The versions that two tables have of the same row from the same position on; an empty one where a table has none."""
    one, other = next(live, {}), next(expected, {})
    while one or other:
        if one and (not other or _order(one) < _order(other)):
            yield one, {}
            one = next(live, {})
        elif other and (not one or _order(other) < _order(one)):
            yield {}, other
            other = next(expected, {})
        else:
            yield one, other
            one, other = next(live, {}), next(expected, {})


def _order(version: Version) -> list[tuple[int, Any]]:
    """As SQLite orders values: numbers before texts, and these before bytes."""
    keys = (version["key"], version["from_position"])
    return [(2 if type(key) is bytes else int(type(key) is str), key) for key in keys]
