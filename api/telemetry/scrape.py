"""How does this process stand now?  Read when Prometheus asks, so that nothing is kept up to date for nobody."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from api.readiness import PATIENCE, lag
from api.telemetry.sources import Sources
from events.refusals import Refusal
from events.sqlite import SqliteFile


@dataclass(frozen=True)
class Scrape:
    """What can be read now."""

    sources: Sources

    async def read(self) -> list[Metric]:
        """All of it; where the log cannot be read, what does not need it."""
        ready = not await self.sources.readiness.hindrance()
        at_hand = [
            _gauge("ready", "Whether /readyz answers 200.", ready),
            *self._clients(),
            *self._reads(),
            *self._pool(),
        ]
        try:
            async with asyncio.timeout(PATIENCE):
                return [*at_hand, *await self._positions()]
        except (Refusal, TimeoutError):
            return at_hand

    async def _positions(self) -> list[Metric]:
        log, reached = self.sources.system.log, await self.sources.system.views.checkpoints()
        head = await log.head()
        behind = {name: max(head - position, 0) for name, position in reached.items()}
        seconds = {position: await lag(log, position) for position in set(reached.values())}
        since = {name: seconds[position] for name, position in reached.items()}
        each = "projection"
        return [
            _gauge("log_position", "Position of the last event in the log.", head),
            _gauges(
                "projection_position",
                "The last position that a projection reflects.",
                each,
                reached,
            ),
            _gauges(
                "projection_lag_positions",
                "How many positions a projection is behind the log.",
                each,
                behind,
            ),
            _gauges(
                "projection_lag_seconds",
                "Seconds since the first event was recorded that a projection lacks.",
                each,
                since,
            ),
        ]

    def _clients(self) -> Iterator[Metric]:
        opened = self.sources.connections.open
        by_transport = {"websocket": opened["websocket"], "sse": opened["http"]}
        what = "WebSockets and event streams that are open."
        yield _gauges("connections_open", what, "transport", by_transport)
        yield _gauge(
            "subscriptions_open", "Subscriptions that run.", len(self.sources.operations.listeners)
        )
        gaps = self.sources.operations.listeners.gaps
        yield _counters("gaps_sent", "Gaps that subscribers were told.", "reason", gaps)

    def _reads(self) -> Iterator[Metric]:
        hits, misses, entries = Counter[str](), Counter[str](), Counter[str]()
        for name, cache in self.sources.operations.caches:
            hits[name] += cache.hits
            misses[name] += cache.misses
            entries[name] += len(cache)
        yield _counters("cache_hits", "What was found in a cache.", "cache", hits)
        yield _counters("cache_misses", "What was not found in a cache.", "cache", misses)
        yield _gauges("cache_entries", "What a cache holds.", "cache", entries)
        statements = self.sources.operations.statements
        yield _counter("statements", "Statements that read views.", statements)

    def _pool(self) -> Iterator[Metric]:
        if not isinstance(self.sources.system.file, SqliteFile):
            opened, used = self.sources.system.file.connections
            by_use = {"used": used, "idle": opened - used}
            what = "Connections to PostgreSQL that are open."
            yield _gauges("postgres_connections", what, "state", by_use)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"communique_{name}", what, value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"communique_{name}", what, value)


def _gauges(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    return _filled(GaugeMetricFamily(f"communique_{name}", what, labels=(label,)), values)


def _counters(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    return _filled(CounterMetricFamily(f"communique_{name}", what, labels=(label,)), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, float]) -> Metric:
    for label, value in values.items():
        family.add_metric((label,), value)
    return family
