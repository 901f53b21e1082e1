"""Where a case stands (contract 3), as stories: the stage it waits in, since and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.envelopes.canonical import translate
from process_model.config import ModelConfig
from process_model.correlation import grow
from process_model.events import BusinessEvent
from process_model.instance_row import rows_of
from process_model.vocabulary import Stage
from process_model.winners import counted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def told(hour: float, type_: str, subject: str, *before: str, **data: Any) -> BusinessEvent:
    objects = [dict(zip(("type", "id"), name.split("/"), strict=True)) for name in before]
    envelope = {
        "id": f"{hour} {type_} {subject}", "source": "urn:system:erp", "type": f"q2c.{type_}.v1",
        "subject": subject, "time": at(hour).isoformat(), "data": {"objects": objects, **data},
    }  # fmt: skip
    return translate(envelope, received_at=START)


def standing(*events: BusinessEvent, config: ModelConfig | None = None) -> dict[str, Any]:
    """The row of the only case that the events tell of."""
    facts = counted(events)
    hashes = {(event.source, event.id): number for number, event in enumerate(facts)}
    (row,) = rows_of("live", grow(facts), hashes, config or ModelConfig()).values()
    return row


def waits(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    objects = [key.rpartition(":")[2] for key in row["stages.object"]]
    return list(zip(row["stages.name"], objects, row["stages.state"], strict=True))


CREATED = told(0, "quote.created", "quote/Q")
ACCEPTED = told(1, "quote.accepted", "quote/Q")
ORDERED = told(2, "order.created", "order/O", "quote/Q")
DELIVERED = told(3, "fulfilment.completed", "order/O")
BILLED = told(4, "invoice.posted", "invoice/I", "order/O", terms={"payment_days": 14})
PAID = told(5, "payment.applied", "payment/P", "invoice/I")
LIFE = (CREATED, ACCEPTED, ORDERED, DELIVERED, BILLED, PAID)


@pytest.mark.parametrize(
    ("steps", "stage"),
    list(enumerate(["acceptance", "order", "fulfilment", "invoice", "payment"], 1)),
)
def test_a_case_waits_in_the_stage_after_its_last_milestone(steps: int, stage: str) -> None:
    row = standing(*LIFE[:steps])
    assert (row["status"], row["stage"], row["stage_since"]) == ("open", stage, at(steps - 1))


def test_a_paid_case_is_completed_and_waits_for_nothing() -> None:
    row = standing(*LIFE)
    assert (row["status"], row["stage"], row["closed_at"]) == ("completed", "", at(5))


def test_a_cancelled_invoice_reopens_its_stage() -> None:
    cancelled = told(6, "invoice.cancelled", "invoice/I")
    row = standing(*LIFE[:5], cancelled)
    assert (row["status"], row["stage"]) == ("open", "invoice")
    assert ("payment", "I", "withdrawn") in waits(row)
    again = told(7, "invoice.posted", "invoice/I-2", "order/O")
    assert standing(*LIFE[:5], cancelled, again)["stage"] == "payment"


def test_what_failed_completes_nothing() -> None:
    failed = told(2, "order.created", "order/O", "quote/Q", outcome="failure")
    row = standing(CREATED, ACCEPTED, failed)
    assert (row["stage"], row["stage_since"], row["has_failure"]) == ("order", at(1), 1)


def test_the_slowest_branch_says_where_the_case_is() -> None:
    other = told(2.5, "order.created", "order/O-2", "quote/Q")
    row = standing(*LIFE, other)
    assert (row["status"], row["stage"], row["stage_since"]) == ("open", "fulfilment", at(2.5))


def test_an_optional_stage_is_waited_in_only_when_it_was_asked_for() -> None:
    assert standing(CREATED)["stage"] == "acceptance"
    asked = told(0.5, "approval.requested", "quote/Q")
    row = standing(CREATED, asked)
    assert (row["stage"], row["stage_since"]) == ("approval", at(0.5))
    granted = told(0.7, "approval.granted", "quote/Q")
    assert standing(CREATED, asked, granted)["stage"] == "acceptance"


@pytest.mark.parametrize("end", ["quote.declined", "quote.expired", "quote.rejected"])
def test_a_quote_that_came_to_nothing_is_withdrawn(end: str) -> None:
    row = standing(CREATED, told(1, end, "quote/Q"))
    assert (row["status"], row["stage"]) == ("withdrawn", "")


def test_a_cancelled_order_owes_no_delivery() -> None:
    row = standing(*LIFE[:3], told(3, "order.cancelled", "order/O"))
    assert (row["status"], row["stage"]) == ("withdrawn", "")


@pytest.mark.parametrize(
    ("invoice", "config", "due", "source"),
    [
        (told(4, "invoice.posted", "invoice/I", due=at(9).isoformat(), terms={"payment_days": 1}),
         {Stage.PAYMENT: timedelta(days=2)}, at(9), "event"),
        (BILLED, {Stage.PAYMENT: timedelta(days=2)}, at(4) + timedelta(days=14), "terms"),
        (told(4, "invoice.posted", "invoice/I"), {Stage.PAYMENT: timedelta(days=2)},
         at(4) + timedelta(days=2), "configuration"),
        (told(4, "invoice.posted", "invoice/I"), {}, at(4) + timedelta(days=30), "reference"),
    ],
)  # fmt: skip
def test_a_deadline_is_the_events_else_the_terms_else_set_else_the_references(
    invoice: BusinessEvent, config: dict[Stage, timedelta], due: datetime, source: str
) -> None:
    row = standing(invoice, config=ModelConfig(limits=config))
    place = row["stages.name"].index("payment")
    assert (row["stages.due_at"][place], row["stages.due_from"][place]) == (due, source)


def test_a_revised_quote_is_one_family_and_only_its_newest_is_waited_for() -> None:
    revised = told(2, "quote.revised", "quote/Q-R1", "quote/Q")
    row = standing(CREATED, revised)
    assert row["leader_number"] == "Q"
    assert {object_ for _, object_, _ in waits(row)} == {"Q-R1"}
