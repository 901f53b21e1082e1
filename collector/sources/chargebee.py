"""Chargebee: quotes, subscriptions, invoices and payments from its event webhooks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from collector.envelopes import json_value, minor_units
from collector.envelopes.fact import Fact, Thing, customer
from collector.envelopes.json_value import Record
from collector.source import NO_FACT, Context, Ordering, Refused, Source, SourceConfig, Told
from process_model.errors import Untranslatable
from process_model.vocabulary import (
    ActorKind,
    ErrorType,
    EventType,
    ObjectType,
    Outcome,
    SystemKind,
)


class Config(SourceConfig):
    """The ``[collector.sources.chargebee]`` table."""

    references: dict[str, ObjectType] = {"po_number": ObjectType.ORDER}
    """fields of subscriptions, invoices and quotes that hold another system's number"""


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    type: str
    time: str | None
    document: Record
    content: Record
    config: Config

    def of(self, name: str) -> Record:
        return json_value.part(self.content, name, "/content")


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The facts of one event."""
    document = json_value.record(payload)
    id_, type_ = (json_value.text(document, name, "", 255) for name in ("id", "event_type"))
    if not id_ or not type_:
        raise Untranslatable("not_an_event", "A Chargebee event has id, event_type and content.")
    event = _Event(
        id_,
        type_,
        json_value.epoch_time(document.get("occurred_at"), 1, "/occurred_at"),
        document,
        json_value.part(document, "content"),
        context.config,
    )
    facts = [fact for fact in _facts(event) if fact.subject.id]
    if not facts:
        detail = f"{type_} tells nothing of quote-to-cash."
        return [Refused(NO_FACT, detail, "/event_type", id_, type_)]
    return [
        replace(fact, id=id_ if place == 0 else f"{id_}/{fact.type}").envelope(context.uri)
        for place, fact in enumerate(facts)
    ]


def _facts(event: _Event) -> Iterator[Fact]:
    if event.type.startswith("customer_"):
        yield from _customer(event)
    elif event.type.startswith("subscription_"):
        yield from _subscription(event)
    elif event.type.startswith("invoice_"):
        yield from _invoice(event)
    elif event.type.startswith(("payment_", "refund_")):
        yield from _payment(event)
    elif event.type == "credit_note_created":
        note = event.of("credit_note")
        invoice = json_value.text(note, "reference_invoice_id", "/content/credit_note", 512)
        fact = _fact(event, "credit_note", EventType.CREDIT_NOTE_POSTED, ObjectType.CREDIT_NOTE)
        billed = [Thing(ObjectType.INVOICE, invoice)] if invoice else []
        yield replace(fact, objects=[*fact.objects, *billed])
    elif event.type.startswith("quote_"):
        status = json_value.text(event.of("quote"), "status", "/content/quote")
        created = EventType.QUOTE_CREATED if event.type == "quote_created" else None
        if type_ := created or _QUOTE_STATUSES.get(status):
            yield _fact(event, "quote", type_, ObjectType.QUOTE)


_QUOTE_STATUSES = {
    "accepted": EventType.QUOTE_ACCEPTED,
    "declined": EventType.QUOTE_DECLINED,
    "closed": EventType.QUOTE_EXPIRED,
}


def _fact(
    event: _Event, name: str, type_: EventType, kind: ObjectType, amount: str = "total"
) -> Fact:
    """The plain fact about the resource of that name."""
    resource, pointer = event.of(name), f"/content/{name}"
    currency = json_value.text(resource, "currency_code", pointer).upper()
    money = minor_units.decimal(resource.get(amount), currency, f"{pointer}/{amount}")
    subject = Thing(kind, json_value.text(resource, "id", pointer, 512))
    named = [
        Thing(other, value, system="")
        for field, other in event.config.references.items()
        if (value := json_value.text(resource, field, pointer, 512))
    ]
    source = json_value.text(event.document, "source")
    return Fact(
        type=type_,
        id=event.id,
        subject=subject,
        time=event.time,
        # versions of one resource are ordered by it; two resources are not
        sequence=json_value.text(resource, "resource_version", pointer),
        objects=[
            *customer(json_value.text(resource, "customer_id", pointer, 512)),
            *(thing for thing in named if thing.type != kind),
        ],
        same=[thing for thing in named if thing.type == kind],
        amount=money,
        currency=currency,
        actor={"kind": ActorKind.SYSTEM if source == "scheduled_job" else ActorKind.UNKNOWN},
        # whether webhooks were delivered is no content
        raw={key: v for key, v in event.document.items() if not key.startswith("webhook")},
    )


def _customer(event: _Event) -> Iterator[Fact]:
    types = {"customer_created": EventType.CUSTOMER_CREATED}
    changed = ("customer_changed", "customer_deleted", "customer_moved_out")
    if event.type not in types and event.type not in changed:
        return
    party, pointer = event.of("customer"), "/content/customer"
    address = json_value.part(party, "billing_address", pointer)
    places = (
        (party, "company", "name"), (party, "vat_number", "tax_id"), (party, "email", "email"),
        (party, "phone", "phone"), (address, "line1", "street"), (address, "city", "city"),
        (address, "zip", "postal_code"), (address, "country", "country"),
    )  # fmt: skip
    fields = {
        f"customer.{told}": value
        for place, name, told in places
        if (value := json_value.text(place, name, pointer))
    }
    if event.type == "customer_deleted":
        fields["record"] = "deleted"
    type_ = types.get(event.type, EventType.CUSTOMER_CHANGED)
    fact = _fact(event, "customer", type_, ObjectType.CUSTOMER)
    yield replace(fact, fields=fields)


def _subscription(event: _Event) -> Iterator[Fact]:
    status = json_value.text(event.of("subscription"), "status", "/content/subscription")
    living = status in ("active", "in_trial", "non_renewing")
    types = {
        "subscription_renewed": EventType.RENEWAL_CREATED,
        "subscription_cancelled": EventType.SUBSCRIPTION_CANCELLED,
        "subscription_deleted": EventType.SUBSCRIPTION_CANCELLED,
    }
    if event.type in _STARTS and living:
        types[event.type] = EventType.SUBSCRIPTION_ACTIVATED
    if event.type.endswith(("_reminder", "_ending")):
        return
    type_ = types.get(event.type, EventType.SUBSCRIPTION_CHANGED)
    yield _fact(event, "subscription", type_, ObjectType.SUBSCRIPTION)


_STARTS = (
    "subscription_created", "subscription_started", "subscription_activated",
    "subscription_reactivated", "subscription_resumed",
)  # fmt: skip


def _invoice(event: _Event) -> Iterator[Fact]:
    invoice, pointer = event.of("invoice"), "/content/invoice"
    status = json_value.text(invoice, "status", pointer)
    before = json_value.text(invoice, "subscription_id", pointer, 512)
    types: list[EventType] = []
    if event.type == "invoice_generated":
        types = [EventType.INVOICE_CREATED]
        types += [EventType.INVOICE_POSTED] if status not in ("pending", "voided") else []
    elif event.type == "invoice_deleted" or status == "voided":
        types = [EventType.INVOICE_CANCELLED]
    due = json_value.epoch_time(invoice.get("due_date"), 1, f"{pointer}/due_date")
    for type_ in types:
        fact = _fact(event, "invoice", type_, ObjectType.INVOICE)
        origin = [Thing(ObjectType.SUBSCRIPTION, before)] if before else []
        posted = type_ == EventType.INVOICE_POSTED
        yield replace(fact, objects=[*fact.objects, *origin], due=due if posted else None)


_PAYMENTS: Mapping[str, EventType] = {
    "payment_initiated": EventType.PAYMENT_REQUESTED,
    "payment_succeeded": EventType.PAYMENT_RECEIVED,
    "payment_failed": EventType.PAYMENT_FAILED,
    "payment_refunded": EventType.PAYMENT_REFUNDED,
    "refund_initiated": EventType.PAYMENT_REFUNDED,
}


def _payment(event: _Event) -> Iterator[Fact]:
    type_ = _PAYMENTS.get(event.type)
    if type_ is None:
        return
    pointer = "/content/transaction"
    fact = _fact(event, "transaction", type_, ObjectType.PAYMENT, "amount")
    linked = json_value.items(event.of("transaction"), "linked_invoices", pointer)
    shares: dict[Thing, object] = {}
    for item in linked:
        applied = item.get("applied_amount")
        where = f"{pointer}/linked_invoices"
        invoice = Thing(ObjectType.INVOICE, json_value.text(item, "invoice_id", where, 512))
        if invoice.id:
            shares[invoice] = minor_units.decimal(applied, fact.currency, where)
    if not shares and (id_ := json_value.text(event.of("invoice"), "id", "/content/invoice", 512)):
        shares[Thing(ObjectType.INVOICE, id_)] = None
    if type_ == EventType.PAYMENT_FAILED:
        fact = replace(fact, outcome=Outcome.FAILURE, error_type=ErrorType.BUSINESS_RULE)
    fact = replace(fact, objects=[*fact.objects, *shares], shares=shares)
    yield fact
    if type_ == EventType.PAYMENT_RECEIVED and shares:
        yield replace(fact, type=EventType.PAYMENT_APPLIED)


SOURCE = Source(
    title="Chargebee",
    kind=SystemKind.BILLING,
    translate=translate,
    ordering=Ordering.INCREASING,
    order_from="resource_version orders the versions of one resource; events have whole seconds.",
    retention=None,
    retention_note="Failed webhooks are tried again for about two days; the events API goes back "
    "90 days.",
    linking="By Chargebee's own ids (customer, subscription, invoice, transaction with the amount "
    "applied to each invoice), and by the fields that are set.",
    local_types=(
        ObjectType.CUSTOMER,
        ObjectType.SUBSCRIPTION,
        ObjectType.INVOICE,
        ObjectType.CREDIT_NOTE,
        ObjectType.QUOTE,
    ),
    config=Config,
)
