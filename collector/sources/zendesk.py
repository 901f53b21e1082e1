"""Zendesk: tickets from its event webhooks."""

from collections.abc import Iterable

from collector.envelopes import json_value
from collector.envelopes.fact import Fact, Thing, customer
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
from process_model.vocabulary import EventType, ObjectType, SystemKind

_PREFIX = "zen:event-type:"
_ENDED = ("SOLVED", "CLOSED")


class Config(SourceConfig):
    """The ``[collector.sources.zendesk]`` table."""

    external_id: ObjectType | None = None
    """what the ticket's external_id is the number of, such as an order"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The fact of one event."""
    event = json_value.record(payload)
    id_, type_ = (json_value.text(event, name, "", 255) for name in ("id", "type"))
    if not id_ or not type_.startswith(_PREFIX):
        raise Untranslatable(
            "not_an_event", f"/type: a Zendesk event begins with {_PREFIX}", "/type"
        )
    name = type_.removeprefix(_PREFIX)
    detail = json_value.part(event, "detail")
    ticket = json_value.text(detail, "id", "/detail", 64)
    told = _type(name, json_value.part(event, "event"))
    if told is None or not ticket:
        reason = f"{name} neither opens nor closes a ticket."
        return [Refused(NO_FACT, reason, "/type", id_, name)]
    account = json_value.text(event, "account_id")
    instance = context.instance if context.instance != DEFAULT_INSTANCE else account
    foreign = json_value.text(detail, "external_id", "/detail", 512)
    kind = context.config.external_id
    about = [Thing(kind, foreign, system="")] if kind and foreign else []
    actor = json_value.text(detail, "actor_id", "/detail")
    fact = Fact(
        type=told,
        id=id_,
        subject=Thing(ObjectType.TICKET, ticket),
        time=json_value.text(event, "time") or None,
        objects=[*customer(json_value.text(detail, "organization_id", "/detail", 64)), *about],
        actor={"id": actor} if actor else {},
        raw=dict(event),
    )
    return [fact.envelope(f"urn:system:{context.system}:{instance or DEFAULT_INSTANCE}")]


def _type(name: str, change: Record) -> EventType | None:
    if name == "ticket.created":
        return EventType.TICKET_OPENED
    if name in ("ticket.soft_deleted", "ticket.permanently_deleted", "ticket.marked_as_spam"):
        return EventType.TICKET_CLOSED
    if name != "ticket.status_changed":
        return None
    before, now = (
        json_value.text(change, side, "/event").upper() in _ENDED
        for side in ("previous", "current")
    )
    if now and not before:
        return EventType.TICKET_CLOSED
    return EventType.TICKET_OPENED if before and not now else None


SOURCE = Source(
    title="Zendesk",
    kind=SystemKind.SUPPORT,
    translate=translate,
    ordering=Ordering.NONE,
    order_from="None: events come at least once and in any order; times have nanoseconds.",
    retention=None,
    retention_note="Failed webhooks are tried again a few times; later, read the tickets.",
    linking="By the ticket's external_id, where it is set to hold a document's number.",
    local_types=(ObjectType.TICKET, ObjectType.CUSTOMER),
    config=Config,
)
