"""From the accepted quote to delivered goods: hand-over to the ERP, booking, credit, shipping."""

from collections.abc import Sequence

import msgspec

from process_model.simulation.deal import Deal, seconds
from process_model.simulation.faults import FaultKind
from process_model.simulation.handover import Crossing, cross
from process_model.simulation.hours import DAY, HOUR, MINUTE, utc
from process_model.simulation.pricing import Line, mispriced, split, total, wire_lines
from process_model.simulation.quoting import Accepted

_SPLIT, _PARTIAL = 0.02, 0.14
_SERVICES = "Service plans"


class Order(msgspec.Struct, frozen=True):
    """One order that was booked."""

    id: str
    lines: tuple[Line, ...]
    at: int
    credit_checked: int

    @property
    def total(self) -> int:
        """What it is worth, in minor units."""
        return total(self.lines)


class Delivered(msgspec.Struct, frozen=True):
    """An order whose goods have arrived, with what arrived together."""

    order: Order
    at: int
    deliveries: tuple[str, ...]


def tell_ordering(deal: Deal, accepted: Accepted) -> list[Order]:
    """The orders of the quote; none when it was dropped in silence."""
    if fault := deal.fault(FaultKind.SILENT_DROP, accepted.at):
        deal.hurt(fault.kind, accepted.at, accepted.at + 5 * HOUR, ("quote", accepted.quote))
        return []
    parts: Sequence[tuple[Line, ...]] = [deal.lines]
    if deal.luck.random() < _SPLIT:
        parts = [part for part in split(deal.lines) if part]
    orders: list[Order] = []
    at = accepted.at
    for part in parts:
        at += seconds(deal.luck, 15, 150)
        orders.append(_order(deal, accepted, part, at, len(orders)))
    if len(parts) == 1 and (fault := deal.fault(FaultKind.DUPLICATE_ORDER, accepted.at)):
        _twice(deal, accepted, orders[0], len(orders))
    if deal.deviation == "recreated" and len(parts) == 1:
        orders = [_recreated(deal, accepted, orders[0])]
    return orders


def _order(deal: Deal, accepted: Accepted, lines: tuple[Line, ...], at: int, place: int) -> Order:
    quote, id_, hop = ("quote", accepted.quote), deal.number("order", "{}"), f"order {place}"
    crossing = Crossing(("salesforce", "sap"), "mulesoft", quote, ("order", id_), hop)
    at = cross(deal, at, crossing, [FaultKind.TOKEN_EXPIRY, FaultKind.SCHEMA_CHANGE])
    fault = deal.fault(FaultKind.PRICE_MISMATCH, at)
    if fault and fault.place == "order":
        lines = mispriced(lines, deal.fate.randint(4, 12))
        deal.hurt(fault.kind, at, at + HOUR, quote, ("order", id_))
    return _created(deal, accepted, id_, lines, at, hop)


def _created(
    deal: Deal, accepted: Accepted, id_: str, lines: tuple[Line, ...], at: int, hop: str
) -> Order:
    luck, subject = deal.luck, ("order", id_)
    at += seconds(luck, 2, 45)
    deal.tell(at, "sap", "order.created", subject, hop, about=[("quote", accepted.quote)],
              amount=total(lines), due=utc(at + 10 * DAY), actor={"kind": "system"},
              lines=wire_lines(lines, deal.currency, ("quote", accepted.quote)),
              fields=deal.customer.believed("sap", at))  # fmt: skip
    at += seconds(luck, 1, 10)
    deal.tell(at, "sap", "credit.checked", subject, hop)
    checked = at
    if deal.deviation == "credit_hold":
        deal.tell(at + 3_000, "sap", "order.blocked", subject, hop)
        at = deal.office.after(at, luck.uniform(1, 6))
        deal.tell(at, "sap", "order.released", subject, actor={"kind": "human", "id": "u-31"})
    at += seconds(luck, 20, 900)
    deal.tell(at, "sap", "order.booked", subject, f"book {id_}", actor={"kind": "system"})
    if deal.deviation == "changed":
        at = deal.office.after(at, luck.uniform(0.3, 3))
        deal.tell(at, "sap", "order.changed", subject, actor={"kind": "human", "id": "u-32"},
                  fields={"delivery.block": ""})  # fmt: skip
    if deal.deviation == "exception":
        _clarified(deal, subject, at)
    return Order(id_, lines, at, checked)


def _clarified(deal: Deal, subject: tuple[str, str], at: int) -> None:
    told = {"exception": {"id": f"X-{deal.token('address', length=8)}", "class": "validation",
            "owner": "order-desk"}, "error_type": "validation"}  # fmt: skip
    clerk = {"kind": "human", "id": "u-33"}
    deal.tell(at + 9_000, "mulesoft", "exception.raised", subject, amount=deal.total, more=told)
    at = deal.office.after(at, deal.luck.uniform(0.2, 1.5))
    deal.tell(at, "mulesoft", "exception.assigned", subject, actor=clerk, more=told)
    at = deal.office.after(at, deal.luck.uniform(0.3, 4))
    deal.tell(at, "sap", "task.touched", subject, actor=clerk)
    deal.tell(at + MINUTE, "mulesoft", "exception.resolved", subject, actor=clerk, more=told)


def _twice(deal: Deal, accepted: Accepted, first: Order, place: int) -> None:
    """The answer of the first call was lost, and the second had another key."""
    quote, id_, hop = ("quote", accepted.quote), deal.number("order", "{}"), f"order {place}"
    at = first.credit_checked + seconds(deal.fate, 120, 1_500)
    crossing = Crossing(("salesforce", "sap"), "mulesoft", quote, ("order", id_), hop)
    at = cross(deal, at, crossing)
    _created(deal, accepted, id_, first.lines, at, hop)
    deal.hurt(FaultKind.DUPLICATE_ORDER, at, at + HOUR, ("order", first.id), ("order", id_))


def _recreated(deal: Deal, accepted: Accepted, first: Order) -> Order:
    clerk = {"kind": "human", "id": "u-32"}
    at = deal.office.after(first.at, deal.luck.uniform(0.3, 3))
    deal.tell(at, "sap", "order.cancelled", ("order", first.id), actor=clerk)
    return _created(deal, accepted, deal.number("order", "{}"), first.lines, at + 9 * MINUTE, "")


def tell_fulfilment(deal: Deal, order: Order, billed_at: int | None = None) -> Delivered:
    """Ship everything; ``billed_at`` is a collective billing date agreed with the customer."""
    due = {"due": utc(billed_at)} if billed_at else {}
    if deal.segment["product_family"] == _SERVICES:
        return _activated(deal, order, due)
    luck, hop = deal.luck, f"ship {order.id}"
    _lose_correlation(deal, order.at, "wms")
    at = deal.shifts.after(order.at, luck.uniform(0.5, 7))
    parts = 2 if luck.random() < _PARTIAL else 1
    deliveries = tuple(deal.number("delivery", "8{}") for _ in range(parts))
    for name in deliveries:
        deal.tell(at, "wms", "fulfilment.started", ("delivery", name), hop,
                  about=[("order", order.id)])  # fmt: skip
    for place, name in enumerate(deliveries):
        subject = ("delivery", name)
        at = deal.shifts.after(at, luck.uniform(1, 12))
        deal.tell(at, "wms", "fulfilment.shipped", subject, f"{hop} {place}",
                  about=[("order", order.id)], links=_shipment(deal, name))  # fmt: skip
        at = deal.awake(at + seconds(luck, 7 * 3600, 52 * 3600))
        deal.tell(
            at,
            "wms",
            "fulfilment.completed",
            subject,
            f"arrive {name}",
            about=[("order", order.id)],
            more=due,
        )
    return Delivered(order, at, deliveries)


def _shipment(deal: Deal, delivery: str) -> list[dict[str, object]]:
    """The warehouse's own number of the delivery, which nobody else knows."""
    own = f"S{deal.token('shipment', delivery, length=9).upper()}"
    return [{"kind": "same", "from": {"type": "delivery", "id": delivery},
             "to": {"type": "delivery", "id": own, "system": "wms"}}]  # fmt: skip


def _activated(deal: Deal, order: Order, due: dict[str, str]) -> Delivered:
    """A service is delivered by being switched on, and renewed before its term ends."""
    subject, luck = ("subscription", deal.number("subscription", "SUB-{}")), deal.luck
    at = order.at + seconds(luck, 600, 9_000)
    deal.tell(at, "billing", "subscription.activated", subject, about=[("order", order.id)],
              due=utc(at + 90 * DAY))  # fmt: skip
    deal.tell(at + 4_000, "sap", "fulfilment.completed", ("order", order.id), more=due)
    renewed = deal.at_work(at + int(luck.uniform(68, 80) * DAY))
    deal.tell(renewed, "salesforce", "renewal.created", subject)
    if luck.random() < 0.85:
        deal.tell(deal.office.after(renewed, luck.uniform(2, 30)), "salesforce",
                  "renewal.accepted", subject, actor={"kind": "human"})  # fmt: skip
    return Delivered(order, at + 4_000, ())


def _lose_correlation(deal: Deal, at: int, system: str) -> None:
    fault = deal.fault(FaultKind.CORRELATION_LOST, at)
    if fault and fault.system == system:
        deal.deaf |= {"wms"} if system == "wms" else {"billing", "stripe"}
        certain = at + (3 if system == "wms" else 1) * DAY
        deal.hurt(fault.kind, at, certain)


def lose_correlation_to_billing(deal: Deal, at: int) -> None:
    """From here on billing and what it calls may not know the conversation."""
    _lose_correlation(deal, at, "billing")
