"""The records that cross borders between the rooms: events, object references, links, rejections.

They are frozen ``msgspec`` structs, because the spool writes them as the JSON rows that the engine
reads: the field names of ``BusinessEvent`` are the column names of the table ``business_events``.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NewType
from urllib.parse import quote, unquote

import msgspec

from process_model.vocabulary import LIVE, SHARED

ObjectKey = NewType("ObjectKey", str)
"""``<type>:<namespace>:<id>``, each part percent-encoded so that the whole is URL-safe."""

# RFC 3986 unreserved characters and those sub-delimiters that survive a URL path segment untouched.
_SAFE = "-._~!$()*,;=@"
_is_safe = re.compile(f"[A-Za-z0-9{re.escape(_SAFE)}]*").fullmatch


@lru_cache(maxsize=4096)  # an event asks for the keys of its few objects again and again
def object_key(type_: str, id_: str, namespace: str = SHARED) -> ObjectKey:
    """The identity of an object (contract 1): type, namespace and id, safe in a URL path."""
    return ObjectKey(f"{_quoted(type_)}:{_quoted(namespace)}:{_quoted(id_)}")


def _quoted(part: str) -> str:
    # nearly every id is safe as it is, and a door makes some ten keys an event
    return part if _is_safe(part) else quote(part, safe=_SAFE)


class ObjectRef(msgspec.Struct, frozen=True, order=True):
    """An object an event touches, by its full identity."""

    type: str
    id: str
    namespace: str = SHARED
    qualifier: str = ""

    @property
    def key(self) -> ObjectKey:
        """The identity as one URL-safe string."""
        return object_key(self.type, self.id, self.namespace)

    @classmethod
    def of(cls, key: str) -> "ObjectRef":
        """Read a key back into its parts; raises ``ValueError`` when it is not a key."""
        type_, namespace, id_ = (unquote(part) for part in key.split(":"))
        return cls(type=type_, namespace=namespace, id=id_)


class Link(msgspec.Struct, frozen=True, order=True):
    """A relation between two objects that one event proved."""

    from_key: str
    to_key: str
    kind: str = "flow"
    evidence: str = "declared"
    basis: str = ""
    """how the event said it: ``links``, ``objects``, ``lines``, ``correlationid``, ``trace``"""
    amount: str | None = None
    """the allocated share of a shared document, a decimal string in the event's currency"""


class BusinessEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One business fact, valid against the canon, as it is stored.

    Times are UTC-aware. ``event_time`` is when it happened, ``recorded_time`` when its source knew
    of it (as the source says; ``None`` when it does not), ``received_at`` when our door took it.
    Amounts are decimal strings in ``currency`` (ISO 4217). The member order is the column order.
    """

    dataset: str = LIVE
    source: str
    id: str
    type: str = ""
    """the canonical event type without prefix and version, ``quote.accepted``; '' when unmapped"""
    activity: str = ""
    """what maps show; the event type in ``live``, free text elsewhere"""
    subject: str = ""
    """the key of the object the fact is about; '' when it names none"""
    event_time: datetime
    event_time_from: Literal["time", "recordedtime", "received"] = "time"
    recorded_time: datetime | None = None
    received_at: datetime
    sequence: str = ""
    sequence_type: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    trace_id: str = ""
    span_id: str = ""
    object_keys: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ()
    object_qualifiers: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    region: str = ""
    business_unit: str = ""
    legal_entity: str = ""
    product_family: str = ""
    sales_channel: str = ""
    customer_tier: str = ""
    amount: str | None = None
    currency: str = ""
    actor_kind: str = "unknown"
    actor_id: str = ""
    outcome: str = "success"
    error_type: str = ""
    attempt: int = 1
    idempotency_key: str = ""
    sync_from: str = ""
    sync_to: str = ""
    sync_object: str = ""
    exception_id: str = ""
    exception_class: str = ""
    exception_owner: str = ""
    rule_kind: str = ""
    rule_id: str = ""
    rule_version: str = ""
    due: datetime | None = None
    payment_days: int | None = None
    fields: dict[str, str] = {}
    data: str = "{}"
    """the ``data`` member as it came (after redaction), JSON text: unknown members are kept"""
    origin: Literal["event", "span", "log", "import"] = "event"
    content_hash: str = ""
    """lower-case hex of the content without our receipt: the last tie-break between versions"""


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Input understood to be for us that cannot become an event, kept whole and replayable."""

    dataset: str = LIVE
    source: str = ""
    id: str = ""
    type: str = ""
    door: str
    """where it came in: ``events_http``, ``otlp_http``, ``otlp_grpc``, ``spans``, ``import``"""
    pointer: str = ""
    """JSON pointer (RFC 6901) to the member at fault, '' for the whole"""
    reason: str
    """one word of a closed set, for counting"""
    detail: str
    """one sentence for a person, with the remedy"""
    payload: str
    received_at: datetime


def utc_text(moment: datetime) -> str:
    """RFC 3339 with Z and microseconds only when there are any; the moment must be aware."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def system_of(source: str) -> str:
    """The system that a source names: the second part of ``urn:system:<system>[:<instance>]``."""
    parts = source.removeprefix("urn:").split(":")
    return parts[1] if len(parts) > 1 else source
