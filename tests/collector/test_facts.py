"""Facts that spans tell, by contract 6: identity, time, outcome, and what they are about."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector import facts, otlp, writer
from process_model.events import BusinessEvent, Rejected
from process_model.store import Store

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def attributes(values: dict[str, str]) -> list[KeyValue]:
    return [KeyValue(key=name, value=AnyValue(string_value=v)) for name, v in values.items()]


def span(seconds: int = 30, *, failed: bool = False, **more: str) -> Span:
    named = {name.replace("__", "."): value for name, value in more.items()}
    return Span(
        trace_id=bytes.fromhex(TRACE),
        span_id=bytes.fromhex(SPAN),
        name="work",
        start_time_unix_nano=nanoseconds(START),
        end_time_unix_nano=nanoseconds(START + timedelta(seconds=seconds)),
        attributes=attributes(named),
        status=Status(code=Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_OK),
    )


def told(store: Store, tmp_path: Path, *spans: Span) -> list[Any]:
    """Store the spans as one segment and ask for their facts."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.extend(attributes({"service.name": "cpq"}))
    resource.scope_spans.add().spans.extend(spans)
    path = tmp_path / "segment"
    path.write_bytes(otlp.frame(otlp.from_protobuf("traces", request.SerializeToString())))
    writer.store_segment(store, "traces", path, "0" * 32)
    return facts.of_segment(store, "0" * 32, {})


def test_a_span_tells_its_fact_when_it_ends(store: Store, tmp_path: Path) -> None:
    (fact,) = told(
        store, tmp_path, span(q2c__event="quote.accepted", q2c__quote__id="Q-9", q2c__region="EMEA")
    )
    assert isinstance(fact, BusinessEvent)
    assert (fact.id, fact.source) == (f"{TRACE}/{SPAN}", "urn:otel:cpq")
    assert (fact.type, fact.subject) == ("quote.accepted", "quote:shared:Q-9")
    assert fact.event_time == START + timedelta(seconds=30)
    assert (fact.outcome, fact.origin, fact.region) == ("success", "span", "EMEA")
    assert (fact.trace_id, fact.span_id) == (TRACE, SPAN)


def test_a_failed_span_tells_a_failure_with_its_class(store: Store, tmp_path: Path) -> None:
    failed = {"q2c.event": "sync.failed", "q2c.order.id": "7", "error.type": "timeout"}
    one = span(failed=True)
    one.attributes.extend(attributes(failed))
    (fact,) = told(store, tmp_path, one)
    assert isinstance(fact, BusinessEvent)
    assert (fact.outcome, fact.error_type) == ("failure", "timeout")


def test_events_of_a_span_are_facts_of_their_own_by_their_place(
    store: Store, tmp_path: Path
) -> None:
    one = span()
    for number, name in enumerate(["q2c.order.created", "cache.missed", "order.booked"]):
        event = one.events.add()
        event.name = name
        event.time_unix_nano = nanoseconds(START + timedelta(seconds=number))
        event.attributes.extend(attributes({"q2c.order.id": "4711"}))
    found = told(store, tmp_path, one)
    assert {(fact.id, fact.type, fact.event_time) for fact in found} == {
        (f"{TRACE}/{SPAN}/1", "order.created", START),
        (f"{TRACE}/{SPAN}/3", "order.booked", START + timedelta(seconds=2)),
    }


def test_a_span_that_only_names_documents_tells_nothing(store: Store, tmp_path: Path) -> None:
    assert told(store, tmp_path, span(q2c__quote__id="Q-9")) == []


def test_a_fact_outside_the_canon_is_kept_as_rejected(store: Store, tmp_path: Path) -> None:
    (refused,) = told(store, tmp_path, span(q2c__event="order.teleported", q2c__order__id="7"))
    assert isinstance(refused, Rejected)
    assert (refused.reason, refused.id) == ("unknown_type", f"{TRACE}/{SPAN}")


@pytest.mark.parametrize(
    ("event_type", "subject"),
    [
        ("quote.accepted", "quote/Q-1"),
        ("order.created", "order/O-1"),
        ("approval.granted", "quote/Q-1"),
        ("tax.calculated", "quote/Q-1"),
        ("credit.checked", "order/O-1"),
        ("fulfilment.shipped", "order/O-1"),
        ("customer.changed", "customer/C-1"),
        ("exception.raised", "opportunity/P-1"),
    ],
)
def test_a_fact_is_about_the_document_its_type_speaks_of(event_type: str, subject: str) -> None:
    names = {"customer": "C-1", "opportunity": "P-1", "quote": "Q-1", "order": "O-1"}
    objects = [{"type": kind, "id": id_} for kind, id_ in names.items()]
    found = facts._subject(event_type, objects)
    assert found is not None
    assert f"{found['type']}/{found['id']}" == subject
