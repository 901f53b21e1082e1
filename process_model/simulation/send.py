"""Sends a story through the real doors: CloudEvents, and spans with the stock OpenTelemetry SDK."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from process_model.errors import ThroughlineError

BATCH = 100


class NotSent(ThroughlineError):
    """The doors did not take the story."""


def send_events(doors: str, events: Sequence[object]) -> int:
    """Post the events; returns how many were accepted, raises ``NotSent`` unless all were."""
    for start in range(0, len(events), BATCH):
        body = json.dumps(events[start : start + BATCH]).encode()
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        try:
            request = urllib.request.Request(f"{doors}/v1/events", body, kind)
            with urllib.request.urlopen(request, timeout=30) as answer:
                if answer.status != 202:
                    raise NotSent(f"{doors} refused some: {answer.read()[:500].decode()}")
        except urllib.error.HTTPError as refused:
            raise NotSent(f"{doors} answered {refused.code}: {refused.read()[:500]!r}") from refused
        except OSError as failed:
            raise NotSent(f"nobody listens at {doors}: start `throughline serve`") from failed
    return len(events)


@dataclass(frozen=True, slots=True)
class Step:
    """One span of a service: what it did, how long, and whether it failed."""

    service: str
    name: str
    seconds: float
    error: str = ""


CREATION = (
    Step("cpq", "POST /quotes/accept", 0.9),
    Step("mulesoft", "quote-to-order flow", 2.4, "upstream_down"),
    Step("sap", "POST /orders", 2.1, "upstream_down"),
)
REPEAT = (
    Step("mulesoft", "quote-to-order flow, attempt 2", 1.8),
    Step("sap", "POST /orders", 1.2),
)


def send_traces(doors: str, accepted_at: datetime, quote: str, order: str) -> list[str]:
    """The failed and the repeated creation of the order, two traces tied by a span link.

    Returns their trace ids; raises ``NotSent`` when the exporter gave up.
    """
    told = InMemorySpanExporter()
    names = {"q2c.quote.id": quote, "q2c.order.id": order}
    first = _trace(told, CREATION, accepted_at, names, None)
    second = _trace(told, REPEAT, accepted_at + timedelta(hours=4), names, first)
    exporter = OTLPSpanExporter(f"{doors}/v1/traces")
    try:
        if exporter.export(told.get_finished_spans()) is not SpanExportResult.SUCCESS:
            raise NotSent(f"{doors}/v1/traces did not take the spans")
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
    return [f"{context.trace_id:032x}" for context in (first, second)]


def _trace(
    told: InMemorySpanExporter,
    steps: Sequence[Step],
    begun: datetime,
    names: dict[str, str],
    after: SpanContext | None,
) -> SpanContext:
    """Each step calls the next; the root is returned, and links to what it repeats."""
    context, opened = None, []
    for depth, step in enumerate(steps):
        provider = TracerProvider(
            resource=Resource({"service.name": step.service}), shutdown_on_exit=False
        )
        provider.add_span_processor(SimpleSpanProcessor(told))
        span = provider.get_tracer("throughline.simulation").start_span(
            step.name,
            context,
            links=[Link(after)] if after and not depth else (),
            attributes=names,
            start_time=_nanoseconds(begun + timedelta(milliseconds=100 * depth)),
        )
        opened.append((span, step))
        context = trace.set_span_in_context(span)
    for span, step in reversed(opened):
        if step.error:
            span.set_attribute("error.type", step.error)
            span.set_status(Status(StatusCode.ERROR, "SAP answered 503"))
        span.end(_nanoseconds(begun + timedelta(seconds=step.seconds)))
    return opened[0][0].get_span_context()


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
