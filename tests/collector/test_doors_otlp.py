"""OTLP through the real doors: real files, hostile bytes, trouble; everything is answered in time.

The law of every test here, by sets of ids: accepted = stored + deduplicated + rejected.
"""

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import zstandard
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector import pipeline
from collector.config import CollectorConfig
from process_model.config import ModelConfig
from tests.collector.doors import (
    BATCH,
    HOUR,
    JSON,
    LIMIT,
    PROTOBUF,
    STRUCTURED,
    Doors,
    event,
    files,
    open_collector,
    spans,
)  # fmt: skip


@pytest.fixture(scope="module")
def doors(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with open_collector(engine_dsn, tmp_path_factory.mktemp("doors")) as opened:
        yield opened


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("kind", [PROTOBUF, JSON])
def test_every_encoding_of_a_trace_is_stored_and_answered_with_nothing_unset(
    doors: Doors, kind: str, encoding: str
) -> None:
    number = uuid.uuid4().int >> 65
    body = spans(number).SerializeToString()
    if kind == JSON:
        span = {"traceId": f"{number:032X}", "spanId": f"{number:016x}", "name": "n"}
        span |= {"startTimeUnixNano": str(HOUR), "endTimeUnixNano": HOUR, "unknown": [1], "kind": 2}
        body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    packed = {"identity": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[encoding](body)
    status, headers, answer = doors.post("/v1/traces", packed, kind, Content_Encoding=encoding)
    assert (status, headers["Content-Type"]) == (200, kind)
    # partial_success is unset on success: empty bytes, an empty object
    assert answer.strip() == (b"{}" if kind == JSON else b"")
    doors.drained()
    wanted = "SELECT SpanId FROM otel_traces WHERE TraceId = {id:String}"
    assert doors.column(wanted, id=f"{number:032x}") == {f"{number:016x}"}


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_grpc_takes_traces_and_logs_plain_and_compressed(doors: Doors, compression: Any) -> None:
    number = uuid.uuid4().int >> 65
    assert doors.export("traces", spans(number).SerializeToString(), compression) == b""
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add(trace_id=number.to_bytes(16))
    record.body.string_value, record.time_unix_nano = "said", HOUR
    assert doors.export("logs", logs.SerializeToString(), compression) == b""
    doors.drained()
    for table in ("otel_traces", "otel_logs"):
        sql = f"SELECT TraceId FROM {table} WHERE TraceId = {{id:String}}"
        assert doors.column(sql, id=f"{number:032x}") == {f"{number:032x}"}


def test_the_files_of_others_are_stored_or_refused_and_the_doors_go_on(doors: Doors) -> None:
    paths = files("otlp", "*/*.json", "*/*/*.json")
    sent: dict[str, set[str]] = {"traces": set(), "logs": set()}
    answers = set()
    for path in paths:
        document = json.loads(path.read_text())
        for signal in sent:
            status, _, _ = doors.post(f"/v1/{signal}", path.read_bytes(), JSON)
            answers.add(status)
            if status == 200 and isinstance(document, dict):
                sent[signal] |= span_ids(document)
    assert answers == {200, 400}  # Zipkin's files are arrays: no request of OTLP
    assert len(sent["traces"]) > 20
    doors.drained()
    assert sent["traces"] <= doors.column("SELECT concat(TraceId, '/', SpanId) FROM otel_traces")
    status, _, _ = doors.post("/v1/metrics", paths[0].read_bytes(), JSON)
    assert status == 200


def span_ids(document: dict[str, Any]) -> set[str]:
    return {
        f"{span['traceId']}/{span['spanId']}".lower()
        for resource in document.get("resourceSpans", [])
        for scope in resource.get("scopeSpans", [])
        for span in scope.get("spans", [])
    }


@pytest.mark.parametrize("field", ["trace_id", "span_id", "parent_span_id"])
def test_an_id_of_a_wrong_length_is_refused_on_both_doors(doors: Doors, field: str) -> None:
    request = spans(7)
    setattr(request.resource_spans[0].scope_spans[0].spans[0], field, b"abc")
    status, _, answer = doors.post("/v1/traces", request.SerializeToString(), PROTOBUF)
    assert (status, Status.FromString(answer).code) == (400, 3)
    with pytest.raises(grpc.RpcError) as refused:
        doors.export("traces", request.SerializeToString())
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]


BOMB = b"\0" * (200 * 2**20)


@pytest.mark.parametrize(
    ("body", "headers", "wanted"),
    [
        pytest.param(gzip.compress(BOMB, 1), {"Content_Encoding": "gzip"}, 413, id="gzip bomb"),
        pytest.param(zstandard.compress(BOMB), {"Content_Encoding": "zstd"}, 413, id="zstd bomb"),
        pytest.param(b"x" * (LIMIT + 1), {}, 413, id="too long"),
        pytest.param(
            gzip.compress(b"x" * 99)[:-9], {"Content_Encoding": "gzip"}, 400, id="cut gzip"
        ),
        pytest.param(
            zstandard.compress(bytes(range(256)) * 9)[:-9], {"Content_Encoding": "zstd"}, 400,
            id="cut zstd",
        ),
        pytest.param(b"no gzip", {"Content_Encoding": "gzip"}, 400, id="no gzip"),
        pytest.param(b"{}", {"Content_Encoding": "br"}, 415, id="unknown encoding"),
        pytest.param(b"[" * 100_000, {}, 400, id="nested without end"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, {}, 400, id="nested objects"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/events"])
def test_what_is_too_large_or_no_message_is_refused_in_the_protocols_words(
    doors: Doors, path: str, body: bytes, headers: dict[str, str], wanted: int
) -> None:
    status, _, _ = doors.post(path, body, JSON, **headers)
    assert status == wanted
    assert doors.post("/v1/events?dry_run=1", b"[]", BATCH)[0] == 200


def test_a_grpc_message_over_the_limit_is_refused_and_the_door_goes_on(doors: Doors) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        doors.export("traces", bytes(LIMIT * 4), grpc.Compression.Gzip)
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
    assert doors.export("traces", b"") == b""


def test_deep_protobuf_is_refused(doors: Doors) -> None:
    request = spans(9)
    value = request.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="deep").value
    for _ in range(45):
        value = value.array_value.values.add()
    body = request.SerializeToString()
    assert doors.post("/v1/traces", body, PROTOBUF)[0] in (200, 400)
    with pytest.raises(grpc.RpcError):
        doors.export("traces", b"\x0a\x06\x12\x04\x12\x02\x4a\xff")


def test_trouble_is_unavailable_with_a_time_to_come_back(tmp_path: Path, doors: Doors) -> None:
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "full", reserve_bytes=2**62
    )
    with pipeline.open_doors(config, ModelConfig()) as full:
        there = Doors(full, doors.store)
        status, headers, answer = there.post("/v1/traces", spans(1).SerializeToString(), PROTOBUF)
        assert (status, headers["Retry-After"], Status.FromString(answer).code) == (503, "5", 14)
        with pytest.raises(grpc.RpcError) as refused:
            there.export("traces", spans(1).SerializeToString())
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
        trailing = dict(refused.value.trailing_metadata())  # type: ignore[attr-defined]
        assert b"RetryInfo" in trailing["grpc-status-details-bin"]
        status, headers, _ = there.post("/v1/events", json.dumps(event("e")).encode(), STRUCTURED)
        assert (status, headers["Retry-After"]) == (503, "5")


def test_samples_of_undecodable_input_are_kept_few_and_browsable(doors: Doors) -> None:
    for number in range(40):
        assert doors.post("/v1/events", b'{"broken": %d' % number, STRUCTURED)[0] == 400
    assert doors.post("/v1/traces", b"\xff" * 10_000, PROTOBUF)[0] == 400
    doors.drained()
    rows = doors.store.query(
        "samples",
        "SELECT door, count() AS kept, max(length(payload)) AS longest, any(detail) AS detail"
        " FROM rejected_events WHERE reason = 'undecodable' GROUP BY door",
    )
    kept = {row.door: row for row in rows}
    assert set(kept) >= {"events_http", "otlp_http"}
    assert max(row.kept for row in kept.values()) <= 20
    assert max(row.longest for row in kept.values()) <= 6_000
    assert "a sample: " in kept["events_http"].detail


def test_naughty_strings_in_spans_come_back_as_they_were(doors: Doors) -> None:
    (path,) = files("fuzz", "blns/blns.json")
    strings = json.loads(path.read_text())
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "naughty"
    for number, text in enumerate(strings):
        span = resource.scope_spans.add().spans.add(name=text, trace_state=text)
        span.trace_id, span.span_id = (2**90 + number).to_bytes(16), (number + 1).to_bytes(8)
        span.start_time_unix_nano = span.end_time_unix_nano = HOUR
        span.attributes.add(key=text).value.string_value = text
        span.attributes.add(key="q2c.quote.id").value.string_value = text
        span.attributes.add(key="q2c.event").value.string_value = "quote.accepted"
        span.events.add(name=text, time_unix_nano=HOUR)
    assert doors.export("traces", request.SerializeToString()) == b""
    doors.drained()
    rows = doors.store.query(
        "spans", "SELECT SpanName AS name, SpanAttributes AS a FROM otel_traces"
        " WHERE ServiceName = 'naughty'",
    )  # fmt: skip
    assert sorted(row.name for row in rows) == sorted(strings)
    assert all(row.a[row.name] == row.name for row in rows)
    told = {f"{2**90 + number:032x}/{number + 1:016x}" for number in range(len(strings))}
    got = doors.column("SELECT id FROM business_events WHERE origin = 'span'")
    kept = doors.column("SELECT id FROM rejected_events WHERE door = 'spans'")
    assert told <= got | kept


def test_random_bytes_never_end_a_door(doors: Doors) -> None:
    good = spans(3, 3, **{"q2c.event": "quote.accepted"}).SerializeToString()
    dice = random.Random(7)
    answers = set()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(dice.randrange(1, 6)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        answers.add(doors.post("/v1/traces", bytes(body), PROTOBUF)[0])
    text = json.dumps(event("mutant")).encode()
    for _ in range(300):
        body = bytearray(text)
        for _ in range(dice.randrange(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        answers.add(doors.post("/v1/events", bytes(body), STRUCTURED)[0])
    assert answers <= {200, 202, 400, 422}
    doors.drained()
    assert doors.collector.health() == []
