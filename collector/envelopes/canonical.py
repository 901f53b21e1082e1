"""The canonical event: a CloudEvents 1.0 envelope of type ``q2c.<event type>.v1``.

Every source's facts come through here, so that what counts as valid is said in one place.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from collector.envelopes.circumstances import columns_of
from collector.envelopes.json_text import json_text
from process_model import wire
from process_model.errors import Untranslatable
from process_model.events import BusinessEvent, Link, ObjectRef
from process_model.links import links_of
from process_model.vocabulary import LIVE, SHARED, EventType, LinkKind, ObjectType

_EVENT_TYPES = frozenset(type_.value for type_ in EventType)
_OBJECT_TYPES = frozenset(type_.value for type_ in ObjectType)

Origin = Literal["event", "span", "log", "import"]


def translate(
    envelope: Mapping[str, object],
    *,
    received_at: datetime,
    origin: Origin = "event",
    dataset: str = LIVE,
    local_types: Mapping[str, Sequence[str]] | None = None,
    namespace: str = "",
) -> BusinessEvent:
    """The envelope's attributes and decoded ``data`` as one event; ``Untranslatable`` says why not.

    ``local_types`` names, per system, the object types whose ids only that system knows; they are
    kept in ``namespace``, which is the system's name where the caller knows no better.
    """
    source = _required(envelope, "source")
    identifier = _required(envelope, "id")
    event_type = _event_type(_required(envelope, "type"), dataset)
    data = wire.members(envelope.get("data"), "/data")
    namespaces = _Namespaces(source, local_types or {}, namespace)
    subject = _subject(envelope.get("subject"), namespaces)
    sync, sync_object = _sync(data, namespaces)
    objects = _objects(data, subject, namespaces)
    # what crosses is spoken of too: its own instance must find this fact, whoever was the subject
    if sync_object is not None and sync_object.key not in {ref.key for ref in objects}:
        objects += (sync_object,)
    lines = _lines(data, namespaces)
    trace_id, span_id = _trace(envelope.get("traceparent"))
    recorded = envelope.get("recordedtime")
    recorded_time = None if recorded is None else wire.moment(recorded, "/recordedtime")
    event_time, clock = _event_time(envelope.get("time"), recorded_time, received_at)
    values: dict[str, Any] = {
        "dataset": dataset,
        "source": source,
        "id": identifier,
        "type": event_type,
        "activity": event_type or _required(envelope, "type"),
        "event_time": event_time,
        "event_time_from": clock,
        "recorded_time": recorded_time,
        "trace_id": trace_id,
        "span_id": span_id,
        **_attributes(envelope),
        **columns_of(data),
        **sync,
        "data": json_text(data, "/data"),
        "origin": origin,
    }
    if objects:
        values |= {
            "subject": subject.key if subject else "",
            "object_keys": tuple([ref.key for ref in objects]),
            "object_types": tuple([ref.type for ref in objects]),
            "object_qualifiers": tuple([ref.qualifier for ref in objects]),
        }
    values["links"] = links_of(
        subject,
        objects,
        stated=_stated(data, namespaces),
        lines=lines,
        correlation_id=values.get("correlation_id", ""),
        trace_id=trace_id,
    )
    values["content_hash"] = _content_hash(values)
    return BusinessEvent(received_at=received_at, **values)


_ATTRIBUTES = {
    "sequence": "sequence",
    "sequencetype": "sequence_type",
    "correlationid": "correlation_id",
    "causationid": "causation_id",
}


def _attributes(envelope: Mapping[str, object]) -> dict[str, str]:
    """The optional attributes by column; ``null`` is as good as absent, as CloudEvents says."""
    return {
        column: wire.text(value, f"/{name}")
        for name, column in _ATTRIBUTES.items()
        if (value := envelope.get(name)) is not None
    }


class _Namespaces:
    """Where an id is known: in one system, or in all that cite it."""

    def __init__(
        self, source: str, local_types: Mapping[str, Sequence[str]], namespace: str
    ) -> None:
        system = system_of(source)
        self._own = namespace or system
        self._local = frozenset(local_types.get(system, ()))

    def of(self, type_: str, system: object, pointer: str) -> str:
        if system is not None:
            return wire.text(system, f"{pointer}/system") or SHARED
        return self._own if type_ in self._local else SHARED


def system_of(source: str) -> str:
    """The system a source URI names second: ``urn:system:salesforce:emea`` is of salesforce."""
    parts = source.removeprefix("urn:").split(":")
    return parts[1] if len(parts) > 1 else source


def _required(envelope: Mapping[str, object], name: str) -> str:
    value = envelope.get(name)
    if value is None or value == "":
        raise Untranslatable("missing_member", f"/{name}: every event must carry it", f"/{name}")
    return wire.text(value, f"/{name}")


def _event_type(type_: str, dataset: str) -> str:
    name = type_.removeprefix("q2c.").removesuffix(".v1")
    if name in _EVENT_TYPES and type_ in (f"q2c.{name}.v1", f"q2c.{name}", name):
        return name
    if dataset == LIVE:
        raise Untranslatable(
            "unknown_type",
            f"/type: {type_[:200]} is not in the canon; write q2c.<event type>.v1 "
            "(GET /v1/events/schema lists the event types)",
            "/type",
        )
    return ""


def _reference(value: object, pointer: str, namespaces: _Namespaces) -> ObjectRef:
    given = wire.members(value, pointer)
    type_, identifier = given.get("type"), given.get("id")
    if not (_is_plain(type_) and type_ in _OBJECT_TYPES and _is_plain(identifier)):
        type_, identifier = _checked(type_, identifier, pointer)
    qualifier = given.get("qualifier")
    return ObjectRef(
        type=type_,
        id=identifier,  # type: ignore[arg-type]
        namespace=namespaces.of(type_, given.get("system"), pointer),
        qualifier="" if qualifier is None else wire.text(qualifier, f"{pointer}/qualifier"),
    )


def _is_plain(text: object) -> bool:
    """What nearly every name and id is: such a text needs no further look."""
    return (
        type(text) is str
        and len(text) <= 512
        and text.isascii()
        and not text.isspace()
        and text != ""
    )


def _checked(type_: object, identifier: object, pointer: str) -> tuple[str, str]:
    word = wire.text(type_, f"{pointer}/type")
    name = wire.text(identifier, f"{pointer}/id", longest=512)
    _known_type(word, f"{pointer}/type")
    if not name.strip():
        raise Untranslatable("missing_member", f"{pointer}/id: an id is needed", f"{pointer}/id")
    return word, name


def _known_type(type_: str, pointer: str) -> None:
    if type_ not in _OBJECT_TYPES:
        known = ", ".join(ObjectType)
        raise Untranslatable("unknown_object_type", f"{pointer}: known are {known}", pointer)


def _subject(value: object, namespaces: _Namespaces) -> ObjectRef | None:
    if value is None or value == "":
        return None
    type_, slash, identifier = wire.text(value, "/subject", longest=600).partition("/")
    if not slash or not identifier.strip():
        raise Untranslatable(
            "invalid_subject", "/subject: write <object type>/<object id>, quote/Q-1001", "/subject"
        )
    _known_type(type_, "/subject")
    return ObjectRef(type_, identifier, namespaces.of(type_, None, "/subject"))


def _objects(
    data: Mapping[str, object], subject: ObjectRef | None, namespaces: _Namespaces
) -> tuple[ObjectRef, ...]:
    given = [
        _reference(value, f"/data/objects/{index}", namespaces)
        for index, value in enumerate(wire.items(data.get("objects"), "/data/objects"))
    ]
    # the subject counts as an object; named twice, the telling with the qualifier stays
    found = {ref.key: ref for ref in ([subject] if subject else []) + given}
    return tuple(found.values())


def _stated(data: Mapping[str, object], namespaces: _Namespaces) -> list[Link]:
    links = []
    for index, value in enumerate(wire.items(data.get("links"), "/data/links")):
        pointer = f"/data/links/{index}"
        given = wire.members(value, pointer)
        kind = wire.text(given.get("kind", LinkKind.FLOW), f"{pointer}/kind")
        if kind not in (LinkKind.FLOW, LinkKind.SAME, LinkKind.PART):
            raise Untranslatable(
                "invalid_link", f"{pointer}/kind: flow, same or part", f"{pointer}/kind"
            )
        amount = given.get("amount")
        links.append(
            Link(
                _reference(given.get("from"), f"{pointer}/from", namespaces).key,
                _reference(given.get("to"), f"{pointer}/to", namespaces).key,
                kind,
                basis="links",
                amount=None if amount is None else wire.decimal_text(amount, f"{pointer}/amount"),
            )
        )
    return links


def _lines(data: Mapping[str, object], namespaces: _Namespaces) -> list[dict[str, object]]:
    lines = []
    for index, value in enumerate(wire.items(data.get("lines"), "/data/lines")):
        pointer = f"/data/lines/{index}"
        line = dict(wire.members(value, pointer))
        line["id"] = wire.text(line.get("id"), f"{pointer}/id", longest=200)
        if line.get("from") is not None:
            line["from"] = _reference(line["from"], f"{pointer}/from", namespaces)
        for name in ("quantity", "unit_price", "discount", "tax"):
            if line.get(name) is not None:
                line[name] = wire.decimal_text(line[name], f"{pointer}/{name}")
        lines.append(line)
    return lines


def _sync(
    data: Mapping[str, object], namespaces: _Namespaces
) -> tuple[dict[str, str], ObjectRef | None]:
    if (value := data.get("sync")) is None:
        return {}, None
    given = wire.members(value, "/data/sync")
    told = {
        f"sync_{end}": wire.text(name, f"/data/sync/{end}")
        for end in ("from", "to")
        if (name := given.get(end)) is not None
    }
    if (crossing := given.get("object")) is None:
        return told, None
    target = _reference(crossing, "/data/sync/object", namespaces)
    return told | {"sync_object": target.key}, target


def _trace(traceparent: object) -> tuple[str, str]:
    """Trace and span id of a W3C ``traceparent``; one that is not well-formed is no evidence."""
    if not isinstance(traceparent, str):
        return "", ""
    parts = traceparent.strip().lower().split("-")
    if len(parts) < 4 or len(parts[1]) != 32 or len(parts[2]) != 16:
        return "", ""
    hexadecimal = not set(parts[1] + parts[2]) - set("0123456789abcdef")
    return (parts[1], parts[2]) if hexadecimal and set(parts[1]) != {"0"} else ("", "")


def _event_time(
    given: object, recorded_time: datetime | None, received_at: datetime
) -> tuple[datetime, str]:
    if given is not None:
        return wire.moment(given, "/time"), "time"
    if recorded_time is not None:
        return recorded_time, "recordedtime"
    return received_at, "received"


def _content_hash(values: Mapping[str, object]) -> str:
    """A fingerprint of what was said, without our receipt: any arrival order gives the same."""
    said = dict(values)
    if said["event_time_from"] == "received":  # our own receipt is no content either
        del said["event_time"]
    return blake2b(msgspec.json.encode(said), digest_size=16).hexdigest()
