import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector import self_telemetry
from process_model import telemetry
from process_model.errors import Overloaded


def unframed(record: bytes) -> ExportTraceServiceRequest:
    start = next(place for place, byte in enumerate(record) if byte < 0x80) + 1
    return ExportTraceServiceRequest.FromString(record[start:])


def test_own_spans_reach_the_spool_under_the_programs_own_name() -> None:
    spooled: list[tuple[str, bytes]] = []
    with self_telemetry.run(lambda kind, record: spooled.append((kind, record))):
        with telemetry.traced("take a test", rows=3):
            pass
        with pytest.raises(ValueError, match="on purpose"), telemetry.traced("fail a test"):
            raise ValueError("on purpose")
    requests = [unframed(record) for kind, record in spooled if kind == "traces"]
    resources = [resource for request in requests for resource in request.resource_spans]
    names = {a.value.string_value for r in resources for a in r.resource.attributes}
    spans = [span for r in resources for scope in r.scope_spans for span in scope.spans]
    assert names == {"throughline"}
    assert {span.name: span.status.code for span in spans} == {"take a test": 0, "fail a test": 2}


def test_counters_are_exposed_with_what_they_counted() -> None:
    with self_telemetry.run(lambda kind, record: None):
        telemetry.count_accepted("events", 5)
        telemetry.count_refused("otlp_http", "overloaded")
        shown = telemetry.exposition().decode().splitlines()
    accepted = [line for line in shown if line.startswith("throughline_accepted_total{")]
    assert any('kind="events"' in line and float(line.split()[-1]) >= 5 for line in accepted)
    refused = [line for line in shown if line.startswith("throughline_refused_total{")]
    assert any('door="otlp_http"' in line and 'reason="overloaded"' in line for line in refused)


def test_own_spans_are_dropped_when_the_spool_has_no_room() -> None:
    def full(kind: str, record: bytes) -> None:
        raise Overloaded("no room")

    with self_telemetry.run(full), telemetry.traced("must not raise"):
        pass
