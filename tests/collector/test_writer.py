"""The writer against the real engine: repeats, odd records, damaged files."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

from collector import otlp, writer
from collector.config import CollectorConfig
from collector.pipeline import Pipeline
from process_model.config import ModelConfig
from process_model.events import BusinessEvent
from process_model.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_trace(number: int, *, nested: bool = False) -> bytes:
    """A framed request whose one span tells that a quote was accepted."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    text = {"q2c.event": "quote.accepted", "q2c.quote.id": f"Q-{number}"}
    span = resource.scope_spans.add().spans.add(
        trace_id=number.to_bytes(16), span_id=number.to_bytes(8), name="accept"
    )
    span.start_time_unix_nano = span.end_time_unix_nano = int(NOON.timestamp() * 1e9)
    span.attributes.extend(
        KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in text.items()
    )
    if nested:  # the doors never let one through: it stands for what the engine cannot read
        values = [AnyValue(int_value=1)]
        span.attributes.add(key="odd", value=AnyValue(array_value=ArrayValue(values=values)))
    return otlp.frame(request.SerializeToString())


def some_events(count: int, first: int = 0) -> bytes:
    events = (
        BusinessEvent(source="urn:test", id=f"e-{number}", event_time=NOON, received_at=NOON)
        for number in range(first, first + count)
    )
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


def counts(store: Store, table: str) -> dict[str, int]:
    column = {"business_events": "subject", "otel_traces": "TraceId"}.get(table, "reason")
    rows = store.query("rows", f"SELECT {column} AS id, count() AS n FROM {table} GROUP BY id")
    return {row.id: row.n for row in rows}


def test_an_odd_record_is_set_aside_and_the_facts_of_the_others_are_told(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "segment"
    path.write_bytes(b"".join(a_trace(number, nested=number == 3) for number in range(1, 8)))
    for _ in range(2):  # the second time as after a crash before the file was deleted
        writer.store_segment(store, "traces", path, "a-token")
    told = {f"quote:shared:Q-{number}": 1 for number in (1, 2, 4, 5, 6, 7)}
    assert counts(store, "business_events") == told
    assert counts(store, "otel_traces") == {f"{number:032x}": 1 for number in (1, 2, 4, 5, 6, 7)}
    assert counts(store, "rejected_events") == {"refused_by_store": 1}


def test_a_line_that_is_no_event_is_set_aside(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "segment"
    first, second = some_events(2).splitlines(keepends=True)
    path.write_bytes(first + b'{"source": "urn:te\x00\xff\n' + second)
    writer.store_segment(store, "events", path, "a-token")
    rows = store.query("ids", "SELECT id FROM business_events ORDER BY id")
    assert [row.id for row in rows] == ["e-0", "e-1"]
    assert counts(store, "rejected_events") == {"refused_by_store": 1}


def test_the_same_segment_twice_is_stored_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "segment"
    path.write_bytes(some_events(500))
    for _ in range(3):
        writer.store_segment(store, "events", path, "a-token")
    assert store.query("n", "SELECT count() AS n FROM business_events").one().n == 500
    minutes = store.query("n", "SELECT sum(events) AS n FROM source_hours").one()
    assert minutes.n == 500


def test_a_damaged_file_is_told_and_holds_only_itself_up(store: Store, tmp_path: Path) -> None:
    config = CollectorConfig(spool_directory=tmp_path / "spool", reserve_bytes=0, event_seconds=1)
    pipeline = Pipeline(store, config, ModelConfig())
    pipeline.append("traces", a_trace(1))
    pipeline.append("events", some_events(3))
    (damaged,) = (
        segment for segment in pipeline.spool.seal(everything=True) if segment.kind == "traces"
    )
    damaged.path.write_bytes(damaged.path.read_bytes()[:-5])
    assert pipeline.drain(10) is False
    assert [segment.path for segment in pipeline.spool.seal()] == [damaged.path]
    assert damaged.path.name in pipeline.health()[0]
    assert store.query("n", "SELECT count() AS n FROM business_events").one().n == 3
