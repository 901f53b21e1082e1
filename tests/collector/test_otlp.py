"""OTLP requests as the engine gets them: odd encodings are read as protobuf means them."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from collector import otlp, writer
from process_model.errors import Undecodable
from process_model.store import Store

TRACE, SPAN = bytes(range(16)), bytes(range(8))
HOUR = 1_772_442_000_000_000_000


def request(**members: object) -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    resource = made.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "cpq"
    named = {"trace_id": TRACE, "span_id": SPAN, "name": "n", "start_time_unix_nano": HOUR}
    resource.scope_spans.add().spans.add(**{**named, "end_time_unix_nano": HOUR + 5, **members})
    return made


def stored(store: Store, tmp_path: Path, *records: bytes) -> list[tuple[str, ...]]:
    path = tmp_path / "segment"
    path.write_bytes(b"".join(map(otlp.frame, records)))
    writer.store_segment(store, "traces", path, "token-of-this-test")
    sql = "SELECT TraceId, SpanId, StatusCode, SpanAttributes['a'] FROM otel_traces ORDER BY ALL"
    return [tuple(row) for row in store.query("spans", sql)]


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_frames_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("frames") / "segment"
    path.write_bytes(b"".join(map(otlp.frame, parts)))
    assert list(otlp.records(path)) == parts


@pytest.mark.parametrize("length", [1, 8, 15, 17])
def test_a_trace_id_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Undecodable, match="trace id"):
        otlp.from_protobuf("traces", request(trace_id=b"x" * length).SerializeToString())


def ids(right: int) -> st.SearchStrategy[bytes]:
    """Mostly ids, absent ones among them; some of another length, some that look like tags."""
    odd = st.sampled_from([b"\x12\x08", b"\x22\x08" * 4, b"\x0a\x10" * 9, b"x" * (right - 1)])
    odd |= st.just(b"x" * 16 + b"\x12\x08" + b"x" * 8)  # a trace's and a span's id in one
    usual = st.binary(min_size=right, max_size=right)
    return st.one_of(usual, usual, usual, usual, st.just(b""), odd)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    links = st.builds(Span.Link, trace_id=ids(16), span_id=ids(8), trace_state=st.just("\x0a"))
    return Span(
        trace_id=draw(ids(16)), span_id=draw(ids(8)), parent_span_id=draw(ids(8)),
        trace_state=draw(st.sampled_from(["", "", "\x12\x08", "j\x04\n\x02"])),
        name=draw(st.sampled_from(["", "n", "\x12\x08" * 90, "j" * 20_000])),
        links=draw(st.lists(links, max_size=1)),
    )  # fmt: skip


@given(st.lists(spans(), max_size=4), st.sampled_from(["", "library", "\x12" * 300]))
def test_an_id_of_another_length_is_refused_wherever_it_stands(told: list[Span], by: str) -> None:
    scope = ScopeSpans(scope=InstrumentationScope(name=by), spans=told, schema_url="\x12\x08")
    body = ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(scope_spans=[scope])]
    ).SerializeToString()
    of_traces = [one.trace_id for span in told for one in (span, *span.links)]
    of_spans = [one.span_id for span in told for one in (span, *span.links)]
    of_spans += [span.parent_span_id for span in told]
    if {len(one) for one in of_traces} <= {0, 16} and {len(one) for one in of_spans} <= {0, 8}:
        assert otlp.from_protobuf("traces", body) == (body if told else b"")
    else:
        with pytest.raises(Undecodable, match="id has"):
            otlp.from_protobuf("traces", body)


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05ab", b"{}{"])
def test_bytes_that_are_no_request_are_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        otlp.from_protobuf("traces", body)
    with pytest.raises(Undecodable):
        otlp.from_json("traces", body)


def test_an_empty_request_leaves_nothing_to_store() -> None:
    assert otlp.from_protobuf("traces", b"") == b""
    assert otlp.from_json("logs", b"{}") == b""


def test_a_status_sent_in_two_pieces_is_merged(store: Store, tmp_path: Path) -> None:
    # field 15 twice, first the code and then the message: the engine alone would keep the last only
    pieces = b"\x7a\x02\x18\x02" + b"\x7a\x03\x12\x01m"
    span = request().resource_spans[0].scope_spans[0].spans[0].SerializeToString() + pieces
    scope = b"\x12" + bytes([len(span)]) + span
    resource = b"\x12" + bytes([len(scope)]) + scope
    body = b"\x0a" + bytes([len(resource)]) + resource
    rows = stored(store, tmp_path, otlp.from_protobuf("traces", body))
    assert rows == [(TRACE.hex(), SPAN.hex(), "Error", "")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "\n"}]}}, '[1,"\\n"]'),
        ({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": True}}]}}, '{"k":true}'),
        ({"arrayValue": {"values": [{"doubleValue": 1e21}, {"doubleValue": 0.5}]}}, "[1e+21,0.5]"),
        ({"arrayValue": {"values": [{"doubleValue": "NaN"}]}}, ""),
        ({"doubleValue": 1e-7}, "1e-7"),
        ({"intValue": "-9223372036854775808"}, "-9223372036854775808"),
        ({"boolValue": False}, "false"),
        ({"bytesValue": "AAE="}, "AAE="),
    ],
)
def test_values_become_the_text_that_the_collector_writes(
    store: Store, tmp_path: Path, value: dict[str, object], text: str
) -> None:
    span = {"traceId": TRACE.hex(), "spanId": SPAN.hex(), "startTimeUnixNano": str(HOUR)}
    span |= {"attributes": [{"key": "a", "value": value}]}  # type: ignore[dict-item]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    rows = stored(store, tmp_path, otlp.from_json("traces", body))
    assert rows == [(TRACE.hex(), SPAN.hex(), "Unset", text)]


def test_a_segment_of_spans_over_many_years_is_one_block(store: Store, tmp_path: Path) -> None:
    day = 86_400 * 10**9
    records = [
        otlp.from_protobuf(
            "traces",
            request(
                span_id=struct.pack(">Q", n + 1), start_time_unix_nano=HOUR - n * 9 * day
            ).SerializeToString(),
        )
        for n in range(300)
    ]
    rows = stored(store, tmp_path, *records)
    assert {row[1] for row in rows} == {f"{n + 1:016x}" for n in range(300)}
    assert stored(store, tmp_path, *records) == rows


def nested(text: str) -> AnyValue:
    return AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=text)]))


def values() -> st.SearchStrategy[AnyValue]:
    """What attributes hold; bytes and texts that look like the tags of nested values among them."""
    odd = st.lists(st.sampled_from([b"\x12", b"\x2a", b"\x32", b"\x04", b"\x80\x01"])).map(b"".join)
    return st.one_of(
        odd.map(lambda told: AnyValue(bytes_value=told)),
        odd.map(lambda told: AnyValue(string_value=told.decode("latin-1"))),
        st.text().map(nested),
        st.text().map(
            lambda told: AnyValue(
                kvlist_value=KeyValueList(values=[KeyValue(key=told, value=nested(told))])
            )
        ),
        st.integers(-(2**63), 2**63 - 1).map(lambda told: AnyValue(int_value=told)),
    )


def pairs() -> st.SearchStrategy[list[KeyValue]]:
    one = st.builds(KeyValue, key=st.sampled_from(["", "\x12", "a", "k" * 200]), value=values())
    return st.lists(one, max_size=3)


@given(
    st.lists(st.tuples(pairs(), pairs(), pairs(), st.sampled_from(["", "\x12\x04*"])), max_size=5)
)
def test_no_value_of_a_span_stays_nested_wherever_it_stands(
    told: list[tuple[list[KeyValue], list[KeyValue], list[KeyValue], str]],
) -> None:
    spans = [
        Span(
            trace_id=bytes(16), span_id=bytes(8), name=name, attributes=own,
            events=[Span.Event(name=name, attributes=of_event)],
            links=[Span.Link(trace_id=bytes(16), span_id=bytes(8), attributes=of_link)],
        )
        for own, of_event, of_link, name in told
    ]  # fmt: skip
    scope = ScopeSpans(scope=InstrumentationScope(name="\x12\x04*"), spans=spans)
    asked = ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[scope])])
    ready = otlp.from_protobuf("traces", asked.SerializeToString())
    made = ExportTraceServiceRequest.FromString(ready)
    for resource in made.resource_spans:
        for span in resource.scope_spans[0].spans:
            held = [*span.attributes, *span.events[0].attributes, *span.links[0].attributes]
            kinds = {pair.value.WhichOneof("value") for pair in held}
            assert not kinds & {"array_value", "kvlist_value"}
    assert otlp.row_count("traces", ready) == len(told) if told else ready == b""
