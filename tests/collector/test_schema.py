"""The published contract speaks the canon; facts of spans keep foreign words for failures."""

from datetime import UTC, datetime
from types import SimpleNamespace

from collector import facts
from collector.schema import event_schema
from process_model.events import BusinessEvent
from process_model.vocabulary import EventType


def test_the_schema_lists_the_whole_canon_and_every_reference_resolves() -> None:
    schema = event_schema()
    properties, definitions = schema["properties"], schema["$defs"]
    assert isinstance(properties, dict)
    assert isinstance(definitions, dict)
    assert len(properties["type"]["enum"]) == len(EventType)
    assert "q2c.quote.accepted.v1" in properties["type"]["enum"]
    assert set(_references(schema)) == {f"#/$defs/{name}" for name in definitions}


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if "$ref" in node else []
    return own + [found for item in node.values() for found in _references(item)]


def test_a_foreign_error_type_is_a_failure_of_class_other() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    row = SimpleNamespace(
        signal="span",
        trace_id="ab" * 16,
        span_id="cd" * 8,
        position=0,
        time=now,
        recorded_at=now,
        service_name="erp",
        name="create order",
        status_code="Error",
        facts={"q2c.event": "order.failed", "q2c.order.id": "7", "error.type": "SocketTimeout"},
    )
    fact = facts._fact(row, {})
    assert isinstance(fact, BusinessEvent)
    assert (fact.error_type, fact.outcome, fact.id) == (
        "other",
        "failure",
        f"{'ab' * 16}/{'cd' * 8}",
    )
    assert fact.fields["error.type"] == "SocketTimeout"
