"""Business facts told by spans, span events and log records, as attributes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from collector.envelopes import canonical
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent, Rejected, utc_text
from process_model.store import Store
from process_model.vocabulary import SEGMENTS, ErrorType, EventType, ObjectType

_CANDIDATES = (Path(__file__).parent / "sql" / "candidates_of_segment.sql").read_text()
_KEPT = ("q2c.stage", "q2c.source_system", "error.type")
_PLAIN = ("amount", "currency", "idempotency_key", "due")


def of_segment(
    store: Store, token: str, local_types: Mapping[str, Sequence[str]]
) -> list[BusinessEvent | Rejected]:
    """The facts of a stored segment, or why one is none; the same segment always tells the same."""
    rows = store.query("candidates_of_segment", _CANDIDATES, {"segment": token})
    return of_rows(rows, local_types)


def of_rows(
    rows: Iterable[Any], local_types: Mapping[str, Sequence[str]]
) -> list[BusinessEvent | Rejected]:
    """The facts that rows of ``fact_candidates`` tell; a service's name is its system."""
    return [fact for row in rows if (fact := _fact(row, local_types)) is not None]


def _fact(row: Any, local_types: Mapping[str, Sequence[str]]) -> BusinessEvent | Rejected | None:
    """``None`` when the attributes only name objects, without saying what happened to them."""
    event_type = _event_type(row)
    if not event_type:
        return None
    envelope = _envelope(row, event_type)
    origin: Literal["log", "span"] = "log" if row.signal == "log" else "span"
    try:
        return canonical.translate(
            envelope, received_at=row.recorded_at, origin=origin, local_types=local_types
        )
    except Untranslatable as refused:
        return Rejected(
            source=str(envelope["source"]),
            id=str(envelope["id"]),
            type=str(envelope["type"]),
            door="spans",
            pointer=refused.pointer,
            reason=refused.reason,
            detail=refused.detail,
            payload=msgspec.json.encode(envelope).decode(),
            received_at=row.recorded_at,
        )


def _event_type(row: Any) -> str:
    if named := row.facts.get("q2c.event"):
        return _bare(named)
    bare = _bare(row.name)
    return bare if bare in frozenset(EventType) or row.name.startswith("q2c.") else ""


def _bare(name: str) -> str:
    return name.removeprefix("q2c.").removesuffix(".v1")


def _envelope(row: Any, event_type: str) -> dict[str, object]:
    facts: Mapping[str, str] = row.facts
    objects = [
        {"type": str(type_), "id": facts[f"q2c.{type_}.id"]}
        for type_ in ObjectType
        if facts.get(f"q2c.{type_}.id")
    ]
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "id": f"{row.trace_id}/{row.span_id}" + (f"/{row.position}" if row.position else ""),
        "source": f"urn:otel:{row.service_name}",
        "type": f"q2c.{event_type}.v1",
        "time": utc_text(row.time),
        "data": _data(row, objects),
    }
    if subject := _subject(event_type, objects):
        envelope["subject"] = f"{subject['type']}/{subject['id']}"
    conversation = facts.get("q2c.correlation_id") or facts.get("messaging.message.conversation_id")
    if conversation:
        envelope["correlationid"] = conversation
    span_id = row.span_id.partition("/")[0]
    if row.trace_id and span_id:
        envelope["traceparent"] = f"00-{row.trace_id}-{span_id}-01"
    return envelope


_ABOUT: Mapping[str, tuple[str, ...]] = {
    "approval": (ObjectType.QUOTE, ObjectType.CONTRACT, ObjectType.ORDER),
    "tax": (ObjectType.QUOTE, ObjectType.ORDER, ObjectType.INVOICE),
    "credit": (ObjectType.ORDER, ObjectType.QUOTE),
    "fulfilment": (ObjectType.DELIVERY, ObjectType.ORDER),
    "renewal": (ObjectType.SUBSCRIPTION, ObjectType.CONTRACT, ObjectType.QUOTE),
}
"""What facts are about whose type does not begin with an object's name, the likeliest first."""


def _subject(event_type: str, objects: list[dict[str, str]]) -> dict[str, str] | None:
    """The object the type speaks of, else the first that is named (in the canon's order)."""
    topic = event_type.partition(".")[0]
    kinds = _ABOUT.get(topic, (topic,))
    own = [item for kind in kinds for item in objects if item["type"] == kind]
    others = [item for item in objects if item["type"] not in ("customer", "rule_version")]
    return next(iter(own or others or objects), None)


def _data(row: Any, objects: list[dict[str, str]]) -> dict[str, object]:
    facts: Mapping[str, str] = row.facts
    failed = row.status_code == "Error"
    data: dict[str, object] = {
        "objects": objects,
        "segment": _members(facts, "", SEGMENTS),
        "actor": _members(facts, "actor.", ("kind", "id")),
        "outcome": "failure" if failed else "success",
        "fields": {k: v for k, v in facts.items() if k in _KEPT},
    }
    data |= _members(facts, "", _PLAIN)
    if error_type := facts.get("error.type"):
        # instrumentation names exceptions here; the canon has classes, so the word itself is kept
        known = error_type in frozenset(ErrorType)
        data["error_type"] = error_type if known else ErrorType.OTHER
    if attempt := facts.get("q2c.attempt"):
        data["attempt"] = int(attempt) if attempt.isascii() and attempt.isdigit() else attempt
    if rule := _members(facts, "rule.", ("kind", "id", "version")):
        data["rule"] = rule
    if exception := _members(facts, "exception.", ("id", "class", "owner")):
        data["exception"] = exception
    if sync := _members(facts, "sync.", ("from", "to")):
        data["sync"] = sync
    return data


def _members(facts: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := facts.get(f"q2c.{prefix}{name}"))}
