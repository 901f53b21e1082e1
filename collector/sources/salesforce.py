"""Salesforce: change data capture of the quoting objects, and the platform events that are set."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from collector.envelopes import json_value, salesforce
from collector.envelopes.fact import Fact, Thing
from collector.envelopes.salesforce import Change, PlatformEvent
from collector.envelopes.salesforce_objects import CUSTOMER_FIELDS, ENTITIES, Entity
from collector.source import GAP, NO_FACT, Context, Ordering, Refused, Source, SourceConfig, Told
from process_model import wire
from process_model.errors import Untranslatable
from process_model.events import utc_text
from process_model.vocabulary import SEGMENTS, ActorKind, EventType, ObjectType, SystemKind

_CREATING = ("CREATE", "UNDELETE")


class PlatformEventMapping(BaseModel):
    """What one of the estate's own platform events means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: EventType
    object: ObjectType
    """what it is about"""
    id: str
    """the field with that object's number"""
    objects: dict[str, ObjectType] = {}
    """further fields with numbers of documents or parties"""
    amount: str = ""
    currency: str = ""
    time: str = "CreatedDate"
    """the field with the moment it happened"""


class Config(SourceConfig):
    """The ``[collector.sources.salesforce]`` table."""

    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    """the org's currency where records carry no CurrencyIsoCode"""
    entities: dict[str, Entity] = {}
    """further objects, or whole replacements of the built-in ones"""
    statuses: dict[str, dict[str, EventType]] = {}
    """per object: further values of its status field, such as the estate's own stage names"""
    links: dict[str, dict[str, ObjectType]] = {}
    """per object: further fields with the id of another document"""
    same: dict[str, dict[str, ObjectType]] = {}
    """per object: fields with a further number of the record, such as the ERP's order number"""
    segments: dict[str, str] = {}
    """fields that name a segment: ``Region__c = "region"``"""
    customer_fields: dict[str, str] = {}
    """further master data of accounts: ``VAT__c = "customer.tax_id"``"""
    platform_events: dict[str, PlatformEventMapping] = {}
    """the platform events that are facts, by API name"""
    integration_users: frozenset[str] = frozenset()
    """ids of users that are programs; when any is named, all others count as people"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The facts of one change event (one per record at least) or platform event."""
    read = salesforce.read(payload)
    if isinstance(read, PlatformEvent):
        return _of_platform_event(read, context)
    return _of_change(read, context)


def _of_change(change: Change, context: Context[Config]) -> Iterator[Told]:
    head = f"{change.transaction_key}/{change.sequence_number}"
    told_as = f"{change.entity} {change.change_type}"
    if change.change_type.startswith("GAP_"):
        yield from _gap(change, head, told_as)
        return
    entity = _entity(change.entity, context.config)
    if entity is None:
        detail = (
            f"{change.entity or 'A record without a name'} is no quote-to-cash object here; "
            f"describe it under collector.sources.salesforce.entities if it is one"
        )
        yield Refused(NO_FACT, detail, "/ChangeEventHeader/entityName", head, told_as)
        return
    for record_id in change.record_ids:
        identity = f"{head}/{record_id}/{change.change_type}"
        types = _types(change, entity)
        if not types:
            detail = "The change moved no status that is a milestone."
            yield Refused(NO_FACT, detail, "/ChangeEventHeader/changedFields", identity, told_as)
        for place, type_ in enumerate(types):
            id_ = identity if place == 0 else f"{identity}/{type_}"
            fact = _fact(change, entity, record_id, type_, id_, context.config)
            yield fact.envelope(context.uri)


def _gap(change: Change, head: str, told_as: str) -> Iterator[Refused]:
    pointer = "/ChangeEventHeader/changeType"
    if change.change_type == "GAP_OVERFLOW":
        detail = (
            f"More than 100,000 changes in one transaction: Salesforce leaves {change.entity} "
            "untold from this moment on; send its records again."
        )
        yield Refused("gap_overflow", detail, pointer, f"{head}/{change.entity}/GAP", told_as)
        return
    for record_id in change.record_ids:
        detail = (
            f"Salesforce says that {change.entity} {record_id} changed but not how "
            f"({change.change_type}); send the record again."
        )
        yield Refused(GAP, detail, pointer, f"{head}/{record_id}/{change.change_type}", told_as)


def _entity(name: str, config: Config) -> Entity | None:
    entity = config.entities.get(name) or ENTITIES.get(name)
    if entity is None:
        return None
    more = {
        "statuses": entity.statuses | config.statuses.get(name, {}),
        "links": entity.links | config.links.get(name, {}),
        "same": entity.same | config.same.get(name, {}),
    }
    return entity.model_copy(update=more)


def _types(change: Change, entity: Entity) -> list[EventType]:
    """What happened to a record, most basic first."""
    if change.change_type == "DELETE":
        return [entity.deleted] if entity.deleted else []
    reached = _milestone(change, entity)
    if change.change_type in _CREATING:
        return [type_ for type_ in (entity.created, reached) if type_]
    return [type_ for type_ in (reached or entity.changed,) if type_]


def _milestone(change: Change, entity: Entity) -> EventType | None:
    if not entity.status or not change.has_changed(entity.status):
        return None
    status = json_value.text(change.fields, entity.status)
    if known := entity.statuses.get(status):
        return known
    if entity.object != ObjectType.OPPORTUNITY:
        return None
    # stage names are the estate's own; what they amount to is said by two flags
    if change.fields.get("IsWon") is True:
        return EventType.OPPORTUNITY_WON
    closed = change.fields.get("IsClosed") is True
    return EventType.OPPORTUNITY_LOST if closed else None


def _fact(
    change: Change,
    entity: Entity,
    record_id: str,
    type_: EventType,
    id_: str,
    config: Config,
) -> Fact:
    fields = change.fields
    linked = {
        name: value for name in entity.links if (value := json_value.text(fields, name, "", 512))
    }
    numbers = {entity.number: entity.object, **entity.same}
    same = {
        Thing(kind, value)
        for name, kind in numbers.items()
        if name and (value := json_value.text(fields, name, "", 512))
    }
    money = (json_value.amount(fields, name) for name in entity.amounts)
    return Fact(
        type=type_,
        id=id_,
        subject=Thing(entity.object, record_id),
        time=_time(change),
        sequence=f"{change.commit_number:020d}-{change.sequence_number:06d}",
        objects=[Thing(entity.links[name], value) for name, value in linked.items()],
        same=sorted(same),
        amount=next((amount for amount in money if amount is not None), None),
        currency=json_value.text(fields, "CurrencyIsoCode") or config.currency,
        actor=_actor(change.user, config),
        segment=_segments(fields, config),
        fields=_fields(change, entity, config),
        raw=_raw(change, record_id),
    )


def _time(change: Change) -> str | None:
    pointer = "/ChangeEventHeader/commitTimestamp"
    committed = json_value.epoch_time(change.commit_timestamp, 1000, pointer)
    if change.change_type != "UNDELETE":
        return committed
    # An UNDELETE carries its CREATE's commit; the record's own stamp may know better, else nobody
    # does, and an honest "when we heard of it" is better than a time that is known to be wrong.
    stamps = (_moment(change.fields.get(name), f"/{name}") for name in _STAMPS)
    later = [stamp for stamp in stamps if stamp and stamp > (committed or "")]
    return max(later, default=None)


_STAMPS = ("SystemModstamp", "LastModifiedDate")


def _moment(value: object, pointer: str) -> str | None:
    """Pub/Sub counts milliseconds, CometD writes RFC 3339."""
    if isinstance(value, str) and not value.isdigit():
        return utc_text(wire.moment(value.replace("+0000", "Z"), pointer)) if value else None
    return json_value.epoch_time(value, 1000, pointer)


def _actor(user: str, config: Config) -> dict[str, str]:
    if not user:
        return {}
    if not config.integration_users:
        return {"kind": ActorKind.UNKNOWN, "id": user}
    is_program = user in config.integration_users
    return {"kind": ActorKind.SYSTEM if is_program else ActorKind.HUMAN, "id": user}


def _segments(fields: json_value.Record, config: Config) -> dict[str, str]:
    named = {
        segment: json_value.text(fields, name)
        for name, segment in config.segments.items()
        if segment in SEGMENTS
    }
    return {segment: value for segment, value in named.items() if value}


def _fields(change: Change, entity: Entity, config: Config) -> dict[str, str]:
    told = {}
    if change.change_type in ("DELETE", "UNDELETE"):
        told["record"] = "deleted" if change.change_type == "DELETE" else "restored"
    if entity.object == ObjectType.CUSTOMER:
        for path, name in {**CUSTOMER_FIELDS, **config.customer_fields}.items():
            head, _, tail = path.partition(".")
            parent = change.fields
            if tail and isinstance(change.fields.get(head), dict):
                parent = json_value.part(change.fields, head)
            value = json_value.text(parent, tail or head, f"/{head}")
            if change.has_changed(head) and value:
                told[name] = value
    return told


def _raw(change: Change, record_id: str) -> dict[str, object]:
    """The payload as far as it speaks of this record; members without a value are left out."""
    kept = {name: value for name, value in change.fields.items() if value is not None}
    return {salesforce.HEADER: {**change.header, "recordIds": [record_id]}, **kept}


def _of_platform_event(event: PlatformEvent, context: Context[Config]) -> Iterator[Told]:
    name = event.name
    id_ = f"{name}/{event.id or json_value.content_id(event.fields)}"
    mapping = context.config.platform_events.get(name)
    if mapping is None:
        detail = (
            f"The platform event {name or '(without a channel)'} is not described; say what it "
            "means under collector.sources.salesforce.platform_events."
        )
        yield Refused(NO_FACT, detail, "/channel", id_, name)
        return
    number = json_value.text(event.fields, mapping.id, "", 512)
    if not number:
        raise Untranslatable(
            "missing_member", f"/{mapping.id}: {name} is known by it", f"/{mapping.id}"
        )
    objects = [
        Thing(kind, value)
        for field, kind in mapping.objects.items()
        if (value := json_value.text(event.fields, field, "", 512))
    ]
    currency = json_value.text(event.fields, mapping.currency) if mapping.currency else ""
    yield Fact(
        type=mapping.type,
        id=id_,
        subject=Thing(mapping.object, number),
        time=_moment(event.fields.get(mapping.time), f"/{mapping.time}"),
        objects=objects,
        amount=json_value.amount(event.fields, mapping.amount) if mapping.amount else None,
        currency=currency or context.config.currency,
        actor=_actor(json_value.text(event.fields, "CreatedById"), context.config),
        segment=_segments(event.fields, context.config),
        raw=dict(event.fields),
    ).envelope(context.uri)


SOURCE = Source(
    title="Salesforce",
    kind=SystemKind.CRM,
    translate=translate,
    ordering=Ordering.INCREASING,
    order_from="Commit number, then sequence number within the transaction; holes mean nothing.",
    retention=timedelta(hours=72),
    retention_note="Resume from the last replay id within 72 hours; later, send the records again.",
    linking="By record ids (OpportunityId, QuoteId, ContractId, AccountId); each record's own "
    "number is another name of the same thing.",
    config=Config,
)
