"""HubSpot: deals, quotes, companies and tickets from its webhook batches."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from collector.envelopes import json_value
from collector.envelopes.fact import Fact, Thing
from collector.envelopes.json_value import Record
from collector.source import (
    DEFAULT_INSTANCE,
    NO_FACT,
    Context,
    Ordering,
    Refused,
    Source,
    SourceConfig,
    Told,
)
from process_model.errors import Untranslatable
from process_model.vocabulary import ActorKind, EventType, ObjectType, SystemKind

_OBJECTS = {
    "deal": ObjectType.OPPORTUNITY, "0-3": ObjectType.OPPORTUNITY,
    "company": ObjectType.CUSTOMER, "0-2": ObjectType.CUSTOMER,
    "quote": ObjectType.QUOTE, "0-14": ObjectType.QUOTE,
    "ticket": ObjectType.TICKET, "0-5": ObjectType.TICKET,
}  # fmt: skip
_CREATED = {
    ObjectType.OPPORTUNITY: EventType.OPPORTUNITY_CREATED,
    ObjectType.CUSTOMER: EventType.CUSTOMER_CREATED,
    ObjectType.QUOTE: EventType.QUOTE_CREATED,
    ObjectType.TICKET: EventType.TICKET_OPENED,
}
_DELETED = {
    ObjectType.OPPORTUNITY: EventType.OPPORTUNITY_LOST,
    ObjectType.CUSTOMER: EventType.CUSTOMER_CHANGED,
    ObjectType.QUOTE: EventType.QUOTE_DECLINED,
    ObjectType.TICKET: EventType.TICKET_CLOSED,
}
_MILESTONES: Mapping[str, Mapping[str, EventType]] = {
    "dealstage": {
        "closedwon": EventType.OPPORTUNITY_WON,
        "closedlost": EventType.OPPORTUNITY_LOST,
    },
    "hs_is_closed_won": {"true": EventType.OPPORTUNITY_WON},
    "hs_status": {
        "PENDING_APPROVAL": EventType.QUOTE_SUBMITTED,
        "APPROVED": EventType.QUOTE_APPROVED,
        "REJECTED": EventType.QUOTE_REJECTED,
        "APPROVAL_NOT_NEEDED": EventType.QUOTE_SENT,
    },
    "hs_sign_status": {"ESIGN_COMPLETED": EventType.QUOTE_ACCEPTED},
    "hs_pipeline_stage": {"4": EventType.TICKET_CLOSED},
}
_CUSTOMER_FIELDS = {
    "name": "customer.name", "domain": "customer.website", "phone": "customer.phone",
    "address": "customer.street", "city": "customer.city", "zip": "customer.postal_code",
    "state": "customer.state", "country": "customer.country", "industry": "customer.industry",
}  # fmt: skip


class Config(SourceConfig):
    """The ``[collector.sources.hubspot]`` table."""

    milestones: dict[str, dict[str, EventType]] = {}
    """per property: further values that are milestones, such as the ids of your deal stages"""
    customer_fields: dict[str, str] = {}
    """further company properties to compare: ``vat_number = "customer.tax_id"``"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The fact of one notification of a batch."""
    event = json_value.record(payload)
    subscription = json_value.text(event, "subscriptionType")
    object_id = json_value.text(event, "objectId", "", 64)
    if not subscription or not object_id:
        raise Untranslatable(
            "not_an_event", "A HubSpot notification has subscriptionType and objectId."
        )
    kind = _OBJECTS.get(json_value.text(event, "objectTypeId") or subscription.partition(".")[0])
    identity = _identity(event, subscription, object_id)
    type_ = _type(event, kind, context.config) if kind else None
    if kind is None or type_ is None:
        named = json_value.text(event, "propertyName")
        detail = (
            f"{subscription} {named} reaches no milestone; if it is one, name it under "
            "collector.sources.hubspot.milestones."
        )
        return [Refused(NO_FACT, detail, "/subscriptionType", identity, subscription)]
    portal = json_value.text(event, "portalId")
    named_instance = context.instance if context.instance != DEFAULT_INSTANCE else portal
    instance = named_instance or DEFAULT_INSTANCE
    # the attempt is of the delivery, not of what happened
    raw = {name: value for name, value in event.items() if name != "attemptNumber"}
    fact = Fact(
        type=type_,
        id=identity,
        subject=Thing(kind, object_id),
        time=json_value.epoch_time(event.get("occurredAt"), 1000, "/occurredAt"),
        actor=_actor(event),
        fields=_fields(event, subscription, kind, context.config),
        raw=raw,
    )
    return [fact.envelope(f"urn:system:{context.system}:{instance}")]


def _identity(event: Record, subscription: str, object_id: str) -> str:
    """HubSpot does not promise that event ids are unique, so what happened belongs to it."""
    names = ("eventId", "propertyName", "occurredAt")
    parts = (subscription, object_id, *(json_value.text(event, name) for name in names))
    return "/".join(part for part in parts if part)


def _type(event: Record, kind: ObjectType, config: Config) -> EventType | None:
    verb = json_value.text(event, "subscriptionType").partition(".")[2]
    if verb == "creation":
        return _CREATED[kind]
    if verb in ("deletion", "privacyDeletion"):
        return _DELETED[kind]
    if verb != "propertyChange":
        return None
    name = json_value.text(event, "propertyName")
    value = json_value.text(event, "propertyValue")
    reached = {**_MILESTONES.get(name, {}), **config.milestones.get(name, {})}.get(value)
    if reached is None and kind == ObjectType.CUSTOMER:
        return EventType.CUSTOMER_CHANGED
    return reached


def _actor(event: Record) -> dict[str, str]:
    source = json_value.text(event, "changeSource")
    user = json_value.text(event, "sourceId")
    if not source:
        return {}
    by_person = source in ("CRM_UI", "MOBILE_IOS", "MOBILE_ANDROID", "CRM_UI_BULK_ACTION")
    return {"kind": ActorKind.HUMAN if by_person else ActorKind.SYSTEM, "id": user}


def _fields(event: Record, subscription: str, kind: ObjectType, config: Config) -> dict[str, str]:
    if subscription.endswith(("deletion", "privacyDeletion")):
        return {"record": "deleted"}
    name = json_value.text(event, "propertyName")
    told = {**_CUSTOMER_FIELDS, **config.customer_fields}.get(name)
    value = json_value.text(event, "propertyValue")
    return {told: value} if kind == ObjectType.CUSTOMER and told and value else {}


SOURCE = Source(
    title="HubSpot",
    kind=SystemKind.CRM,
    translate=translate,
    ordering=Ordering.NONE,
    order_from="None: batches come in no order; occurredAt has milliseconds.",
    retention=timedelta(hours=24),
    retention_note="Failed deliveries are tried again for 24 hours; later, read the objects.",
    linking="By object ids of the portal; associations are not told by these notifications.",
    local_types=(ObjectType.OPPORTUNITY, ObjectType.CUSTOMER, ObjectType.QUOTE, ObjectType.TICKET),
    config=Config,
)
