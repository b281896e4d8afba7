"""Where does the time of a request go?  Spans of OpenTelemetry, sent by OTLP over HTTP to where the variables `OTEL_…` say.

What is traced is wrapped when the server is composed: where nobody traces, nothing is in the way.  A span has the text of a statement, and
neither its values nor what an exception says.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import Any, Final

from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from api.telemetry.sources import Sources
from api.telemetry.work import PROBES, SHOWN, Observe, Watch, Work

Attributes = Mapping[str, str | int]

NAME: Final = "communique"
CARRIERS: Final = frozenset({b"traceparent", b"tracestate"})
"""The headers that name the trace which a request belongs to: https://www.w3.org/TR/trace-context/."""
FLUSH: Final = 3.0
"""Seconds after which it is not tried again, in the end, to send what was not sent yet."""


class Traces(Watch):
    """Traces what is done, besides telling it to those who observe."""

    def __init__(self, observers: Sequence[Observe], sources: Sources) -> None:
        super().__init__(observers)
        self._exporter = OTLPSpanExporter()
        self._provider = _provider(self._exporter)
        self._tracer = self._provider.get_tracer(NAME)
        system = sources.system
        engine = "postgresql" if system.settings.database is None else "sqlite"
        for reading in sources.operations.readings:
            self._trace(reading._validator, "_validated", "parse and validate")
            self._trace(reading, "_plan_of", "plan")
            self._trace(
                reading._reader,
                "run",
                "statement",
                lambda plan, _: {"db.system.name": engine, "db.query.text": plan.sql},
            )
        self._trace(system.log, "append", "append")
        self._trace(
            system.views._store,
            "advance",
            "fold",
            lambda records, after: {
                "communique.after": after,
                "communique.events": len(records),
            },
        )

    @contextmanager
    def over(self, work: Work, scope: Scope | None = None) -> Iterator[None]:
        if work.path in PROBES:
            with super().over(work, scope):
                yield
            return
        parent = _parent(scope) if scope else None
        if work.kind == "connection":  # it may last for days; its operations have spans
            token = attach(parent or Context())
            try:
                with super().over(work, scope):
                    yield
            finally:
                detach(token)
            return
        with self._span(work.transport, context=parent, kind=SpanKind.SERVER) as span:
            try:
                with super().over(work, scope):
                    yield
            finally:
                _describe(span, work)

    async def close(self) -> None:
        giving_up = asyncio.get_running_loop().call_later(FLUSH, self._exporter.shutdown)
        await asyncio.to_thread(self._provider.shutdown)
        giving_up.cancel()

    def _trace(
        self, of: Any, method: str, name: str, about: Callable[..., Attributes] = lambda *_: {}
    ) -> None:
        """Make each call of a method a span; `about` makes its attributes of the arguments."""
        plain = getattr(of, method)

        async def awaited(*arguments: Any) -> Any:
            with self._span(name, attributes=about(*arguments)):
                return await plain(*arguments)

        def called(*arguments: Any) -> Any:
            with self._span(name, attributes=about(*arguments)):
                return plain(*arguments)

        setattr(of, method, awaited if iscoroutinefunction(plain) else called)

    @contextmanager
    def _span(self, name: str, **more: Any) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False, **more
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_status(StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                raise


def _provider(exporter: OTLPSpanExporter) -> TracerProvider:
    ours = Resource.create({"service.name": NAME}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=ours, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _parent(scope: Scope) -> Context:
    """The span of the client that asked, if it told one."""
    carrier = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in CARRIERS
    }
    return TraceContextTextMapPropagator().extract(carrier, Context())


def _describe(span: Span, work: Work) -> None:
    if work.kind:
        name = (work.operation or "")[:SHOWN]
        span.update_name(f"{work.kind} {name}".rstrip())
        span.set_attribute("graphql.operation.type", work.kind)
        span.set_attribute("graphql.operation.name", name)
    if work.status:
        span.set_attribute("http.response.status_code", work.status)
    span.set_attribute("url.path", work.path[:SHOWN])
    span.set_attribute("communique.request_id", work.id)
    span.set_attribute("communique.outcome", work.outcome)
    if work.outcome == "failed":
        span.set_status(StatusCode.ERROR)
