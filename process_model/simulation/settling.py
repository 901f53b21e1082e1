"""From delivered goods to cash: invoices (also collective), corrections, disputes, payments."""

from collections.abc import Sequence

import msgspec

from process_model.simulation.deal import Deal, seconds
from process_model.simulation.faults import FaultKind
from process_model.simulation.handover import Crossing, cross
from process_model.simulation.hours import DAY, HOUR, MINUTE
from process_model.simulation.ordering import Delivered, lose_correlation_to_billing
from process_model.simulation.pricing import Line, mispriced, split, total, wire_lines

_SPLIT_PAYMENT, _PER_DELIVERY = 0.06, 0.5


class Bill(msgspec.Struct, frozen=True):
    """One posted invoice that waits for money."""

    id: str
    amount: int
    at: int


def tell_invoicing(deal: Deal, delivered: Delivered) -> list[Bill]:
    """The order's invoice, or one for each of its deliveries."""
    parts: Sequence[tuple[Line, ...]] = [delivered.order.lines]
    if len(delivered.deliveries) > 1 and deal.luck.random() < _PER_DELIVERY:
        parts = [part for part in split(delivered.order.lines) if part]
    at = delivered.at + seconds(deal.luck, 600, 4 * 3600)
    lose_correlation_to_billing(deal, at)
    return [_invoice(deal, delivered, part, at + step * MINUTE) for step, part in enumerate(parts)]


def _invoice(deal: Deal, delivered: Delivered, lines: tuple[Line, ...], at: int) -> Bill:
    order, id_ = ("order", delivered.order.id), deal.number("invoice", "9{}")
    fault = deal.fault(FaultKind.PRICE_MISMATCH, at)
    if fault and fault.place == "invoice":
        lines = mispriced(lines, deal.fate.randint(4, 12))
        deal.hurt(fault.kind, at, at + 4 * HOUR, order, ("invoice", id_))
    at = _posted(deal, id_, [order], lines, at, f"bill {id_}")
    if deal.deviation in ("cancelled_invoice", "corrected_invoice"):
        at += seconds(deal.luck, 600, 3_600)
        word = f"invoice.{deal.deviation.removesuffix('_invoice')}"
        deal.tell(at, "billing", word, ("invoice", id_), actor={"kind": "system"},
                  fields={"reason": "address"})  # fmt: skip
        before, id_ = id_, deal.number("invoice", "9{}")
        at = _posted(deal, id_, [order, ("invoice", before)], lines, at + MINUTE, f"bill {id_}")
    return Bill(id_, total(lines), at)


def _posted(
    deal: Deal, id_: str, about: Sequence[tuple[str, str]], lines: tuple[Line, ...], at: int,
    hop: str,
) -> int:  # fmt: skip
    subject, amount = ("invoice", id_), total(lines)
    deal.tell(at, "sap", "invoice.created", subject, hop, about=about, amount=amount)
    at = _taxed(deal, subject, sum(line.tax for line in lines), at, hop)
    deal.tell(at, "sap", "invoice.posted", subject, f"{hop} tax", about=about, amount=amount,
              lines=wire_lines(lines, deal.currency, about[0]),
              terms={"payment_days": deal.customer.payment_days})  # fmt: skip
    _sent(deal, subject, at, hop)
    return at


def _taxed(deal: Deal, subject: tuple[str, str], tax: int, at: int, hop: str) -> int:
    crossing = Crossing(("sap", "tax"), "mulesoft", subject, subject, f"{hop} tax")
    at = cross(deal, at + seconds(deal.luck, 2, 30), crossing, [FaultKind.TAX_OUTAGE])
    at += seconds(deal.luck, 0.2, 2)
    deal.tell(at, "tax", "tax.calculated", subject, f"{hop} tax", amount=tax, rule=deal.tax_rule)
    return at + seconds(deal.luck, 2, 40)


def _sent(deal: Deal, subject: tuple[str, str], at: int, hop: str, *, shared: bool = False) -> None:
    crossing = Crossing(("sap", "billing"), "mulesoft", subject, subject, f"{hop} send")
    at = cross(deal, at + seconds(deal.luck, 20, 240), crossing)
    deal.tell(at + seconds(deal.luck, 5, 90), "billing", "invoice.sent", subject, f"{hop} send",
              shared=shared, fields=deal.customer.believed("billing", at))  # fmt: skip


def tell_collective_invoice(deals: Sequence[tuple[Deal, Delivered]]) -> Bill:
    """One invoice for the orders of several quotes, each share stated; the first deal tells it."""
    first, _ = deals[0]
    at = max(delivered.at for _, delivered in deals) + seconds(first.luck, 900, 3 * 3600)
    id_ = first.number("invoice", "9{}")
    subject, lines, links = ("invoice", id_), [], []
    for place, (deal, delivered) in enumerate(deals):
        order = delivered.order
        told = wire_lines(order.lines, deal.currency, ("order", order.id))
        lines += [{**line, "id": f"{place + 1}{line['id']}"} for line in told]
        links.append({"from": {"type": "order", "id": order.id}, "amount": deal.money(order.total),
                      "to": {"type": "invoice", "id": id_}})  # fmt: skip
        deal.documents.add(subject)
    amount = sum(delivered.order.total for _, delivered in deals)
    about = [("order", delivered.order.id) for _, delivered in deals]
    first.tell(at, "sap", "invoice.created", subject, about=about, amount=amount, shared=True)
    at += seconds(first.luck, 30, 200)
    first.tell(at, "sap", "invoice.posted", subject, about=about, amount=amount, shared=True,
               terms={"payment_days": first.customer.payment_days},
               lines=lines, links=links)  # fmt: skip
    at += seconds(first.luck, 30, 200)
    first.tell(at, "billing", "invoice.sent", subject, shared=True,
               fields=first.customer.believed("billing", at))  # fmt: skip
    return Bill(id_, amount, at)


def tell_payment(deal: Deal, bill: Bill) -> None:
    """How the invoice is paid, before it is due: at once, in parts, less what was disputed."""
    luck, days = deal.luck, deal.customer.payment_days
    at = deal.awake(bill.at + int(luck.uniform(0.2, 0.8) * days * DAY))
    amount = bill.amount
    if deal.deviation in ("disputed", "returned"):
        credit = max(1, amount * luck.randint(2, 8) // 100)
        at = max(at, _credited(deal, bill, credit))
        amount -= credit
    if luck.random() < _SPLIT_PAYMENT and amount > 1:
        part = amount * luck.randint(30, 70) // 100
        paid(deal, [(bill, part)], at, [deal])
        at = deal.awake(at + int(luck.uniform(0.02, 0.1) * days * DAY))
        amount -= part
    paid(deal, [(bill, amount)], at, [deal])


def _credited(deal: Deal, bill: Bill, credit: int) -> int:
    """A dispute or a return, and the credit note it ends in; says when."""
    luck, invoice = deal.luck, ("invoice", bill.id)
    at = deal.at_work(bill.at + seconds(luck, 86_400, 3 * 86_400))
    about = [invoice]
    if deal.deviation == "disputed":
        dispute = ("dispute", deal.number("dispute", "D-{}"))
        deal.tell(at, "billing", "invoice.disputed", invoice, about=[dispute],
                  actor={"kind": "human"})  # fmt: skip
        about.append(dispute)
    else:
        deal.tell(at, "wms", "fulfilment.returned", invoice, actor={"kind": "human"})
    at = deal.office.after(at, luck.uniform(2, 14))
    note = ("credit_note", deal.number("credit_note", "95{}"))
    deal.tell(at, "sap", "credit_note.posted", note, about=about, amount=credit,
              actor={"kind": "human", "id": "u-41"})  # fmt: skip
    return at + HOUR


def paid(deal: Deal, shares: Sequence[tuple[Bill, int]], at: int, deals: Sequence[Deal]) -> None:
    """One payment for one or several invoices; with several, every share is stated."""
    luck, shared = deal.luck, len(deals) > 1
    name = deal.number("payment", "P-{}")
    for other in deals:
        other.documents.add(("payment", name))
    subject, hop = ("payment", name), f"pay {name}"
    amount = sum(part for _, part in shares)
    about = [("invoice", bill.id) for bill, _ in shares]
    links = [
        {"from": {"type": "invoice", "id": bill.id}, "to": {"type": "payment", "id": name},
         "amount": deal.money(part)}
        for bill, part in shares
    ]  # fmt: skip
    teller = "stripe" if deal.customer.card or luck.random() < 0.35 else "sap"
    own: list[dict[str, object]] = []
    if teller == "stripe":
        intent = {"type": "payment", "id": f"pi_{deal.token(name)}", "system": "stripe"}
        own = [{"kind": "same", "from": {"type": "payment", "id": name}, "to": intent}]
        deal.tell(at - seconds(luck, 60, 900), "stripe", "payment.requested", subject,
                  about=about, amount=amount, shared=shared)  # fmt: skip
        if deal.deviation == "payment_failed":
            deal.tell(at, "stripe", "payment.failed", subject, about=about, amount=amount,
                      outcome="failure", error_type="business_rule", shared=shared)  # fmt: skip
            at = deal.awake(at + seconds(luck, 3_600, 80_000))
    deal.tell(at, teller, "payment.received", subject, hop, about=about, amount=amount,
              links=[*links, *own], shared=shared)  # fmt: skip
    deal.tell(at + seconds(luck, 300, 5_400), "sap", "payment.applied", subject, hop, about=about,
              amount=amount, links=links, shared=shared)  # fmt: skip
