"""Hand-overs: told or promised, one crossing is counted once, and a missing one is counted too."""

from datetime import UTC, datetime, timedelta
from typing import Any

from collector.envelopes.canonical import translate
from process_model.config import ModelConfig
from process_model.correlation import grow
from process_model.events import BusinessEvent
from process_model.stages import Documents, stage_waits
from process_model.synchronisation import Crossing, crossings
from process_model.vocabulary import Stage, SystemKind
from process_model.winners import counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ref(name: str) -> dict[str, str]:
    return dict(zip(("type", "id"), name.split("/"), strict=True))


def told(hour: float, type_: str, subject: str, system: str, *before: str, **data: Any) -> Any:
    envelope = {
        "id": f"{hour} {type_}", "source": f"urn:system:{system}", "type": f"q2c.{type_}.v1",
        "subject": subject, "time": (START + timedelta(hours=hour)).isoformat(),
        "data": {"objects": [ref(name) for name in before], **data},
    }  # fmt: skip
    return translate(envelope, received_at=START)


def found(*events: BusinessEvent, config: ModelConfig | None = None) -> list[Crossing]:
    (case,) = grow(counted(events))
    documents, limits = Documents(case), config or ModelConfig()
    return crossings(documents, case.events, stage_waits(documents, limits), limits)


def hops(crossed: list[Crossing]) -> list[tuple[str, str, str, str, int, bool]]:
    return [
        (c.stage, c.from_system, c.to_system, c.object.rpartition(":")[2], c.attempts,
         c.first_success_at is not None)
        for c in crossed
    ]  # fmt: skip


ACCEPTED = told(0, "quote.accepted", "quote/Q", "cpq")
ORDERED = told(3, "order.created", "order/O", "sap", "quote/Q")
SYNC = {"from": "cpq", "to": "sap", "object": ref("order/O")}
TRIED = told(1, "sync.failed", "quote/Q", "mulesoft", sync=SYNC, outcome="failure")
REACHED = told(2, "sync.succeeded", "quote/Q", "mulesoft", sync=SYNC, attempt=2)


def test_an_accepted_quote_without_an_order_is_a_hand_over_that_is_missing() -> None:
    (crossing,) = found(ACCEPTED)
    assert hops([crossing]) == [("order", "cpq", "erp", "Q", 0, False)]
    assert crossing.obliged_at == START
    assert crossing.due_at == START + timedelta(hours=4)


def test_the_estate_says_which_system_an_order_should_arrive_in() -> None:
    config = ModelConfig(systems={SystemKind.ERP: "sap"}, limits={Stage.ORDER: timedelta(hours=9)})
    (crossing,) = found(ACCEPTED, config=config)
    assert hops([crossing]) == [("order", "cpq", "sap", "Q", 0, False)]
    assert crossing.due_at == START + timedelta(hours=9)


def test_the_order_that_exists_keeps_the_promise_and_makes_the_next() -> None:
    assert hops(found(ACCEPTED, ORDERED)) == [("order", "cpq", "sap", "Q", 0, True)]
    done = told(9, "fulfilment.completed", "order/O", "sap")
    assert hops(found(ACCEPTED, ORDERED, done)) == [
        ("order", "cpq", "sap", "Q", 0, True),
        ("invoice", "sap", "billing", "O", 0, False),
    ]
    billed = told(12, "invoice.posted", "invoice/I", "zuora", "order/O")
    (_, crossing) = found(ACCEPTED, ORDERED, done, billed)
    assert hops([crossing]) == [("invoice", "sap", "zuora", "O", 0, True)]
    assert crossing.first_success_at == START + timedelta(hours=12)


def test_a_hand_over_that_sync_facts_tell_too_is_one_crossing_from_its_promise() -> None:
    (crossing,) = found(ACCEPTED, TRIED, REACHED, ORDERED)
    assert hops([crossing]) == [("order", "cpq", "sap", "O", 2, True)]
    assert (crossing.obliged_at, crossing.failures) == (START, 1)
    assert crossing.first_success_at == START + timedelta(hours=2)
    assert crossing.due_at == START + timedelta(hours=4)


def test_attempts_whose_order_never_came_are_that_one_crossing_unkept() -> None:
    assert hops(found(ACCEPTED, TRIED)) == [("order", "cpq", "sap", "O", 1, False)]


def test_an_order_that_came_by_another_way_keeps_the_promise_of_failed_attempts() -> None:
    (crossing,) = found(ACCEPTED, TRIED, ORDERED)
    assert crossing.first_success_at == START + timedelta(hours=3)


def test_the_first_leg_of_a_way_is_a_crossing_of_its_own() -> None:
    leg = told(1, "sync.succeeded", "quote/Q", "cpq", sync=SYNC | {"to": "mulesoft"})
    assert hops(found(ACCEPTED, leg, ORDERED)) == [
        ("order", "cpq", "mulesoft", "O", 1, True),
        ("order", "cpq", "sap", "Q", 0, True),
    ]


def test_a_configured_limit_of_the_hop_sets_the_deadline() -> None:
    config = ModelConfig(handover_limits={"cpq->sap": timedelta(minutes=30)})
    (crossing,) = found(ACCEPTED, TRIED, ORDERED, config=config)
    assert crossing.due_at == START + timedelta(minutes=30)


def test_an_order_that_had_no_quote_promised_nothing() -> None:
    assert found(told(3, "order.created", "order/O", "sap")) == []


def test_what_was_withdrawn_owes_nothing() -> None:
    declined = told(1, "quote.declined", "quote/Q", "cpq")
    assert found(ACCEPTED, declined) == []


def test_the_sync_of_something_else_is_no_part_of_the_promise() -> None:
    other = told(
        1, "sync.succeeded", "quote/Q", "mulesoft", sync=SYNC | {"object": ref("payment/P")}
    )
    assert hops(found(ACCEPTED, other, ORDERED)) == [
        ("payment", "cpq", "sap", "P", 1, True),
        ("order", "cpq", "sap", "Q", 0, True),
    ]
