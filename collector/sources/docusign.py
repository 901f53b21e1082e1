"""DocuSign Connect: what became of envelopes, in the JSON form of its messages (SIM)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from collector.envelopes import json_value
from collector.envelopes.fact import Fact, Thing
from collector.envelopes.json_value import Record
from collector.source import NO_FACT, Context, Ordering, Refused, Source, SourceConfig, Told
from process_model.errors import Untranslatable
from process_model.vocabulary import ActorKind, EventType, ObjectType, SystemKind

_TYPES = {
    "envelope-sent": (EventType.CONTRACT_SENT, "sentDateTime"),
    "envelope-completed": (EventType.CONTRACT_SIGNED, "completedDateTime"),
    "envelope-declined": (EventType.CONTRACT_VOIDED, "declinedDateTime"),
    "envelope-voided": (EventType.CONTRACT_VOIDED, "voidedDateTime"),
    "envelope-deleted": (EventType.CONTRACT_VOIDED, "deletedDateTime"),
}


class Config(SourceConfig):
    """The ``[collector.sources.docusign]`` table."""

    custom_fields: dict[str, ObjectType] = {
        "QuoteId": ObjectType.QUOTE,
        "OrderId": ObjectType.ORDER,
        "ContractId": ObjectType.CONTRACT,
        "CustomerId": ObjectType.CUSTOMER,
    }
    """envelope custom fields that hold a document's number"""
    signing_accepts: bool = False
    """whether a completed envelope is the acceptance of the quote it names"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The facts of one Connect message."""
    message = json_value.record(payload)
    name = json_value.text(message, "event")
    data = json_value.part(message, "data")
    envelope_id = json_value.text(data, "envelopeId", "/data", 64)
    if not name or not envelope_id:
        raise Untranslatable(
            "not_an_event",
            "A Connect message has event and data.envelopeId: choose the JSON format (SIM).",
        )
    id_ = f"{envelope_id}/{name}"
    if name not in _TYPES:
        return [Refused(NO_FACT, f"{name} is no milestone of an envelope.", "/event", id_, name)]
    return list(_facts(message, data, id_, context))


def _facts(message: Record, data: Record, id_: str, context: Context[Config]) -> Iterator[Told]:
    name = json_value.text(message, "event")
    type_, stamp = _TYPES[name]
    summary = json_value.part(data, "envelopeSummary", "/data")
    named = list(_named(summary, context.config))
    envelope = Thing(ObjectType.CONTRACT, json_value.text(data, "envelopeId", "/data", 64))
    reason = json_value.text(summary, "voidedReason", "/data/envelopeSummary")
    ended = {"reason": reason or name.removeprefix("envelope-")}
    told_at = json_value.text(summary, stamp, "/data/envelopeSummary")
    fact = Fact(
        type=type_,
        id=id_,
        subject=envelope,
        time=told_at or json_value.text(message, "generatedDateTime") or None,
        objects=[thing for thing in named if thing.type != ObjectType.CONTRACT],
        same=[thing for thing in named if thing.type == ObjectType.CONTRACT],
        actor={"kind": ActorKind.HUMAN} if type_ != EventType.CONTRACT_SENT else {},
        fields=ended if type_ == EventType.CONTRACT_VOIDED else {},
        # the count of retries is of the delivery, not of what happened
        raw={key: value for key, value in message.items() if key != "retryCount"},
    )
    yield fact.envelope(context.uri)
    if type_ == EventType.CONTRACT_SIGNED and context.config.signing_accepts:
        for quote in named:
            if quote.type == ObjectType.QUOTE:
                yield Fact(
                    type=EventType.QUOTE_ACCEPTED,
                    id=f"{id_}/{EventType.QUOTE_ACCEPTED}/{quote.id}",
                    subject=quote,
                    time=fact.time,
                    objects=[envelope],
                    actor=fact.actor,
                ).envelope(context.uri)


def _named(summary: Record, config: Config) -> Iterator[Thing]:
    fields = json_value.part(summary, "customFields", "/data/envelopeSummary")
    for group in ("textCustomFields", "listCustomFields"):
        for field in json_value.items(fields, group, "/data/envelopeSummary/customFields"):
            kind = config.custom_fields.get(json_value.text(field, "name"))
            value = json_value.text(field, "value", "", 512)
            if kind and value:
                yield Thing(kind, value)


SOURCE = Source(
    title="DocuSign Connect",
    kind=SystemKind.ESIGN,
    translate=translate,
    ordering=Ordering.NONE,
    order_from="None: messages may overtake one another; the envelope's own stamps order them.",
    retention=timedelta(days=15),
    retention_note="Failed messages are tried again for 15 days and can be republished later.",
    linking="By envelope custom fields that name the quote, order, contract or customer.",
    config=Config,
    kept_status=200,
)
