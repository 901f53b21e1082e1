"""Golden cases of identity and growth (contracts 1 and 3), told as stories."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collector.envelopes.canonical import translate
from process_model.correlation import by_instance, grow
from process_model.events import BusinessEvent
from process_model.winners import counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(number: int, type_: str, subject: str, *before: str, **data: Any) -> BusinessEvent:
    objects = [dict(zip(("type", "id"), name.split("/", 1), strict=True)) for name in before]
    moment = (START + timedelta(hours=number)).isoformat()
    return translate(
        {
            "id": f"e-{number}",
            "source": data.pop("source", "urn:system:crm"),
            "type": f"q2c.{type_}.v1",
            "subject": subject,
            "time": moment,
            "data": {"objects": objects, **data},
        },
        received_at=START,
        local_types={"sap_emea": ["order"], "sap_us": ["order"]},
    )


def instances(*events: BusinessEvent) -> dict[str, set[str]]:
    grown = by_instance(grow(counted(events)))
    return {name: {event.id for event in instance.events} for name, instance in grown.items()}


ONE_LIFE = (
    told(1, "quote.created", "quote/Q-1"),
    told(2, "quote.accepted", "quote/Q-1"),
    told(3, "order.created", "order/O-1", "quote/Q-1"),
    told(4, "invoice.posted", "invoice/I-1", "order/O-1"),
    told(5, "payment.applied", "payment/P-1", "invoice/I-1"),
)


def test_one_life_is_one_instance_named_after_its_quote() -> None:
    assert instances(*ONE_LIFE) == {"quote:shared:Q-1": {"e-1", "e-2", "e-3", "e-4", "e-5"}}


def test_two_erps_that_both_have_order_4711_give_two_instances() -> None:
    assert instances(
        told(1, "order.created", "order/4711", source="urn:system:sap_emea"),
        told(2, "order.created", "order/4711", source="urn:system:sap_us"),
    ) == {"order:sap_emea:4711": {"e-1"}, "order:sap_us:4711": {"e-2"}}


def test_a_record_id_and_a_quote_number_that_are_the_same_give_one() -> None:
    record = {"type": "quote", "id": "0Q0xx", "system": "salesforce"}
    same = {"from": record, "to": {"type": "quote", "id": "Q-1"}, "kind": "same"}
    events = (*ONE_LIFE, told(6, "quote.sent", "quote/Q-1", objects=[record], links=[same]))
    assert set(instances(*events)) == {"quote:salesforce:0Q0xx"}


def test_names_told_to_be_the_same_again_and_in_a_circle_are_one() -> None:
    def same(number: int, one: str, two: str) -> BusinessEvent:
        ends = {"from": {"type": "quote", "id": one}, "to": {"type": "quote", "id": two}}
        return told(number, "quote.sent", f"quote/{one}", links=[{**ends, "kind": "same"}])

    pairs = [("A", "B"), ("A", "B"), ("B", "C"), ("C", "A"), ("B", "A")]
    events = [same(number, *pair) for number, pair in enumerate(pairs, start=1)]
    assert instances(*events) == {"quote:shared:A": {"e-1", "e-2", "e-3", "e-4", "e-5"}}


def test_two_numbers_that_are_the_same_may_be_said_to_be_so_again() -> None:
    record = {"type": "quote", "id": "0Q0xx", "system": "salesforce"}
    same = {"from": record, "to": {"type": "quote", "id": "Q-1"}, "kind": "same"}
    again = [told(n, "quote.sent", "quote/Q-1", objects=[record], links=[same]) for n in (6, 7, 8)]
    assert set(instances(*ONE_LIFE, *again)) == {"quote:salesforce:0Q0xx"}


def test_an_undone_link_separates_again() -> None:
    undone = frozenset({("quote:shared:Q-1", "order:shared:O-1", "flow")})
    assert set(by_instance(grow(counted(ONE_LIFE), undone))) == {
        "quote:shared:Q-1",
        "order:shared:O-1",
    }


def test_a_revision_is_led_by_the_earliest_quote_of_the_family() -> None:
    assert set(
        instances(
            told(1, "quote.created", "quote/Q-1"),
            told(2, "quote.revised", "quote/Q-2", "quote/Q-1"),
            told(3, "order.created", "order/O-1", "quote/Q-2"),
        )
    ) == {"quote:shared:Q-1"}


def test_a_shared_payment_stands_in_both_instances_and_merges_neither() -> None:
    assert instances(
        told(1, "quote.created", "quote/Q-1"),
        told(2, "quote.created", "quote/Q-2"),
        told(3, "invoice.posted", "invoice/I-1", "quote/Q-1"),
        told(4, "invoice.posted", "invoice/I-2", "quote/Q-2"),
        told(5, "payment.applied", "payment/P-1", "invoice/I-1", "invoice/I-2"),
    ) == {"quote:shared:Q-1": {"e-1", "e-3", "e-5"}, "quote:shared:Q-2": {"e-2", "e-4", "e-5"}}


def test_customers_and_opportunities_never_connect() -> None:
    events = (
        told(1, "opportunity.created", "opportunity/OP-1"),
        told(2, "quote.created", "quote/Q-1", "opportunity/OP-1", "customer/C-1"),
        told(3, "quote.created", "quote/Q-2", "opportunity/OP-1", "customer/C-1"),
    )
    assert instances(*events) == {
        "quote:shared:Q-1": {"e-1", "e-2"},
        "quote:shared:Q-2": {"e-1", "e-3"},
    }


def test_a_contract_of_one_quote_carries_the_flow_on_and_of_two_does_not() -> None:
    one = (
        told(1, "quote.created", "quote/Q-1"),
        told(2, "contract.signed", "contract/K-1", "quote/Q-1"),
        told(3, "order.created", "order/O-1", "contract/K-1"),
    )
    assert instances(*one) == {"quote:shared:Q-1": {"e-1", "e-2", "e-3"}}
    two = (*one, told(4, "contract.sent", "contract/K-1", "quote/Q-2"))
    assert set(instances(*two)) == {"quote:shared:Q-1", "quote:shared:Q-2", "order:shared:O-1"}


def test_links_that_run_in_a_circle_lose_nothing() -> None:
    assert instances(
        told(1, "quote.revised", "quote/Q-1", "quote/Q-2"),
        told(2, "quote.revised", "quote/Q-2", "quote/Q-1"),
    ) == {"quote:shared:Q-1": {"e-1", "e-2"}}


@given(st.permutations(ONE_LIFE), st.lists(st.sampled_from(ONE_LIFE), max_size=2))
def test_any_arrival_with_repetitions_gives_the_same_instances(
    arrived: list[BusinessEvent], again: list[BusinessEvent]
) -> None:
    assert grow(counted([*arrived, *again])) == grow(counted(ONE_LIFE))
