"""Stripe: quotes, subscriptions, invoices, payments, refunds and disputes from its webhooks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from collector.envelopes import json_value, minor_units, stripe
from collector.envelopes.fact import Fact, Thing, customer
from collector.envelopes.stripe import StripeEvent, id_in
from collector.source import NO_FACT, Context, Ordering, Refused, Source, SourceConfig, Told
from process_model.vocabulary import (
    SEGMENTS,
    ActorKind,
    ErrorType,
    EventType,
    ObjectType,
    Outcome,
    SystemKind,
)


class Config(SourceConfig):
    """The ``[collector.sources.stripe]`` table."""

    metadata: dict[str, ObjectType] = {
        "opportunity_id": ObjectType.OPPORTUNITY,
        "quote_id": ObjectType.QUOTE,
        "contract_id": ObjectType.CONTRACT,
        "order_id": ObjectType.ORDER,
    }
    """metadata keys that hold a document's number: a predecessor, or another name of the object"""
    segments: dict[str, str] = {}
    """metadata keys that name a segment: ``sales_region = "region"``"""


def translate(payload: object, context: Context[Config]) -> Iterable[Told]:
    """The facts of one event; what is no quote-to-cash matter is refused as such."""
    event = stripe.read(payload)
    tell = _TOLD.get(event.type)
    facts = list(tell(event)) if tell else []
    if not facts:
        detail = f"{event.type} tells nothing of quote-to-cash, or nothing that is not told better."
        return [Refused(NO_FACT, detail, "/type", event.id, event.type)]
    return [
        replace(_with_metadata(fact, event, context.config), id=_id(event, place, fact)).envelope(
            context.uri
        )
        for place, fact in enumerate(facts)
    ]


def _id(event: StripeEvent, place: int, fact: Fact) -> str:
    return event.id if place == 0 else f"{event.id}/{fact.type}"


def _with_metadata(fact: Fact, event: StripeEvent, config: Config) -> Fact:
    """What the estate wrote into the object's metadata: documents before it, segments."""
    metadata = json_value.part(event.object, "metadata", "/data/object")
    texts = {name: json_value.text(metadata, name, "/data/object/metadata") for name in metadata}
    named = [Thing(kind, texts[n]) for n, kind in config.metadata.items() if texts.get(n)]
    segment = {s: texts[n] for n, s in config.segments.items() if s in SEGMENTS and texts.get(n)}
    return replace(
        fact,
        objects=[*fact.objects, *(thing for thing in named if thing.type != fact.subject.type)],
        same=[*fact.same, *(thing for thing in named if thing.type == fact.subject.type)],
        segment=segment,
    )


def _fact(event: StripeEvent, type_: EventType, subject: Thing, amount: str = "") -> Fact:
    """The plain fact: about the subject, for its customer, with one amount of the object."""
    money, currency = event.money(amount) if amount else (None, "")
    # what delivery adds is no content: the same event told again must be the same
    raw = {name: value for name, value in event.document.items() if name != "pending_webhooks"}
    return Fact(
        type=type_,
        id=event.id,
        subject=subject,
        time=event.created,
        objects=customer(event.id_of("customer")),
        amount=money,
        currency=currency,
        actor={"kind": ActorKind.SYSTEM} if event.by_itself else {},
        raw=raw,
    )


def _invoice(type_: EventType) -> Callable[[StripeEvent], Iterable[Fact]]:
    def tell(event: StripeEvent) -> Iterable[Fact]:
        invoice = Thing(ObjectType.INVOICE, event.object_id)
        if not invoice.id:
            return
        fact = _fact(event, type_, invoice, "total")
        due = json_value.epoch_time(event.object.get("due_date"), 1, "/data/object/due_date")
        yield replace(
            fact,
            objects=[*fact.objects, *_before_invoice(event)],
            same=_number(event, ObjectType.INVOICE),
            due=due if type_ == EventType.INVOICE_POSTED else None,
        )

    return tell


def _number(event: StripeEvent, kind: ObjectType) -> list[Thing]:
    number = json_value.text(event.object, "number", "/data/object", 512)
    return [Thing(kind, number)] if number else []


def _before_invoice(event: StripeEvent) -> list[Thing]:
    """The subscription and the quote an invoice comes from, in old and new API versions."""
    parent = json_value.part(event.object, "parent", "/data/object")
    details = json_value.part(parent, "subscription_details", "/data/object/parent")
    quoted = json_value.part(parent, "quote_details", "/data/object/parent")
    subscription = event.id_of("subscription") or id_in(details, "subscription")
    quote = event.id_of("quote") or id_in(quoted, "quote")
    named = ((ObjectType.SUBSCRIPTION, subscription), (ObjectType.QUOTE, quote))
    return [Thing(kind, id_) for kind, id_ in named if id_]


def _payment_of_invoice(event: StripeEvent) -> str:
    """The payment intent of an invoice, in old and new API versions; '' when paid elsewhere."""
    for place in json_value.items(event.object, "payments", "/data/object"):
        if found := id_in(json_value.part(place, "payment"), "payment_intent"):
            return found
    return event.id_of("payment_intent") or event.id_of("charge")


def _invoice_paid(event: StripeEvent) -> Iterable[Fact]:
    # invoice.paid and invoice.payment_succeeded tell of one moment: one key, so it counts once
    yield from _applied(event, EventType.PAYMENT_APPLIED, "amount_paid", "paid")


def _invoice_failed(event: StripeEvent) -> Iterable[Fact]:
    attempts = json_value.text(event.object, "attempt_count", "/data/object")
    charge = event.id_of("charge")
    for fact in _applied(event, EventType.PAYMENT_FAILED, "amount_due", charge and "failed"):
        yield replace(_failed(fact, event), fields={"attempt_count": attempts})


def _uncollectible(event: StripeEvent) -> Iterable[Fact]:
    for fact in _applied(event, EventType.PAYMENT_FAILED, "amount_remaining", "uncollectible"):
        reason = {"reason": "marked uncollectible"}
        yield replace(
            fact, outcome=Outcome.FAILURE, error_type=ErrorType.BUSINESS_RULE, fields=reason
        )


def _action_required(event: StripeEvent) -> Iterable[Fact]:
    yield from _applied(event, EventType.PAYMENT_REQUESTED, "amount_due", "")


def _applied(event: StripeEvent, type_: EventType, amount: str, once: str) -> Iterable[Fact]:
    """A fact about the payment of an invoice; about the invoice where no payment is named."""
    invoice = Thing(ObjectType.INVOICE, event.object_id)
    payment = _payment_of_invoice(event)
    subject = Thing(ObjectType.PAYMENT, payment) if payment else invoice
    fact = _fact(event, type_, subject, amount)
    others = [invoice] if payment else _before_invoice(event)
    key = f"{event.id_of('charge') or invoice.id}/{once}" if once else ""
    yield replace(fact, objects=[*fact.objects, *others], idempotency_key=key)


def _intent(type_: EventType, amount: str) -> Callable[[StripeEvent], Iterable[Fact]]:
    def tell(event: StripeEvent) -> Iterable[Fact]:
        fact = _fact(event, type_, Thing(ObjectType.PAYMENT, event.object_id), amount)
        if invoice := event.id_of("invoice"):
            fact = replace(fact, objects=[*fact.objects, Thing(ObjectType.INVOICE, invoice)])
        if type_ == EventType.PAYMENT_FAILED:
            failed = json_value.part(event.object, "last_payment_error", "/data/object")
            charge = id_in(failed, "charge") or event.id_of("latest_charge")
            key = f"{charge}/failed" if charge else ""
            fact = replace(_failed(fact, event), idempotency_key=key)
        if type_ == EventType.PAYMENT_RECEIVED:
            fact = replace(fact, idempotency_key=f"{event.object_id}/received")
        yield fact

    return tell


def _failed(fact: Fact, event: StripeEvent) -> Fact:
    """Why a payment failed, as far as Stripe says: a bank's answer is a rule of business."""
    failed = json_value.part(event.object, "last_payment_error", "/data/object")
    kind = json_value.text(failed, "type", "/data/object/last_payment_error")
    by_rule = kind in ("", "card_error") or event.type.endswith("canceled")
    error_type = ErrorType.BUSINESS_RULE if by_rule else ErrorType.OTHER
    return replace(fact, outcome=Outcome.FAILURE, error_type=error_type)


def _invoice_payment(event: StripeEvent) -> Iterable[Fact]:
    """Newer API versions tie payment and invoice here and nowhere else."""
    payment = id_in(json_value.part(event.object, "payment", "/data/object"), "payment_intent")
    invoice = event.id_of("invoice")
    if payment and invoice:
        subject = Thing(ObjectType.PAYMENT, payment)
        fact = _fact(event, EventType.PAYMENT_RECEIVED, subject, "amount_paid")
        objects = [*fact.objects, Thing(ObjectType.INVOICE, invoice)]
        yield replace(fact, objects=objects, idempotency_key=f"{payment}/received")


def _charge(event: StripeEvent) -> Iterable[Fact]:
    """Only charges without a payment intent tell what no other event tells."""
    if not event.id_of("payment_intent"):
        received = event.type == "charge.succeeded"
        type_ = EventType.PAYMENT_RECEIVED if received else EventType.PAYMENT_FAILED
        fact = _fact(event, type_, Thing(ObjectType.PAYMENT, event.object_id), "amount")
        if invoice := event.id_of("invoice"):
            fact = replace(fact, objects=[*fact.objects, Thing(ObjectType.INVOICE, invoice)])
        yield fact if received else _failed(fact, event)


def _refunded(event: StripeEvent) -> Iterable[Fact]:
    """The amount is of this refund: the charge carries the sum of all, before and after."""
    payment = event.id_of("payment_intent") or event.object_id
    fact = _fact(event, EventType.PAYMENT_REFUNDED, Thing(ObjectType.PAYMENT, payment))
    total, before = event.object.get("amount_refunded"), event.previous.get("amount_refunded")
    _, currency = event.money("amount_refunded")
    if isinstance(total, int) and isinstance(before, int):
        total -= before
    pointer = "/data/object/amount_refunded"
    amount = minor_units.decimal(total, currency, pointer)
    yield replace(fact, amount=amount, currency=currency)


def _disputed(event: StripeEvent) -> Iterable[Fact]:
    dispute = Thing(ObjectType.DISPUTE, event.object_id)
    payment = event.id_of("payment_intent") or event.id_of("charge")
    objects = [Thing(ObjectType.PAYMENT, payment)] if payment else []
    fact = replace(_fact(event, EventType.INVOICE_DISPUTED, dispute, "amount"), objects=objects)
    case = {"id": dispute.id, "class": "dispute"}
    if event.type == "charge.dispute.created":
        yield fact
        due = json_value.part(event.object, "evidence_details", "/data/object").get("due_by")
        deadline = json_value.epoch_time(due, 1, "/data/object/evidence_details/due_by")
        yield replace(fact, type=EventType.EXCEPTION_RAISED, exception=case, due=deadline)
        return
    yield replace(fact, type=EventType.EXCEPTION_RESOLVED, exception=case)
    if json_value.text(event.object, "status", "/data/object") == "lost" and payment:
        lost = Thing(ObjectType.PAYMENT, payment)
        yield replace(fact, type=EventType.PAYMENT_REFUNDED, subject=lost, objects=[dispute])


def _customer(event: StripeEvent) -> Iterable[Fact]:
    created = event.type == "customer.created"
    type_ = EventType.CUSTOMER_CREATED if created else EventType.CUSTOMER_CHANGED
    fields = {
        f"customer.{name}": value
        for name in ("name", "email", "phone", "tax_exempt")
        if (value := json_value.text(event.object, name, "/data/object"))
    }
    address = json_value.part(event.object, "address", "/data/object")
    for name, told in (("line1", "street"), ("city", "city"), ("state", "state"),
                       ("postal_code", "postal_code"), ("country", "country")):  # fmt: skip
        if value := json_value.text(address, name, "/data/object/address"):
            fields[f"customer.{told}"] = value
    if event.type == "customer.deleted":
        fields["record"] = "deleted"
    party = Thing(ObjectType.CUSTOMER, event.object_id)
    yield replace(_fact(event, type_, party), objects=[], fields=fields)


def _subscription(event: StripeEvent) -> Iterable[Fact]:
    subject = Thing(ObjectType.SUBSCRIPTION, event.object_id)
    yield _fact(event, _subscription_type(event), subject)


def _subscription_type(event: StripeEvent) -> EventType:
    status = json_value.text(event.object, "status", "/data/object")
    if event.type == "customer.subscription.deleted":
        return EventType.SUBSCRIPTION_CANCELLED
    living = status in ("active", "trialing")
    starts = "status" in event.previous and event.previous["status"] in (
        "incomplete", "paused", "unpaid",
    )  # fmt: skip
    if living and (starts or event.type == "customer.subscription.created"):
        return EventType.SUBSCRIPTION_ACTIVATED
    if living and _next_period(event):
        return EventType.RENEWAL_CREATED
    return EventType.SUBSCRIPTION_CHANGED


def _next_period(event: StripeEvent) -> bool:
    """Whether the update was the step into the next period, in old and new API versions."""
    before = event.previous.get("current_period_start")
    now = event.object.get("current_period_start")
    if before is None:
        old = json_value.items(event.previous, "items", "/data/previous_attributes")
        new = json_value.items(event.object, "items", "/data/object")
        before = old[0].get("current_period_start") if old else None
        now = new[0].get("current_period_start") if new else None
    return isinstance(before, int) and isinstance(now, int) and now > before


def _quote(type_: EventType) -> Callable[[StripeEvent], Iterable[Fact]]:
    def tell(event: StripeEvent) -> Iterable[Fact]:
        quote = Thing(ObjectType.QUOTE, event.object_id)
        fact = _fact(event, type_, quote, "amount_total")
        became = [
            Thing(kind, id_)
            for kind in (ObjectType.SUBSCRIPTION, ObjectType.INVOICE)
            if (id_ := event.id_of(kind))
        ]
        origin = json_value.part(event.object, "from_quote", "/data/object")
        revised = id_in(origin, "quote")
        before = [Thing(ObjectType.QUOTE, revised)] if revised else []
        objects = [*fact.objects, *became, *before]
        yield replace(fact, objects=objects, same=_number(event, ObjectType.QUOTE))

    return tell


def _credit_note(event: StripeEvent) -> Iterable[Fact]:
    note = Thing(ObjectType.CREDIT_NOTE, event.object_id)
    fact = _fact(event, EventType.CREDIT_NOTE_POSTED, note, "total")
    invoice = event.id_of("invoice")
    objects = [*fact.objects, *([Thing(ObjectType.INVOICE, invoice)] if invoice else [])]
    yield replace(fact, objects=objects, same=_number(event, ObjectType.CREDIT_NOTE))


_TOLD: Mapping[str, Callable[[StripeEvent], Iterable[Fact]]] = {
    "quote.created": _quote(EventType.QUOTE_CREATED),
    "quote.finalized": _quote(EventType.QUOTE_SENT),
    "quote.accepted": _quote(EventType.QUOTE_ACCEPTED),
    "quote.canceled": _quote(EventType.QUOTE_DECLINED),
    "customer.created": _customer,
    "customer.updated": _customer,
    "customer.deleted": _customer,
    "customer.subscription.created": _subscription,
    "customer.subscription.updated": _subscription,
    "customer.subscription.paused": _subscription,
    "customer.subscription.resumed": _subscription,
    "customer.subscription.deleted": _subscription,
    "invoice.created": _invoice(EventType.INVOICE_CREATED),
    "invoice.finalized": _invoice(EventType.INVOICE_POSTED),
    "invoice.sent": _invoice(EventType.INVOICE_SENT),
    "invoice.voided": _invoice(EventType.INVOICE_CANCELLED),
    "invoice.deleted": _invoice(EventType.INVOICE_CANCELLED),
    "invoice.paid": _invoice_paid,
    "invoice.payment_succeeded": _invoice_paid,
    "invoice.payment_failed": _invoice_failed,
    "invoice.payment_action_required": _action_required,
    "invoice.marked_uncollectible": _uncollectible,
    "invoice_payment.paid": _invoice_payment,
    "payment_intent.created": _intent(EventType.PAYMENT_REQUESTED, "amount"),
    "payment_intent.succeeded": _intent(EventType.PAYMENT_RECEIVED, "amount_received"),
    "payment_intent.payment_failed": _intent(EventType.PAYMENT_FAILED, "amount"),
    "payment_intent.canceled": _intent(EventType.PAYMENT_FAILED, "amount"),
    "charge.succeeded": _charge,
    "charge.failed": _charge,
    "charge.refunded": _refunded,
    "charge.dispute.created": _disputed,
    "charge.dispute.closed": _disputed,
    "credit_note.created": _credit_note,
}

SOURCE = Source(
    title="Stripe",
    kind=SystemKind.PAYMENT,
    translate=translate,
    ordering=Ordering.NONE,
    order_from="None: created has whole seconds, ids are random, and delivery keeps no order; "
    "within a second the place in the process decides.",
    retention=timedelta(days=30),
    retention_note="The events API lists 30 days; webhooks are tried again for three days.",
    linking="By Stripe's own ids (customer, quote, subscription, invoice, payment_intent), by "
    "numbers as further names, and by the metadata keys that are set.",
    config=Config,
)
