"""Versions, retries and order: any arrival gives the same facts in the same order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from process_model.events import BusinessEvent
from process_model.reference import duration, reference
from process_model.vocabulary import Stage
from process_model.winners import counted

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def event(**given: Any) -> BusinessEvent:
    values = {
        "source": "urn:system:sap",
        "id": "1",
        "type": "order.created",
        "event_time": NOON,
        "received_at": NOON,
        "subject": "order:shared:1",
    }
    return BusinessEvent(**{**values, **given})


def test_the_higher_sequence_wins_and_numbers_compare_as_numbers() -> None:
    nine, ten = event(sequence="9", region="old"), event(sequence="10", region="new")
    assert [e.region for e in counted([ten, nine])] == ["new"]


def test_without_a_sequence_the_later_recorded_time_wins_never_our_receipt() -> None:
    early = event(recorded_time=NOON, received_at=NOON + timedelta(days=9), region="old")
    late = event(recorded_time=NOON + timedelta(hours=1), region="new")
    assert [e.region for e in counted([late, early])] == ["new"]


def test_a_retry_with_the_same_key_counts_once_and_a_second_attempt_again() -> None:
    tries = [
        event(id="1", idempotency_key="k"),
        event(id="2", idempotency_key="k"),
        event(id="3", idempotency_key="k", attempt=2),
    ]
    assert {e.id for e in counted(tries)} == {"1", "3"}


def test_a_fact_told_by_event_and_span_counts_once() -> None:
    told = [event(id="e", trace_id="t"), event(id="t/s", trace_id="t", origin="span")]
    assert {e.id for e in counted(told)} == {"e"}


def test_facts_of_one_moment_stand_in_process_order() -> None:
    paid = event(id="a", type="payment.applied")
    ordered = event(id="b", type="order.created")
    accepted = event(id="c", type="quote.accepted")
    assert [e.id for e in counted([paid, ordered, accepted])] == ["c", "b", "a"]


small = st.builds(
    event,
    id=st.sampled_from("abc"),
    sequence=st.sampled_from(["", "1", "02", "x"]),
    content_hash=st.sampled_from("pq"),
    type=st.sampled_from(["order.created", "invoice.posted", "ticket.opened"]),
    idempotency_key=st.sampled_from(["", "k"]),
    event_time=st.sampled_from([NOON, NOON + timedelta(minutes=1)]),
    origin=st.sampled_from(["event", "span"]),
    trace_id=st.sampled_from(["", "t"]),
)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[BusinessEvent], list[BusinessEvent]]:
    # two different contents never share a hash
    told = draw(st.lists(small, max_size=8, unique_by=lambda e: (e.id, e.sequence, e.content_hash)))
    again = draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    return told, draw(st.permutations(told + again))


@given(arrivals())
def test_any_permutation_with_repetitions_gives_the_same(
    both: tuple[list[BusinessEvent], list[BusinessEvent]],
) -> None:
    told, arrived = both
    assert counted(arrived) == counted(told)


def test_the_reference_is_whole() -> None:
    shipped = reference()
    assert [entry.stage for entry in shipped.stages] == list(Stage)
    assert shipped.stage_of["quote.accepted"] == Stage.ACCEPTANCE
    assert shipped.stage(Stage.ORDER).limit == duration("4h") == timedelta(hours=4)
    assert shipped.stage(Stage.ORDER).handover == ("crm", "erp")
