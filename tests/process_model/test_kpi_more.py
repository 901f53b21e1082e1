"""More KPIs on the world told by hand (tests/golden/kpis/world.txt), worked out here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from process_model import kpi
from process_model.config import ModelConfig
from process_model.questions import Selection
from process_model.state import State
from process_model.store import Handle, Reader, Store
from tests.process_model.worlds import golden_world, live

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = 3_600.0, 86_400.0


@pytest.fixture(scope="module")
def world(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store:
        yield store.reader()


def one(reader: Handle, name: str, as_of: datetime = NOW) -> kpi.KpiRow:
    entry = replace(kpi.load_all()[name], minimum=0)
    (row,) = kpi.compute(reader, entry, Selection(as_of=as_of), ModelConfig())
    return row


def test_seven_of_eight_decided_quotes_are_won(world: Reader) -> None:
    row = one(world, "win_rate")
    # accepted are was declined, Q-9 is open
    assert (row.numerator, row.denominator, row.value) == (7, 8, 7 / 8)


def test_from_quote_to_order_it_takes_28_hours_on_average(world: Reader) -> None:
    row = one(world, "quote_to_order_cycle")
    # all were quoted on the second at 8:00 and ordered after 26, 27, 29, 31 and 28 hours
    assert (row.n, row.value) == (5, pytest.approx(28.2 * HOUR))


def test_three_of_five_orders_fell_out(world: Reader) -> None:
    row = one(world, "order_fallout")
    # X-1 is about SO-5, X-2 about SO-4, X-3 (resolved since) about SO-3
    assert (row.numerator, row.denominator, row.breached) == (3, 5, 3)
    # on the tenth at noon and a second only X-2 had been raised
    then = one(world, "order_fallout", datetime(2026, 3, 10, 12, 0, 1, tzinfo=UTC))
    assert (then.numerator, then.denominator) == (1, 5)


def test_the_resolved_exception_took_a_day(world: Reader) -> None:
    row = one(world, "exception_resolution")
    assert (row.n, row.value) == (1, 24 * HOUR)
    assert one(world, "exception_resolution", datetime(2026, 3, 12, 11, 0, tzinfo=UTC)).n == 0


def test_from_order_to_invoice_it_takes_60_hours(world: Reader) -> None:
    row = one(world, "order_to_invoice")
    # SO-5 21 hours, SO-1 50, SO-2 70, SO-3 92; SO-4 has no invoice
    assert (row.n, row.value) == (4, 60 * HOUR)


def test_one_order_is_delivered_and_not_billed(world: Reader) -> None:
    row = one(world, "unbilled_orders")
    assert (row.n, row.amount, row.currency, row.breached) == (1, Decimal(400), "USD", 1)
    # on the fifth at ten all five were delivered but SO-5, which was billed ahead
    then = one(world, "unbilled_orders", datetime(2026, 3, 5, 10, 0, tzinfo=UTC))
    assert (then.n, then.breached) == (4, 0)
    assert then.amounts == {"EUR": Decimal(600), "USD": Decimal(400)}


def test_payment_came_32_hours_beyond_terms(world: Reader) -> None:
    row = one(world, "days_beyond_terms")
    # INV-1 (100) on its day, INV-2 (200) two days late
    assert (row.n, row.breached) == (2, 1)
    assert row.value == pytest.approx(2 * DAY * 200 / 300)


def test_both_cases_that_are_through_told_every_milestone(world: Reader) -> None:
    row = one(world, "milestone_coverage")
    assert (row.numerator, row.denominator) == (2, 2)


def test_an_order_that_was_changed_is_reworked_once_however_often(
    store: Store, state: State
) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | order.created | order/SO-1 | amount=100.00,EUR
2026-03-03 11:00 | order.created | order/SO-2 | amount=200.00,EUR
2026-03-04 10:00 | order.changed | order/SO-2 | amount=210.00,EUR
2026-03-05 10:00 | order.changed | order/SO-2 | amount=220.00,EUR
""",
    )
    row = one(store, "order_rework")
    assert (row.numerator, row.denominator, row.breached) == (1, 2, 1)
    assert one(store, "order_rework", datetime(2026, 3, 4, 9, 0, tzinfo=UTC)).numerator == 0


def test_an_invoice_that_was_corrected_or_cancelled_was_not_right(
    store: Store, state: State
) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | order.created        | order/SO-1    | amount=300.00,EUR
2026-03-05 09:00 | fulfilment.completed | order/SO-1    |
2026-03-05 12:00 | invoice.posted       | invoice/INV-1 | from=order/SO-1 amount=100.00,EUR
2026-03-05 12:00 | invoice.posted       | invoice/INV-2 | from=order/SO-1 amount=100.00,EUR
2026-03-05 12:00 | invoice.posted       | invoice/INV-3 | from=order/SO-1 amount=100.00,EUR
2026-03-06 12:00 | invoice.corrected    | invoice/INV-2 |
2026-03-07 12:00 | invoice.cancelled    | invoice/INV-3 |
""",
    )
    row = one(store, "invoice_accuracy")
    assert (row.numerator, row.denominator, row.breached) == (1, 3, 2)
    then = one(store, "invoice_accuracy", datetime(2026, 3, 7, 9, 0, tzinfo=UTC))
    assert (then.numerator, then.denominator) == (2, 3)


def test_a_case_that_came_through_undelivered_lacks_a_milestone(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | order.created        | order/SO-1    | amount=100.00,EUR
2026-03-05 12:00 | invoice.posted       | invoice/INV-1 | from=order/SO-1 amount=100.00,EUR
2026-03-15 12:00 | payment.applied      | payment/P-1   | from=invoice/INV-1 amount=100.00,EUR
2026-03-03 10:00 | order.created        | order/SO-2    | amount=100.00,EUR
2026-03-04 10:00 | fulfilment.completed | order/SO-2    |
2026-03-05 12:00 | invoice.posted       | invoice/INV-2 | from=order/SO-2 amount=100.00,EUR
2026-03-15 12:00 | payment.applied      | payment/P-2   | from=invoice/INV-2 amount=100.00,EUR
2026-03-02 10:00 | quote.created        | quote/Q-3     | amount=100.00,EUR
2026-03-03 10:00 | order.created        | order/SO-3    | from=quote/Q-3 amount=100.00,EUR
2026-03-04 10:00 | fulfilment.completed | order/SO-3    |
2026-03-05 12:00 | invoice.posted       | invoice/INV-3 | from=order/SO-3 amount=100.00,EUR
2026-03-15 12:00 | payment.applied      | payment/P-3   | from=invoice/INV-3 amount=100.00,EUR
""",
    )
    row = one(store, "milestone_coverage")
    # SO-1 was never delivered, Q-3 was ordered without ever being accepted
    assert (row.numerator, row.denominator, row.breached) == (1, 3, 2)
