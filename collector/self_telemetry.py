"""The program's own spans and counters: spans go into its own spool, counters to ``/metrics``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from collector import otlp
from collector.intake import Append
from process_model.errors import Overloaded
from process_model.telemetry import SERVICE_NAME


class SpoolExporter(SpanExporter):
    """Hands own spans to the spool as a sender would; drops them when there is no room.

    They must never push a sender's data out, so an overload is not tried again.
    """

    def __init__(self, append: Append) -> None:
        """Take the same ``append`` that the doors use."""
        self._append = append

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Put one batch on disk."""
        try:
            self._append("traces", otlp.frame(encode_spans(spans).SerializeToString()))
        except Overloaded:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


@contextmanager
def run(append: Append) -> Iterator[None]:
    """Give the process its SDK while inside; leaving flushes what is waiting.

    The API takes one provider for the life of a process, so a second run in the same process joins
    the first provider.
    """
    provider = _tracer_provider()
    processor = BatchSpanProcessor(SpoolExporter(append), schedule_delay_millis=2000)
    provider.add_span_processor(processor)
    try:
        yield
    finally:
        processor.shutdown()  # type: ignore[no-untyped-call]


def _tracer_provider() -> TracerProvider:
    current = trace.get_tracer_provider()
    if isinstance(current, TracerProvider):
        return current
    # what the environment says of other programs' resources must not rename our own spans
    resource = Resource({"service.name": SERVICE_NAME})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    trace.set_tracer_provider(provider)
    reader = PrometheusMetricReader()
    metrics.set_meter_provider(MeterProvider([reader], resource=resource, shutdown_on_exit=False))
    return provider
