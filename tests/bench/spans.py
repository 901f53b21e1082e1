"""Spans as a stock SDK sends them: resource, events, links, values of every kind."""

import random
from collections.abc import Iterator

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

_CALLS = ("GET /quotes/{id}", "POST /orders", "SELECT quotes", "price quote", "send invoice")
_KINDS = tuple(trace.SpanKind)


class _Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: object) -> SpanExportResult:
        self.spans += spans  # type: ignore[operator]
        return SpanExportResult.SUCCESS


def bodies(spans: int, a_body: int = 500) -> Iterator[bytes]:
    """OTLP requests of the size that batch processors send, from three services."""
    chance, kept = random.Random(11), [_Kept() for _ in range(3)]
    tracers = [
        _tracer(name, keeps) for name, keeps in zip(("cpq", "erp", "billing"), kept, strict=True)
    ]
    for number in range(spans):
        place = number // a_body % 3
        _told(tracers[place], number, chance)
        if len(kept[place].spans) == a_body:
            yield encode_spans(kept[place].spans).SerializeToString()
            kept[place].spans = []


def _tracer(name: str, keeps: _Kept) -> trace.Tracer:
    resource = Resource.create({
        "service.name": name, "service.version": "2.11.0", "host.name": f"{name}-7f9c",
        "process.pid": 4711, "process.command_args": ["python", "-m", name],
        "deployment.environment.name": "production",
    })  # fmt: skip
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(keeps))
    return provider.get_tracer("opentelemetry.instrumentation.flask", "0.60b0")


def _told(tracer: trace.Tracer, number: int, chance: random.Random) -> None:
    parent = None
    if number % 3:
        above = trace.SpanContext(
            chance.getrandbits(128) or 1, chance.getrandbits(64) or 1, False, trace.TraceFlags(1)
        )
        parent = trace.set_span_in_context(trace.NonRecordingSpan(above))
    linked = trace.SpanContext(chance.getrandbits(128) or 1, chance.getrandbits(64) or 1, False)
    links = [trace.Link(linked, {"messaging.batch": number % 7})] if number % 10 == 0 else []
    start = 1_772_442_000_000_000_000 + number * 1_000_003
    span = tracer.start_span(
        _CALLS[number % 5], parent, _KINDS[number % 5], links=links, start_time=start,
        attributes={
            "http.request.method": "POST", "http.response.status_code": 200 + number % 3,
            "url.path": f"/quotes/Q-{number}", "server.address": "cpq.example.com",
            "server.port": 443,
            "cached": number % 2 == 0, "share": number / 7, "retry.count": 0,
        },
    )  # fmt: skip
    if number % 8 == 0:
        span.set_attribute("http.request.header.accept", ["text/html", "application/json"])
    if number % 5 == 0:
        span.add_event(
            "exception", {"exception.type": "Timeout", "exception.escaped": False}, start + 40
        )
    if number % 50 == 0:
        span.set_status(trace.StatusCode.ERROR, "the gateway took too long")
        span.set_attribute("q2c.quote.id", f"Q-{number}")
    span.end(start + 1_000 + chance.randrange(10**8))
