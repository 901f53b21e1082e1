"""The wire contract of business events as JSON Schema, made from the canon itself."""

from enum import StrEnum

from process_model.vocabulary import SEGMENTS, ActorKind, ErrorType, EventType, ObjectType, Outcome

_TEXT: dict[str, object] = {"type": "string"}
_TIME: dict[str, object] = {"type": "string", "format": "date-time"}
_AMOUNT: dict[str, object] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$"}
_OBJECT: dict[str, object] = {"$ref": "#/$defs/object"}


def event_schema() -> dict[str, object]:
    """What ``POST /v1/events`` understands; members it does not name are kept, not refused."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Throughline business event, a CloudEvents 1.0 event",
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "minLength": 1},
            "type": {"enum": [f"q2c.{event_type}.v1" for event_type in EventType]},
            "subject": {"type": "string", "pattern": f"^({'|'.join(ObjectType)})/.+$"},
            "time": _TIME,
            "recordedtime": _TIME,
            **dict.fromkeys(("sequence", "correlationid", "causationid", "traceparent"), _TEXT),
            "data": {"$ref": "#/$defs/data"},
        },
        "$defs": {"object": _object(), "data": _data()},
    }


def _object() -> dict[str, object]:
    return {
        "type": "object",
        "required": ["type", "id"],
        "properties": {
            "type": _one_of(ObjectType),
            "id": {"type": "string", "minLength": 1, "maxLength": 512},
            "system": _TEXT,
            "qualifier": _TEXT,
        },
    }


def _data() -> dict[str, object]:
    return {
        "type": "object",
        "properties": {
            "objects": {"type": "array", "items": _OBJECT},
            "links": {"type": "array", "items": _link()},
            "segment": _members(*SEGMENTS),
            "amount": _AMOUNT,
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "actor": {"type": "object", "properties": {"kind": _one_of(ActorKind), "id": _TEXT}},
            "outcome": _one_of(Outcome),
            "error_type": {"enum": [*ErrorType, None]},
            "attempt": {"type": "integer", "minimum": 0},
            "idempotency_key": _TEXT,
            "sync": {
                "type": "object",
                "properties": {"from": _TEXT, "to": _TEXT, "object": _OBJECT},
            },
            "exception": _members("id", "class", "owner"),
            "rule": _members("kind", "id", "version"),
            "due": _TIME,
            "terms": {"type": "object", "properties": {"payment_days": {"type": "integer"}}},
            "fields": {"type": "object"},
            "lines": {"type": "array", "items": _line()},
            "raw": {},
        },
        "dependentRequired": {"amount": ["currency"]},
    }


def _link() -> dict[str, object]:
    return {
        "type": "object",
        "required": ["from", "to"],
        "properties": {
            "from": _OBJECT,
            "to": _OBJECT,
            "kind": {"enum": ["flow", "same", "part"]},
            "amount": _AMOUNT,
        },
    }


def _line() -> dict[str, object]:
    amounts = dict.fromkeys(("quantity", "unit_price", "discount", "tax"), _AMOUNT)
    texts = dict.fromkeys(("id", "product", "currency"), _TEXT)
    return {
        "type": "object",
        "required": ["id"],
        "properties": {**texts, **amounts, "from": _OBJECT},
    }


def _members(*names: str) -> dict[str, object]:
    return {"type": "object", "properties": dict.fromkeys(names, _TEXT)}


def _one_of(words: type[StrEnum]) -> dict[str, object]:
    return {"enum": list(words)}
