"""Who looks inside?  Those whom the settings name; the libraries that they need are loaded for them alone."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.settings import Misconfigured, Settings
from api.telemetry import logs
from api.telemetry.sources import Sources
from api.telemetry.work import Observe, Watch

MISSING: Final = (
    "COMMUNIQUE_TRACES needs OpenTelemetry, which is not installed: pip install 'communique[otel]'"
)


class Looking:
    """Those who look, and where what they saw is shown."""

    def __init__(self, settings: Settings, sources: Sources) -> None:
        """Raises Misconfigured."""
        self.routes: list[Route] = []
        observers: list[Observe] = []
        if settings.log_requests:
            observers.append(logs.tell)
        if settings.metrics:
            observers.append(self._counting(sources))
        self.watch = _traced(observers, sources) if settings.traces else Watch(observers)

    def _counting(self, sources: Sources) -> Observe:
        from api.telemetry.metrics import CONTENT_TYPE, Metrics  # noqa: PLC0415 - only for those who count
        from api.telemetry.scrape import Scrape  # noqa: PLC0415 - as above

        counted, scrape = Metrics(), Scrape(sources)

        async def metrics(_: Request) -> Response:
            return Response(counted.page(await scrape.read()), media_type=CONTENT_TYPE)

        self.routes.append(Route("/metrics", metrics))
        return counted.observe


def _traced(observers: Sequence[Observe], sources: Sources) -> Watch:
    try:
        from api.telemetry.traces import Traces  # noqa: PLC0415 - only for those who trace
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("opentelemetry"):
            raise
        raise Misconfigured(MISSING) from None
    return Traces(observers, sources)
