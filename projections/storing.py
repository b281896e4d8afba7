"""Where are the views kept?  The port that the runner works through; each engine keeps it in a file of its own.

Beside the live tables fresh ones can stand, under a prefix, while a rebuild fills them.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from events.record import Recorded
from events.refusals import Refusal
from projections.digests import View
from projections.folding import PROJECTIONS, Projection
from projections.search import Document
from projections.versioned import Row, Versioned, table_of

T = TypeVar("T")
Checkpoints = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Rebuilt:
    """The outcome of a rebuild of one view."""

    view: str
    position: int
    digest: str
    agrees: bool
    """Whether the rows that were live before said the same."""


class ViewsReplaced(Refusal):
    """Another version of the program rebuilt the views and keeps them up; this one can only read them."""

    code = "VIEWS_REPLACED"


class TablesDiffer(Exception):
    """The live tables do not have the form that this program gives them."""


class Live(Protocol):
    """The live tables in one state of the database, read on a thread."""

    def checkpoints(self) -> Checkpoints:
        """(version, position) of every projection that is live, by name."""
        ...

    def digest(self, view: View, position: int) -> str:
        """The canonical digest of a view at a position.  Raises TablesDiffer."""
        ...

    def versions(self, model: type[Versioned]) -> Iterator[Row]:
        """Every version that is in a table, whatever its positions are, in order of key and beginning.

        Without `row_id`; `to_position` of an open one is none.  Raises TablesDiffer.
        """
        ...


class Store(Protocol):
    """The tables of the views, and the locks of those who share them.

    Every method is a transaction of its own.  All raise LogUnavailable, LogDamaged.
    """

    async def create_missing(self) -> None:
        """Make the tables that are missing, and note that they have followed nothing yet."""
        ...

    async def position(self) -> int:
        """How far the live views have followed the log."""
        ...

    async def stale(self) -> list[Projection]:
        """The projections that another version of their fold wrote."""
        ...

    async def advance(self, records: Sequence[Recorded], after: int) -> None:
        """Fold records into the live views, with the checkpoint, if those are at the position before them; else do nothing.

        Raises ViewsReplaced.
        """
        ...

    async def create_fresh(self) -> str:
        """Make fresh tables of all projections, empty, in place of those that were left behind; gives their prefix."""
        ...

    async def fill(self, prefix: str, records: Sequence[Recorded]) -> None:
        """Fold records into fresh tables."""
        ...

    async def compare(
        self, projections: Sequence[Projection], prefix: str, position: int
    ) -> list[Rebuilt]:
        """What fresh tables say at a position, beside the live ones; reading all of both takes a while, in which nobody has to wait."""
        ...

    async def switch(self, projections: Sequence[Projection], prefix: str, position: int) -> bool:
        """Put fresh tables in the place of the live ones, at once, if these are at the same position."""
        ...

    async def inspect(self, look: Callable[[Live], T]) -> T:
        """What is seen when the live tables are looked at, while writers go on."""
        ...

    async def beside(self) -> list[str]:
        """The tables under any prefix: those of a rebuild that goes on, or was cut off."""
        ...

    async def drop(self, names: Sequence[str]) -> None:
        """Drop tables, so that nobody has to wait for long."""
        ...

    def turn(self, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        """Rebuild while nobody else does; who waits is given true, who does not, whether it is so."""
        ...

    def leading(self) -> AbstractAsyncContextManager[Callable[[], Awaitable[bool]]]:
        """Follow the log together with others: gives how to ask whether it is on this process to fold what is new."""
        ...

    @property
    def commits(self) -> int:
        """Grows with every commit: take it, then read, then wait until `changed(since=it)`."""
        ...

    async def changed(self, since: int) -> None:
        """Return when `commits` is no longer `since`; sometimes without a cause, but always."""
        ...


PREFIX: Final = r"^r\d+_(was_)?"
"""What stands before the name of a fresh table, and `WAS` behind it."""
WAS: Final = "was_"
"""Part of the prefix of tables in whose place others were put."""


def tables(projection: Projection) -> list[str]:
    """The names of a projection's tables, the full-text indexes last."""
    names = [table_of(model).name for model in projection.models]
    return [*names, "words", "words_past"] if Document in projection.models else names


def position_of(checkpoints: Checkpoints) -> int:
    """The position that all views have reached, of (version, position) by name."""
    return min(position for _, position in checkpoints.values())


def stale_of(checkpoints: Checkpoints) -> list[Projection]:
    """The projections whose version is not that of this program."""
    return [p for p in PROJECTIONS if p.name in checkpoints and checkpoints[p.name][0] != p.version]


def refuse_stale(checkpoints: Checkpoints) -> None:
    """Raise ViewsReplaced if there are any."""
    if stale := stale_of(checkpoints):
        names = ", ".join(projection.name for projection in stale)
        raise ViewsReplaced(f"another version of the program keeps {names}; this one only reads")
