"""What is counted for Prometheus?  How long operations took; what else there is to know is read when somebody asks.

Names of operations are for clients to choose, and each new one would be kept for ever.  So a name is told apart from its second request
on, as long as there are not too many; all others are `other`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from api.telemetry.work import Work

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
NAMES: Final = 100
"""Names of operations that are told apart."""
ONCE: Final = 1_000
"""Names that are remembered for having come once."""
LENGTH: Final = 100
"""Characters that such a name may have."""
NO_OPERATION, NO_NAME, OTHER = "none", "anonymous", "other"
UNCOUNTED: Final = frozenset({"connection", "subscription"})
"""Kinds of work that last as long as the client likes."""
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""


class Metrics:
    """What is counted in this process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "communique_operation_seconds",
            "Seconds that queries, mutations and refused requests took.",
            ("operation", "transport", "outcome"),
            registry=self._registry,
            buckets=BUCKETS,
        )
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._names = Names()

    def observe(self, work: Work, seconds: float) -> None:
        """Count what was done, if it was an operation, or should have been."""
        if work.path == "/graphql" and work.kind not in UNCOUNTED:
            operation = NO_OPERATION if work.kind is None else self._names.label(work.operation)
            self._seconds.labels(operation, work.transport, work.outcome).observe(seconds)

    def page(self, read: Iterable[Metric]) -> bytes:
        """All that was counted, and what was read just now."""
        return generate_latest(_Together(self._registry, read))


class Names:
    """Which names of operations are told apart."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._once: OrderedDict[str, None] = OrderedDict()

    def label(self, name: str | None) -> str:
        """As what an operation is counted."""
        if name is None:
            return NO_NAME
        if name in self._known:
            return name
        if len(self._known) == NAMES or len(name) > LENGTH:
            return OTHER
        if name not in self._once:
            self._once[name] = None
            if len(self._once) > ONCE:
                self._once.popitem(last=False)
            return OTHER
        del self._once[name]
        self._known.add(name)
        return name


class _Together(Collector):
    def __init__(self, counted: Collector, read: Iterable[Metric]) -> None:
        self._counted, self._read = counted, read

    def collect(self) -> Iterator[Metric]:
        yield from self._counted.collect()
        yield from self._read
