"""From the real doors into the store, with the real SDK exporters, counted by sets of ids."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from collector import pipeline
from collector.config import CollectorConfig
from process_model.config import ModelConfig
from process_model.state import State
from process_model.store import Store

pytestmark = pytest.mark.usefixtures("store")
BATCH = "application/cloudevents-batch+json"


@pytest.fixture
def running(store: Store, state: State, tmp_path: Path) -> Iterator[pipeline.Pipeline]:
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "spool", reserve_bytes=0
    )
    with pipeline.run(store, state, config, ModelConfig()) as collector:
        yield collector


def event(number: int, **members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "urn:system:salesforce:emea",
        "type": "q2c.quote.accepted.v1",
        "subject": f"quote/Q-{number}",
        "time": "2026-03-02T09:00:00Z",
        "data": {"amount": "120.50", "currency": "EUR", "objects": [{"type": "order", "id": "7"}]},
        **members,
    }


def post(port: int, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any], Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, named)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.loads(error.read())


def receipt(port: int, id_: str) -> str:
    address = (
        f"http://127.0.0.1:{port}/v1/events/receipt?source=urn:system:salesforce:emea&id={id_}"
    )
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(json.loads(answer.read())["state"])


def until(found: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def ids(store: Store, table: str = "business_events") -> list[str]:
    return [row.id for row in store.query("ids", f"SELECT id FROM {table} ORDER BY id")]


def test_a_batch_is_answered_item_by_item_and_stored(
    running: pipeline.Pipeline, store: Store
) -> None:
    batch = [event(1), event(2, type="q2c.quote.exploded.v1"), event(3)]
    status, _, answer = post(
        running.http_port, "/v1/events", json.dumps(batch).encode(), Content_Type=BATCH
    )
    assert status == 207
    assert [item["accepted"] for item in answer["events"]] == [True, False, True]
    assert answer["events"][1]["reason"] == "unknown_type"
    assert receipt(running.http_port, "e-1") in ("spooled", "stored")
    until(lambda: ids(store) == ["e-1", "e-3"])
    until(lambda: ids(store, "rejected_events") == ["e-2"])
    assert [receipt(running.http_port, f"e-{n}") for n in (1, 2, 4)] == [
        "stored",
        "rejected",
        "unknown",
    ]
    links = store.query(
        "links", "SELECT links.to_key AS ends FROM business_events WHERE id = 'e-1'"
    )
    assert "order:shared:7" in links.one().ends
    until(lambda: running.spool.waiting_bytes() == 0)


def test_binary_mode_and_dry_run(running: pipeline.Pipeline, store: Store) -> None:
    envelope = event(5)
    data = json.dumps(envelope.pop("data")).encode()
    headers = {f"ce_{name}": value for name, value in envelope.items()}
    headers["Content_Type"] = "application/json"
    status, _, _ = post(running.http_port, "/v1/events?dry_run=1", data, **headers)
    assert status == 200
    assert receipt(running.http_port, "e-5") == "unknown"
    status, _, _ = post(running.http_port, "/v1/events", data, **headers)
    assert status == 202
    until(lambda: ids(store) == ["e-5"])


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"a": NaN}'])
def test_what_is_no_message_is_refused(running: pipeline.Pipeline, body: bytes) -> None:
    kind = "application/cloudevents+json"
    assert post(running.http_port, "/v1/events", body, Content_Type=kind)[0] == 400


@pytest.mark.parametrize("door", ["http", "grpc"])
def test_spans_of_the_sdk_become_rows_and_facts(
    running: pipeline.Pipeline, store: Store, door: str
) -> None:
    exporter: SpanExporter = (
        HttpExporter(
            f"http://127.0.0.1:{running.http_port}/v1/traces", compression=Compression.Gzip
        )
        if door == "http"
        else GrpcExporter(f"127.0.0.1:{running.grpc_port}", insecure=True)
    )
    provider = TracerProvider(resource=Resource.create({"service.name": "cpq"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("accept") as span:
        span.set_attributes({"q2c.event": "quote.accepted", "q2c.quote.id": "Q-9", "codes": [1, 2]})
    with tracer.start_as_current_span("plain"):
        pass
    provider.shutdown()
    context = span.get_span_context()
    wanted = f"{context.trace_id:032x}/{context.span_id:016x}"
    until(lambda: ids(store) == [wanted])
    row = store.query("fact", "SELECT subject, origin, source, type FROM business_events").one()
    assert tuple(row) == ("quote:shared:Q-9", "span", "urn:otel:cpq", "quote.accepted")
    spans = store.query(
        "spans", "SELECT SpanName AS n, SpanAttributes['codes'] AS c FROM otel_traces ORDER BY n"
    )
    assert [tuple(span) for span in spans] == [("accept", "[1,2]"), ("plain", "")]


def test_a_full_spool_asks_senders_to_come_back(store: Store, state: State, tmp_path: Path) -> None:
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "spool", reserve_bytes=2**62
    )
    with pipeline.run(store, state, config, ModelConfig()) as collector:
        status, headers, _ = post(
            collector.http_port,
            "/v1/events",
            json.dumps(event(1)).encode(),
            Content_Type="application/cloudevents+json",
        )
        assert (status, headers["Retry-After"]) == (503, "5")
        assert collector.health()
    assert ids(store) == []


def test_the_doors_tell_their_counters(running: pipeline.Pipeline) -> None:
    body = json.dumps(event(8)).encode()
    kind = "application/cloudevents+json"
    assert post(running.http_port, "/v1/events", body, Content_Type=kind)[0] == 202
    with urllib.request.urlopen(f"http://127.0.0.1:{running.http_port}/metrics") as answer:
        told = answer.read().decode()
    assert 'throughline_accepted_total{kind="events"' in told


def test_the_door_publishes_its_contract(running: pipeline.Pipeline) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.http_port}/v1/events/schema") as answer:
        schema = json.loads(answer.read())
    assert "q2c.quote.accepted.v1" in schema["properties"]["type"]["enum"]


@pytest.mark.parametrize("encoding", ["json", "zstd"])
def test_logs_in_json_and_zstd_become_rows_and_facts(
    running: pipeline.Pipeline, store: Store, encoding: str
) -> None:
    record = {
        "timeUnixNano": "1772442000000000000",
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "eventName": "order.created",
        "body": {"stringValue": "made"},
        "attributes": [{"key": "q2c.order.id", "value": {"stringValue": "4711"}}],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "erp"}}]}
    scope = {"logRecords": [record, {"body": {"stringValue": "just a log"}}]}
    body = json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}).encode()
    headers = {"Content_Type": "application/json"}
    if encoding == "zstd":
        body, headers["Content_Encoding"] = zstandard.compress(body), "zstd"
    status, _, answer = post(running.http_port, "/v1/logs", body, **headers)
    assert (status, answer) == (200, {})
    until(lambda: len(ids(store)) == 1)
    fact = store.query("fact", "SELECT subject, origin, type FROM business_events").one()
    assert tuple(fact) == ("order:shared:4711", "log", "order.created")
    assert store.query("logs", "SELECT count() AS n FROM otel_logs").one().n == 2
