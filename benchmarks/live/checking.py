"""Did everybody get what was due, exactly once, and how long did it take?"""

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.live.appending import NS, Appended
from benchmarks.live.listening import Listeners, Told
from benchmarks.live.trial import FIRST, Trial

Results = Counter[tuple[int, int]]
"""How often there is a result for a (listener, position)."""


def due(trial: Trial, appended: Sequence[Appended]) -> Results:
    """The results that must arrive, once each."""
    wanting: dict[int, list[int]] = {}
    for listener, key in enumerate(trial.wanted):
        wanting.setdefault(key, []).append(listener)
    return Counter(
        (listener, each.position)
        for (key, _), each in zip(trial.appended[FIRST:], appended, strict=True)
        for listener in wanting.get(key, ())
    )


def check(results: Results, listeners: Listeners) -> None:
    """Raises RuntimeError unless these results arrived, and no other."""
    if listeners.broken:
        raise RuntimeError(f"{len(listeners.broken)} subscriptions broke: {listeners.broken[0]}")
    found = Counter((listener, position) for listener, position, _ in listeners.told)
    if found != results:
        missing, more = (results - found).total(), (found - results).total()
        raise RuntimeError(f"of {len(results)} results {missing} are missing, {more} are too many")


def taken(appended: Sequence[Appended], told: Sequence[Told]) -> Iterator[float]:
    """Seconds from the call of each append to each of its results."""
    called = {each.position: each.called for each in appended}
    return ((at - called[position]) / NS for _, position, at in told if position in called)
