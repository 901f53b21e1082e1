"""One order's life and forty small ones, as plain data: what happened, to which document, when.

Nothing here is drawn at random: the same start gives the same events, so that what the pages show
can be checked by hand. Every event is a CloudEvent as ``docs/events.md`` describes it.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from process_model.events import utc_text

SYSTEMS: Mapping[str, str] = {
    "opportunity": "salesforce", "quote": "cpq", "approval": "cpq", "contract": "docusign",
    "order": "sap", "sync": "mulesoft", "exception": "mulesoft", "fulfilment": "warehouse",
    "invoice": "sap", "credit_note": "sap", "payment": "stripe",
}  # fmt: skip
"""Which system of record tells of which topic."""

_CUTS = (
    ("EMEA", "Industrial", "DE01", "Pumps", "direct", "A", "EUR"),
    ("AMER", "Energy", "US01", "Valves", "partner", "B", "USD"),
    ("APAC", "Industrial", "JP01", "Seals", "direct", "C", "JPY"),
)
_SEGMENTS = (
    "region", "business_unit", "legal_entity", "product_family", "sales_channel", "customer_tier",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a story before it has an envelope."""

    type: str
    subject: str
    after: timedelta
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """The settings of one small order's life."""

    number: int
    start: datetime
    path: str = "straight"

    @property
    def quote(self) -> str:
        """The quote's number."""
        return f"Q-{self.number}"

    @property
    def order(self) -> str:
        """The order's number."""
        return f"SO-{self.number}"

    @property
    def invoice(self) -> str:
        """The invoice's number."""
        return f"INV-{self.number}"

    @property
    def amount(self) -> str:
        """What it is worth, in its own currency."""
        return f"{1200 + 37 * (self.number % 100)}.00"


PATHS = (
    "straight", "revised", "failed_sync", "partial", "cancelled_invoice", "open_invoice",
    "waits_for_approval", "waits_for_order", "lost", "part_paid",
)  # fmt: skip
"""How a small order's life can go; the forty take turns."""


def one_orders_life(start: datetime, number: int = 1001) -> list[dict[str, object]]:
    """A revised and approved quote whose order first fails to reach the ERP, up to payment."""
    return _events(Order(number, start, "revised_and_failed"))


def forty_orders(now: datetime) -> list[dict[str, object]]:
    """Forty lives begun in the last three weeks, told up to ``now``, and one shared payment."""
    told: list[dict[str, object]] = []
    for place in range(40):
        path = PATHS[place % len(PATHS)]
        told += _events(Order(2000 + place, _begin(now, place), path))
    told += _shared_payment(now)
    return [event for event in told if str(event["time"]) <= utc_text(now)]


def _events(order: Order) -> list[dict[str, object]]:
    return [_envelope(order, place, told) for place, told in enumerate(_tell(order))]


def _envelope(order: Order, place: int, told: Told) -> dict[str, object]:
    *cuts, currency = _CUTS[order.number % len(_CUTS)]
    system = SYSTEMS[told.type.split(".")[0]]
    id_ = sha256(f"{order.number}/{place}/{told.type}/{told.subject}".encode()).hexdigest()[:24]
    customer = {"type": "customer", "id": f"C-{order.number % 6}"}
    objects = [customer, *told.data.get("objects", [])]  # type: ignore[misc]
    data = {"segment": dict(zip(_SEGMENTS, cuts, strict=True)), **told.data, "objects": objects}
    if "amount" in data:
        data.setdefault("currency", currency)
    return {
        "specversion": "1.0", "id": id_, "source": f"urn:system:{system}:{cuts[0].lower()}",
        "type": f"q2c.{told.type}.v1", "subject": told.subject,
        "time": utc_text(order.start + told.after), "datacontenttype": "application/json",
        "data": data,
    }  # fmt: skip


def _tell(order: Order) -> Iterator[Told]:
    """The life in its order of happening; each chapter says where it ends for this path."""
    quote = yield from _quoting(order)
    if order.path in ("lost", "waits_for_approval", "waits_for_order"):
        return
    yield from _ordering(order, quote)
    yield from _delivering(order)
    yield from _invoicing(order)


def _quoting(order: Order) -> Generator[Told, None, str]:
    """Tell up to the customer's answer; what is returned is the quote it was given to."""
    quote, worth = f"quote/{order.quote}", {"amount": order.amount}
    deal = {"objects": [_object("opportunity", f"OPP-{order.number}")]}
    yield Told("opportunity.created", f"opportunity/OPP-{order.number}", _hours(0))
    yield Told("quote.created", quote, _hours(2), {**worth, **deal})
    if "revised" in order.path:
        before = {"objects": [_object("quote", order.quote)]}
        quote = f"quote/{order.quote}-R1"
        yield Told("quote.revised", quote, _hours(5), {**worth, **before})
    yield Told("quote.validated", quote, _hours(6))
    yield Told("approval.requested", quote, _hours(7), {"due": utc_text(order.start + _hours(31))})
    if order.path == "waits_for_approval":
        return quote
    yield Told("quote.approved", quote, _hours(9), {"actor": {"kind": "human", "id": "u-19"}})
    yield Told("quote.sent", quote, _hours(10))
    if order.path == "lost":
        yield Told("quote.declined", quote, _hours(50), {"actor": {"kind": "human"}})
        return quote
    yield Told("quote.accepted", quote, _hours(30), {**worth, "actor": {"kind": "human"}})
    return quote


def _ordering(order: Order, quote: str) -> Iterator[Told]:
    type_, id_ = quote.split("/")
    across = {
        "sync": {"from": "cpq", "to": "sap", "object": _object("order", order.order)},
        "objects": [_object(type_, id_)], "idempotency_key": f"create-{order.order}",
    }  # fmt: skip
    if "failed" in order.path:
        failed = {"outcome": "failure", "error_type": "upstream_down", "attempt": 1}
        yield Told("sync.failed", quote, _hours(30.5), {**across, **failed})
        trouble = {"id": f"X-{order.number}", "class": "upstream_down", "owner": "order-desk"}
        yield Told("exception.raised", quote, _hours(30.6), {"exception": trouble})
        yield Told("sync.succeeded", quote, _hours(34), {**across, "attempt": 2})
        yield Told("exception.resolved", quote, _hours(34.1), {"exception": trouble})
    else:
        yield Told("sync.succeeded", quote, _hours(30.5), {**across, "attempt": 1})
    made = {"amount": order.amount, "objects": [_object(type_, id_)]}
    yield Told("order.created", f"order/{order.order}", _hours(35), made)
    yield Told("order.booked", f"order/{order.order}", _hours(36))


def _delivering(order: Order) -> Iterator[Told]:
    parts = 2 if order.path == "partial" else 1
    yield Told("fulfilment.started", f"order/{order.order}", _hours(60))
    for part in range(1, parts + 1):
        delivery = f"delivery/D-{order.number}-{part}"
        of_order = {"objects": [_object("order", order.order)]}
        yield Told("fulfilment.shipped", delivery, _hours(70 + 20 * part), of_order)
    yield Told("fulfilment.completed", f"order/{order.order}", _hours(75 + 20 * parts))


def _invoicing(order: Order) -> Iterator[Told]:
    of_order = {"amount": order.amount, "objects": [_object("order", order.order)]}
    invoice, bill = order.invoice, {**of_order, "terms": {"payment_days": 14}}
    yield Told("invoice.created", f"invoice/{invoice}", _hours(118), of_order)
    yield Told("invoice.posted", f"invoice/{invoice}", _hours(120), bill)
    if order.path == "open_invoice":
        return
    if order.path == "cancelled_invoice":
        yield Told("invoice.cancelled", f"invoice/{invoice}", _hours(140))
        invoice = f"{invoice}-B"
        yield Told("invoice.posted", f"invoice/{invoice}", _hours(142), bill)
    if order.path == "part_paid":
        return
    paid = {"amount": order.amount, "objects": [_object("invoice", invoice)]}
    yield Told("payment.received", f"payment/P-{order.number}", _hours(200), paid)
    yield Told("payment.applied", f"payment/P-{order.number}", _hours(201), paid)


def _shared_payment(now: datetime) -> list[dict[str, object]]:
    """One payment that settles the invoices of two quotes, its shares stated."""
    # the ninth and the last of those that are billed and not paid: one customer, one currency
    first, second = (Order(2000 + place, _begin(now, place), "part_paid") for place in (9, 39))
    payment = _object("payment", "P-SHARED")
    total = str(Decimal(first.amount) + Decimal(second.amount))
    links = [
        {"from": _object("invoice", order.invoice), "to": payment, "amount": order.amount}
        for order in (first, second)
    ]
    currency = _CUTS[first.number % len(_CUTS)][-1]
    told = Told(
        "payment.applied", "payment/P-SHARED", _hours(205),
        {"amount": total, "currency": currency, "links": links},
    )  # fmt: skip
    return [_envelope(second, 99, told)]


def _object(type_: str, id_: str) -> dict[str, str]:
    return {"type": type_, "id": id_}


def _begin(now: datetime, place: int) -> datetime:
    return now - timedelta(days=21) + timedelta(hours=7 * place)


def _hours(number: float) -> timedelta:
    return timedelta(hours=number)
