"""The canonical source: what becomes an event, and what is refused with which words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from collector.envelopes.canonical import translate
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent

RECEIVED = datetime(2026, 3, 5, tzinfo=UTC)


def envelope(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "urn:system:sap:emea",
        "type": "q2c.order.created.v1",
        "subject": "order/4711",
        "time": "2026-03-04T12:00:00.123456789+01:00",
        "data": {
            "objects": [{"type": "quote", "id": "Q-1001"}],
            "amount": "120.50",
            "currency": "EUR",
        },
        **changes,
    }


def event(**changes: Any) -> BusinessEvent:
    return translate(envelope(**changes), received_at=RECEIVED)


def test_an_order_that_names_its_quote_declares_the_link() -> None:
    (link,) = event().links
    assert (link.from_key, link.to_key) == ("quote:shared:Q-1001", "order:shared:4711")
    assert (link.kind, link.evidence, link.basis) == ("flow", "declared", "objects")


def test_times_are_utc_to_the_microsecond() -> None:
    assert event().event_time == datetime(2026, 3, 4, 11, 0, 0, 123456, tzinfo=UTC)


def test_a_missing_time_is_taken_from_the_recorded_one_and_marked() -> None:
    told = event(time=None, recordedtime="2026-03-04T13:00:00Z")
    assert told.event_time_from == "recordedtime"
    assert told.event_time == told.recorded_time
    assert event(time=None).event_time == RECEIVED


def test_two_systems_with_the_same_order_number_keep_it_apart_when_it_is_local() -> None:
    local = {"sap": ["order"]}
    one = translate(envelope(), received_at=RECEIVED, local_types=local)
    two = translate(
        envelope(source="urn:system:oracle:us"),
        received_at=RECEIVED,
        local_types={"oracle": ["order"]},
    )
    assert one.subject == "order:sap:4711"
    assert two.subject == "order:oracle:4711"


def test_the_content_hash_does_not_know_when_we_received_it() -> None:
    later = translate(envelope(), received_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert later.content_hash == event().content_hash
    assert event(subject="order/4712").content_hash != event().content_hash


def test_lines_flow_from_lines_and_their_documents_with_the_amount() -> None:
    line = {
        "id": "10",
        "quantity": "3",
        "unit_price": "40.00",
        "tax": "22.80",
        "from": {"type": "quote_line", "id": "Q-1001/10"},
    }
    links = {
        (link.from_key, link.to_key, link.kind): link
        for link in event(data={"lines": [line]}).links
    }
    whole = links["quote:shared:Q-1001", "order:shared:4711", "flow"]
    assert (whole.amount, whole.basis) == ("142.800000", "lines")
    assert ("quote_line:shared:Q-1001%2F10", "order_line:shared:4711%2F10", "flow") in links
    assert ("order_line:shared:4711%2F10", "order:shared:4711", "part") in links


def test_correlation_and_trace_are_conversations() -> None:
    told = event(
        correlationid="c-1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data={},
    )
    assert [(link.kind, link.evidence, link.to_key.split(":")[0]) for link in told.links] == [
        ("conversation", "declared", "correlation"),
        ("conversation", "derived", "trace"),
    ]


@pytest.mark.parametrize(
    ("changes", "reason", "pointer"),
    [
        ({"id": ""}, "missing_member", "/id"),
        ({"type": "q2c.order.teleported.v1"}, "unknown_type", "/type"),
        ({"subject": "4711"}, "invalid_subject", "/subject"),
        ({"subject": "spaceship/1"}, "unknown_object_type", "/subject"),
        ({"time": "yesterday"}, "invalid_time", "/time"),
        ({"time": "2026-03-04T12:00:00"}, "invalid_time", "/time"),
        ({"time": "2026-02-30T12:00:00Z"}, "invalid_time", "/time"),
        ({"time": "1300-01-01T00:00:00Z"}, "time_out_of_range", "/time"),
        ({"data": []}, "wrong_type", "/data"),
        ({"data": {"amount": "NaN", "currency": "EUR"}}, "invalid_amount", "/data/amount"),
        ({"data": {"amount": "1.1234567", "currency": "EUR"}}, "invalid_amount", "/data/amount"),
        ({"data": {"amount": "1" * 33, "currency": "EUR"}}, "invalid_amount", "/data/amount"),
        ({"data": {"amount": "1"}}, "missing_member", "/data/currency"),
        ({"data": {"amount": "1", "currency": "euro"}}, "invalid_currency", "/data/currency"),
        ({"data": {"attempt": "many"}}, "invalid_number", "/data/attempt"),
        ({"data": {"objects": [{"type": "quote"}]}}, "wrong_type", "/data/objects/0/id"),
        ({"data": {"actor": {"kind": "robot"}}}, "unknown_value", "/data/actor/kind"),
        ({"data": {"segment": {"region": "\ud800"}}}, "invalid_text", "/data/segment/region"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    changes: dict[str, Any], reason: str, pointer: str
) -> None:
    with pytest.raises(Untranslatable) as refusal:
        event(**changes)
    assert (refusal.value.reason, refusal.value.pointer) == (reason, pointer)
