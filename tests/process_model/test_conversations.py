"""What conversations prove: only where one thing can be meant, never against a declaration."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.envelopes.canonical import translate
from process_model.conversations import MOST_DOCUMENTS, spoken_of, trace_key
from process_model.correlation import Grown, by_instance, grow
from process_model.events import BusinessEvent
from process_model.winners import counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRACE_A, TRACE_B = "a" * 32, "b" * 32


def told(number: int, type_: str, subject: str, *before: str, **envelope: Any) -> BusinessEvent:
    objects = [dict(zip(("type", "id"), name.split("/", 1), strict=True)) for name in before]
    if trace := envelope.pop("trace", ""):
        envelope["traceparent"] = f"00-{trace}-{number:016x}-01"
    return translate(
        {
            "id": f"e-{number}", "source": "urn:system:crm", "type": f"q2c.{type_}.v1",
            "subject": subject, "time": (START + timedelta(hours=number)).isoformat(),
            "data": {"objects": objects}, **envelope,
        },
        received_at=START,
    )  # fmt: skip


def grown(*events: BusinessEvent, **known: Any) -> dict[str, Grown]:
    return dict(by_instance(grow(counted(events), **known)))


QUOTE = told(1, "quote.accepted", "quote/Q-1", correlationid="deal-7")
ORDER = told(2, "order.created", "order/O-1", correlationid="deal-7")
INVOICE = told(3, "invoice.posted", "invoice/I-1", "order/O-1")


def test_an_order_that_names_no_quote_follows_the_only_quote_of_its_conversation() -> None:
    (case,) = grown(QUOTE, ORDER, INVOICE).values()
    assert case.leader == "quote:shared:Q-1"
    assert {event.id for event in case.events} == {"e-1", "e-2", "e-3"}
    (link,) = [p for p in case.links if p.link.evidence == "derived" and p.link.kind == "flow"]
    assert (link.link.from_key, link.link.to_key) == ("quote:shared:Q-1", "order:shared:O-1")
    assert (link.link.basis, link.id) == ("correlationid", "e-2")
    assert case.conversations == ("correlation:shared:deal-7",)


def test_where_two_quotes_could_be_meant_nothing_is_derived() -> None:
    other = told(4, "quote.accepted", "quote/Q-2", correlationid="deal-7")
    assert set(grown(QUOTE, ORDER, other)) == {
        "quote:shared:Q-1", "quote:shared:Q-2", "order:shared:O-1",
    }  # fmt: skip


def test_two_numbers_of_one_quote_are_one_candidate() -> None:
    record = {"type": "quote", "id": "0Q0", "system": "salesforce"}
    same = {"from": record, "to": {"type": "quote", "id": "Q-1"}, "kind": "same"}
    also = told(4, "quote.sent", "quote/Q-1", data={"objects": [record], "links": [same]})
    alias = translate(
        {
            "id": "e-5", "source": "urn:system:salesforce", "type": "q2c.quote.sent.v1",
            "subject": "quote/0Q0", "time": START.isoformat(), "correlationid": "deal-7",
        },
        received_at=START, local_types={"salesforce": ["quote"]},
    )  # fmt: skip
    assert set(grown(QUOTE, ORDER, also, alias)) == {"quote:salesforce:0Q0"}


def test_the_nearest_earlier_document_is_taken() -> None:
    stray = told(4, "invoice.posted", "invoice/I-9", correlationid="deal-7")
    (case,) = grown(QUOTE, ORDER, stray).values()
    pairs = {(p.link.from_key, p.link.to_key) for p in case.links if p.link.kind == "flow"}
    assert ("order:shared:O-1", "invoice:shared:I-9") in pairs
    assert ("quote:shared:Q-1", "invoice:shared:I-9") not in pairs


def test_a_declared_predecessor_is_never_overruled_and_no_leaders_are_merged() -> None:
    declared = told(2, "order.created", "order/O-1", "quote/Q-2", correlationid="deal-7")
    assert set(grown(QUOTE, declared)) == {"quote:shared:Q-1", "quote:shared:Q-2"}


def test_a_predecessor_that_a_correction_withdrew_still_keeps_the_conversation_out() -> None:
    first = told(2, "order.created", "order/O-1", "quote/Q-2", correlationid="deal-7", sequence="1")
    corrected = told(2, "order.created", "order/O-1", correlationid="deal-7", sequence="2")
    versions = [QUOTE, first, corrected]
    spoken = spoken_of(versions)
    assert set(grown(*versions, spoken=spoken)) == {"quote:shared:Q-1", "order:shared:O-1"}


@pytest.mark.parametrize("others", [MOST_DOCUMENTS - 2, MOST_DOCUMENTS - 1])
def test_a_conversation_that_names_a_batch_is_no_evidence(others: int) -> None:
    crowd = [
        told(n, "invoice.posted", f"invoice/B-{n}", "order/O-99", correlationid="deal-7")
        for n in range(10, 10 + others)
    ]
    joined = "order:shared:O-1" not in grown(QUOTE, ORDER, *crowd)
    assert joined == (2 + others <= MOST_DOCUMENTS)


def test_customers_rules_and_lines_are_joined_by_no_conversation() -> None:
    party = told(4, "customer.changed", "customer/C-1", correlationid="deal-7")
    assert all("customer:shared:C-1" not in case.own for case in grown(QUOTE, party).values())


def test_two_traces_that_a_span_link_joins_are_one_conversation() -> None:
    quote = told(1, "quote.accepted", "quote/Q-1", trace=TRACE_A)
    order = told(2, "order.created", "order/O-1", trace=TRACE_B)
    assert len(grown(quote, order)) == 2
    pair = (trace_key(TRACE_A), trace_key(TRACE_B))
    (case,) = grown(quote, order, spoken=spoken_of([quote, order], span_links=[pair])).values()
    assert {p.link.basis for p in case.links if p.link.kind == "flow"} == {"span link"}


def test_an_undone_derived_link_is_not_derived_again() -> None:
    undone = frozenset({("quote:shared:Q-1", "order:shared:O-1", "flow")})
    assert set(grown(QUOTE, ORDER, undone=undone)) == {"quote:shared:Q-1", "order:shared:O-1"}


def test_a_follower_that_leads_to_its_predecessor_closes_no_circle() -> None:
    link = {"from": {"type": "order", "id": "O-1"}, "to": {"type": "quote", "id": "Q-1"}}
    renewed = told(1, "quote.created", "quote/Q-1", correlationid="deal-7", data={"links": [link]})
    assert set(grown(renewed, ORDER)) == {"order:shared:O-1"}
