"""Shared documents: divided as contract 3 says, and never a cent more or less than they are."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.envelopes.canonical import translate
from process_model.correlation import grow
from process_model.events import BusinessEvent
from process_model.shares import Share, shares_of
from process_model.winners import counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ref(name: str) -> dict[str, str]:
    type_, _, id_ = name.partition("/")
    return {"type": type_, "id": id_}


def told(type_: str, subject: str, amount: str | None, *before: str, **data: Any) -> BusinessEvent:
    worth = {} if amount is None else {"amount": amount, "currency": data.pop("currency", "EUR")}
    envelope = {
        "id": f"{type_} {subject}", "source": "urn:system:erp", "type": f"q2c.{type_}.v1",
        "subject": subject, "time": (START + timedelta(hours=1)).isoformat(),
        "data": {"objects": [ref(name) for name in before], **worth, **data},
    }  # fmt: skip
    return translate(envelope, received_at=START)


def stated(subject: str, **amounts: str) -> list[dict[str, object]]:
    return [
        {"from": ref(f"invoice/{name}"), "to": ref(subject), "amount": amount}
        for name, amount in amounts.items()
    ]


def divided(subject: str, *events: BusinessEvent) -> dict[str, tuple[str, str]]:
    """Per leading quote the amount and the basis of its share of the subject."""
    key = ":shared:".join(subject.split("/"))
    shares = shares_of(grow(counted(events)))
    return {
        leader.rpartition(":")[2]: (str(held[key].amount), held[key].basis)
        for leader, held in sorted(shares.items())
        if key in held
    }


TWO_BILLS = (
    told("quote.created", "quote/Q-1", "300"),
    told("quote.created", "quote/Q-2", "100"),
    told("invoice.posted", "invoice/I-1", "300", "quote/Q-1"),
    told("invoice.posted", "invoice/I-2", "100", "quote/Q-2"),
)


def test_stated_amounts_divide_a_payment() -> None:
    links = stated("payment/P", **{"I-1": "150", "I-2": "50"})
    paid = told("payment.applied", "payment/P", "200", links=links)
    assert divided("payment/P", *TWO_BILLS, paid) == {
        "Q-1": ("150", "stated"),
        "Q-2": ("50", "stated"),
    }


def test_what_is_left_unstated_goes_to_the_other() -> None:
    links = stated("payment/P", **{"I-1": "150"})
    paid = told("payment.applied", "payment/P", "200", "invoice/I-2", links=links)
    assert divided("payment/P", *TWO_BILLS, paid) == {
        "Q-1": ("150", "stated"),
        "Q-2": ("50", "amounts"),
    }


def test_without_stated_amounts_the_predecessors_divide_it() -> None:
    paid = told("payment.applied", "payment/P", "200", "invoice/I-1", "invoice/I-2")
    assert divided("payment/P", *TWO_BILLS, paid) == {
        "Q-1": ("150", "amounts"),
        "Q-2": ("50", "amounts"),
    }


def test_lines_divide_a_consolidated_invoice_and_its_payment_follows() -> None:
    lines = [
        {"id": "1", "quantity": "1", "unit_price": "30", "from": ref("order_line/O-1/1")},
        {"id": "2", "quantity": "3", "unit_price": "30", "from": ref("order_line/O-2/1")},
    ]
    events = (
        *TWO_BILLS[:2],
        told("order.created", "order/O-1", None, "quote/Q-1"),
        told("order.created", "order/O-2", None, "quote/Q-2"),
        told("invoice.posted", "invoice/I", "120", lines=lines),
        told("payment.applied", "payment/P", "40", "invoice/I"),
    )
    assert divided("invoice/I", *events) == {"Q-1": ("30", "lines"), "Q-2": ("90", "lines")}
    assert divided("payment/P", *events) == {"Q-1": ("10", "amounts"), "Q-2": ("30", "amounts")}


def test_when_nobody_says_what_anything_is_worth_it_is_divided_equally_to_the_last_digit() -> None:
    quotes = [told("quote.created", f"quote/Q-{n}", None) for n in range(3)]
    bill = told("invoice.posted", "invoice/I", "100", "quote/Q-0", "quote/Q-1", "quote/Q-2")
    assert divided("invoice/I", *quotes, bill) == {
        "Q-0": ("33.333334", "equal"),
        "Q-1": ("33.333333", "equal"),
        "Q-2": ("33.333333", "equal"),
    }


def test_predecessors_in_two_currencies_cannot_be_weighed() -> None:
    dollars = told("invoice.posted", "invoice/I-2", "100", "quote/Q-2", currency="USD")
    paid = told("payment.applied", "payment/P", "200", "invoice/I-1", "invoice/I-2")
    assert divided("payment/P", *TWO_BILLS[:3], dollars, paid) == {
        "Q-1": ("100", "equal"),
        "Q-2": ("100", "equal"),
    }


def test_an_opportunity_of_two_quotes_is_counted_once() -> None:
    deal = told("opportunity.created", "opportunity/OP", "400")
    quotes = [told("quote.created", f"quote/Q-{n}", "1", "opportunity/OP") for n in (1, 2)]
    assert divided("opportunity/OP", deal, *quotes) == {
        "Q-1": ("200", "equal"),
        "Q-2": ("200", "equal"),
    }


amounts = st.none() | st.decimals("-1e31", "1e31", places=6).map(lambda d: f"{d:f}")
positive = st.none() | st.decimals("0.000001", "1e12", places=6).map(lambda d: f"{d:f}")


@st.composite
def estates(draw: st.DrawFn) -> list[BusinessEvent]:
    """Quotes, invoices of some of them, payments of some of those; amounts and shares at will."""
    quotes = [f"quote/Q-{n}" for n in range(draw(st.integers(1, 4)))]
    invoices = [f"invoice/I-{n}" for n in range(draw(st.integers(1, 4)))]
    events = [told("quote.created", quote, draw(positive)) for quote in quotes]
    for invoice in invoices:
        of = draw(st.lists(st.sampled_from(quotes), min_size=1, unique=True))
        events.append(told("invoice.posted", invoice, draw(amounts), *of))
    for number in range(draw(st.integers(1, 3))):
        payment = f"payment/P-{number}"
        paid = draw(st.lists(st.sampled_from(invoices), min_size=1, unique=True))
        said = [(name, draw(positive)) for name in paid]
        links = stated(payment, **{n.partition("/")[2]: a for n, a in said if a is not None})
        events.append(told("payment.applied", payment, draw(amounts), *paid, links=links))
    return events


@settings(max_examples=150, deadline=None)
@given(estates())
def test_the_shares_of_every_document_add_up_to_it(events: list[BusinessEvent]) -> None:
    parts: dict[str, list[Share]] = defaultdict(list)
    for held in shares_of(grow(counted(events))).values():
        for key, share in held.items():
            parts[key].append(share)
    for event in events:
        shares = parts[event.subject]
        assert abs(sum(share.fraction for share in shares) - 1) < 1e-9
        said = [share.amount for share in shares if share.amount is not None]
        assert len(said) == (0 if event.amount is None else len(shares))
        if event.amount is not None:
            with localcontext(prec=60):
                assert sum(said) == Decimal(event.amount)
