"""The chapters in their order, for one deal or for several that are billed or paid together."""

from collections.abc import Sequence

from process_model.simulation.deal import Deal
from process_model.simulation.hours import DAY
from process_model.simulation.ordering import Delivered, tell_fulfilment, tell_ordering
from process_model.simulation.quoting import tell_quoting
from process_model.simulation.settling import (
    Bill,
    paid,
    tell_collective_invoice,
    tell_invoicing,
    tell_payment,
)


def tell_lives(deals: Sequence[Deal], *, collective: bool) -> None:
    """Tell deals of one customer from their opportunities to cash.

    Several are ``collective``: billed by one invoice; else each has its own and one payment.
    """
    if len(deals) == 1:
        _alone(deals[0])
    elif collective:
        _billed_together(deals)
    else:
        _paid_together(deals)


def _alone(deal: Deal) -> None:
    for delivered in _delivered(deal):
        for bill in tell_invoicing(deal, delivered):
            tell_payment(deal, bill)


def _delivered(deal: Deal) -> list[Delivered]:
    accepted = tell_quoting(deal)
    orders = tell_ordering(deal, accepted) if accepted else []
    return [tell_fulfilment(deal, order) for order in orders]


def _billed_together(deals: Sequence[Deal]) -> None:
    """What arrives within four weeks of the first order goes on one invoice, on an agreed date."""
    ordered = []
    for deal in deals:
        accepted = tell_quoting(deal)
        if accepted:
            ordered += [(deal, order) for order in tell_ordering(deal, accepted)]
    if not ordered:
        return
    day = max(order.at for _, order in ordered) + 11 * DAY
    delivered = [(deal, tell_fulfilment(deal, order, day)) for deal, order in ordered]
    bill = tell_collective_invoice(delivered)
    _settled(list(dict.fromkeys(deal for deal, _ in delivered)), [bill])


def _paid_together(deals: Sequence[Deal]) -> None:
    billed = []
    for deal in deals:
        for delivered in _delivered(deal):
            billed += [(deal, bill) for bill in tell_invoicing(deal, delivered)]
    if not billed:
        return
    first_due = min(bill.at for _, bill in billed) + deals[0].customer.payment_days * DAY
    if max(bill.at for _, bill in billed) + DAY < first_due - DAY:
        those = list(dict.fromkeys(deal for deal, _ in billed))
        _settled(those, [bill for _, bill in billed])
    else:
        for deal, bill in billed:
            tell_payment(deal, bill)


def _settled(deals: Sequence[Deal], bills: Sequence[Bill]) -> None:
    """One payment before the first of them is due."""
    first = deals[0]
    latest = max(bill.at for bill in bills)
    due = min(bill.at for bill in bills) + first.customer.payment_days * DAY
    share = first.luck.uniform(0.3, 0.8)
    at = min(first.awake(latest + int((due - latest) * share)), due - DAY // 2)
    paid(first, [(bill, bill.amount) for bill in bills], max(at, latest + DAY // 24), deals)
