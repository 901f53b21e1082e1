"""KPIs on a world told by hand (tests/golden/kpis/world.txt); every figure is worked out here."""

import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from process_model import kpi, money
from process_model.config import ModelConfig
from process_model.measures import stage_measures
from process_model.questions import Path, Selection
from process_model.state import State
from process_model.store import Handle, Reader, Store
from process_model.vocabulary import EventType, Stage
from tests.process_model.worlds import GOLDEN, golden_world, live

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = 3_600.0, 86_400.0
ALL = kpi.load_all()


@pytest.fixture(scope="module")
def world(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store:
        yield store.reader()


def rows(reader: Handle, name: str, **selected: object) -> list[kpi.KpiRow]:
    selection = Selection(**({"as_of": NOW} | selected))  # type: ignore[arg-type]
    # the world is too small for the least numbers, which have a test of their own
    return kpi.compute(reader, replace(ALL[name], minimum=0), selection, ModelConfig())


def one(reader: Handle, name: str, **selected: object) -> kpi.KpiRow:
    (row,) = rows(reader, name, **selected)
    return row


def test_acceptance_to_order_counts_open_cases_past_their_limit_as_breaches(world: Reader) -> None:
    row = one(world, "acceptance_to_order")
    took = [1 * HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 3 * HOUR]
    assert row.value == row.p50 == statistics.median(took) == 3 * HOUR
    # linear between the two nearest ranks: place 0.9 × 4 = 3.6 of 1, 2, 3, 4, 6
    assert row.p90 == pytest.approx((4 + 0.6 * 2) * HOUR)
    # five orders and Q-6, which waits past 13:00; Q-7 has time and is not judged
    assert (row.n, row.numerator, row.denominator, row.breached) == (6, 4, 6, 2)


def test_in_the_past_what_came_later_was_still_open(world: Reader) -> None:
    row = one(world, "acceptance_to_order", as_of=datetime(2026, 3, 3, 14, 0, tzinfo=UTC))
    # by 14:00 four orders stood; were past their limit of 13:00
    assert (row.n, row.numerator, row.breached, row.value) == (6, 4, 2, 2.5 * HOUR)
    row = one(world, "acceptance_to_order", as_of=datetime(2026, 3, 3, 12, 30, tzinfo=UTC))
    assert (row.n, row.numerator, row.breached, row.value) == (3, 3, 0, 2 * HOUR)


def test_segments_split_and_choose(world: Reader) -> None:
    by = {row.segment: row for row in rows(world, "acceptance_to_order", by="region")}
    assert {name: (row.n, row.breached, row.value) for name, row in by.items()} == {
        "EMEA": (3, 0, 2 * HOUR),
        "AMER": (3, 2, 4.5 * HOUR),
    }
    chosen = one(world, "acceptance_to_order", region=("AMER",))
    assert (chosen.n, chosen.value) == (3, 4.5 * HOUR)


def test_buckets_hold_what_ended_in_them_and_breaches_stand_in_the_last(world: Reader) -> None:
    found = rows(world, "acceptance_to_order", bucket="day")
    assert [(row.bucket, row.n, row.breached) for row in found] == [
        (datetime(2026, 3, 3, tzinfo=UTC), 5, 1),
        (datetime(2026, 3, 20, tzinfo=UTC), 1, 1),
    ]


def test_invoice_latency_runs_from_the_delivery_or_from_the_order_billed_ahead(
    world: Reader,
) -> None:
    row = one(world, "invoice_latency")
    took = [3 * HOUR, 24 * HOUR, 48 * HOUR, 21 * HOUR]
    assert row.value == statistics.median(took) == 22.5 * HOUR
    # INV-3 was late, SO-4 has none and is past the sixth
    assert (row.n, row.breached) == (5, 2)


def test_the_exception_backlog_by_age(world: Reader) -> None:
    assert (one(world, "exception_backlog").value, one(world, "exception_backlog").n) == (2, 2)
    by = {row.segment: row.n for row in rows(world, "exception_backlog", by="age")}
    assert by == {"under 4 h": 1, "over 7 d": 1}
    assert one(world, "exception_backlog", as_of=datetime(2026, 3, 12, tzinfo=UTC)).value == 2
    assert one(world, "exception_backlog", as_of=datetime(2026, 3, 9, tzinfo=UTC)).value == 0


def test_the_backlog_of_each_day_is_what_stood_at_its_end(world: Reader) -> None:
    found = rows(world, "exception_backlog", bucket="day", since=datetime(2026, 3, 10, tzinfo=UTC))
    stood = {row.bucket.day: row.n for row in found if row.bucket}
    assert stood == {10: 1, 11: 2} | dict.fromkeys(range(12, 20), 1) | {20: 2}


def test_synchronization_counts_objects_not_calls(world: Reader) -> None:
    by = {row.segment: row for row in rows(world, "sync_success", by="stage")}
    # to the tax engine: SO-1 at once, SO-2 on retry in time; SO-3 too late, SO-4 never, SO-5 is
    # not judged yet. Promised to sap by acceptance: four in time, Q-4 too late, Q-6 never
    assert (by["order"].n, by["order"].numerator, by["order"].breached) == (4 + 6, 2 + 4, 4)
    # promised to billing by delivery: SO-1, SO-2 and SO-5 in time, SO-3 too late, SO-4 never
    assert (by["invoice"].n, by["invoice"].numerator, by["invoice"].value) == (5, 3, 3 / 5)
    whole = one(world, "sync_success")
    assert (whole.n, whole.numerator, whole.value) == (15, 9, 9 / 15)


def test_a_case_that_is_through_is_not_at_risk(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | order.created        | order/SO-1    | amount=100.00,EUR
2026-03-03 10:00 | sync.failed          | order/SO-1    | sync=sap>tax due=2026-03-04T12:00
2026-03-05 09:00 | fulfilment.completed | order/SO-1    |
2026-03-05 12:00 | invoice.posted       | invoice/INV-1 | from=order/SO-1 amount=100.00,EUR
2026-03-15 12:00 | payment.applied      | payment/P-1   | from=invoice/INV-1 amount=100.00,EUR
""",
    )
    assert one(store, "revenue_at_risk").n == 0
    # a day after the deadline the case still went on
    then = one(store, "revenue_at_risk", as_of=datetime(2026, 3, 5, 13, 0, tzinfo=UTC))
    assert (then.n, then.amount) == (1, Decimal(100))


def test_an_orders_own_way_is_not_taken_for_the_invoices(store: Store, state: State) -> None:
    # no system of invoices is known here, and the order's failed way must stay the order's
    live(
        store,
        state,
        """
2026-03-03 09:00 | quote.accepted       | quote/Q-1  | due=2026-03-03T13:00 amount=100.00,EUR
2026-03-03 10:00 | sync.failed          | order/SO-1 | sync=cpq>sap error=timeout
2026-03-03 15:00 | order.created        | order/SO-1 | from=quote/Q-1 amount=100.00,EUR
2026-03-05 09:00 | fulfilment.completed | order/SO-1 | due=2026-03-06T09:00
""",
        ModelConfig(),
    )
    by = {row.segment: row for row in rows(store, "sync_success", by="stage")}
    assert {stage: (row.n, row.numerator) for stage, row in by.items()} == {
        "order": (1, 0), "invoice": (1, 0),
    }  # fmt: skip


def test_an_opportunity_whose_quote_was_accepted_waits_no_more(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-01-01 09:00 | opportunity.created | opportunity/O-1 |
2026-01-02 09:00 | opportunity.created | opportunity/O-2 |
2026-01-03 09:00 | quote.created       | quote/Q-1       | from=opportunity/O-1
2026-01-04 09:00 | quote.accepted      | quote/Q-1       |
2026-01-03 09:00 | quote.created       | quote/Q-2       | from=opportunity/O-2
""",
    )
    by = {row.segment: row.n for row in rows(store, "stage_backlog", by="stage")}
    assert by["opportunity"] == 1


def test_conversion_is_of_decided_quotes(world: Reader) -> None:
    row = one(world, "quote_to_order_conversion")
    # five orders; decided are those, Q-6 and Q-7 (accepted) and Q-8 (declined); Q-9 is open
    assert (row.numerator, row.denominator, row.value) == (5, 8, 5 / 8)


def test_the_age_of_open_quotes_is_a_mean(world: Reader) -> None:
    row = one(world, "quote_aging")
    assert (row.n, row.value) == (1, pytest.approx(2 * DAY))  # Q-9 alone, since the eighteenth
    then = one(world, "quote_aging", as_of=datetime(2026, 3, 19, 8, 0, tzinfo=UTC))
    # Q-7 was 24 hours old and Q-9 20 hours
    assert (then.n, then.value) == (2, pytest.approx(22 * HOUR))


def test_disputes_are_of_the_invoices_posted(world: Reader) -> None:
    row = one(world, "dispute_rate")
    assert (row.numerator, row.denominator, row.value) == (1, 4, 0.25)


def test_time_to_pay_is_weighted_by_money(world: Reader) -> None:
    row = one(world, "days_to_pay")
    # ten days of 100 and twelve of 200
    assert row.value == pytest.approx((10 * 100 + 12 * 200) / 300 * DAY)
    assert (row.n, row.breached, row.amount, row.currency) == (2, 1, Decimal(300), "EUR")


def test_order_to_cash_is_of_cases_that_wait_for_nothing(world: Reader) -> None:
    row = one(world, "order_to_cash")
    took = [12 * DAY + 2 * HOUR, 14 * DAY + 22 * HOUR]
    assert (row.n, row.value) == (2, statistics.mean(took))


def test_revenue_at_risk_counts_each_case_once(world: Reader) -> None:
    row = one(world, "revenue_at_risk")
    # Q-3 (INV-3 is overdue), Q-4 (no invoice, and it never crossed: once), Q-6 (no order)
    assert row.n == 3
    assert row.amounts == {"EUR": Decimal(300), "USD": Decimal(1000)}
    assert (row.value, row.amount) == (None, None)


def test_with_a_rate_of_the_day_the_sum_is_one(store: Store, state: State) -> None:
    live(store, state, (GOLDEN / "world.txt").read_text())
    rates = [
        money.Rate("USD", "EUR", date(2026, 3, 1), Decimal("0.90")),
        money.Rate("USD", "EUR", date(2026, 3, 10), Decimal("0.50")),
        money.Rate("USD", "GBP", date(2026, 3, 1), Decimal("0.70")),
    ]
    money.store_rates(store, rates)
    row = one(store, "revenue_at_risk")
    # both quotes are of the second of March, so the rate of the tenth does not touch them
    assert (row.amount, row.currency) == (Decimal(300) + Decimal("0.90") * 1000, "EUR")
    assert row.value == 1200.0
    assert row.amounts == {}
    pounds = kpi.compute(
        store, ALL["revenue_at_risk"], Selection(as_of=NOW), ModelConfig(reporting_currency="GBP")
    )
    assert pounds[0].amounts == {"EUR": Decimal(300), "USD": Decimal(1000)}


def test_stuck_promises_are_those_still_open_of_those_due(world: Reader) -> None:
    march_third = {
        "since": datetime(2026, 3, 3, tzinfo=UTC),
        "until": datetime(2026, 3, 3, 23, 0, tzinfo=UTC),
    }
    # six orders were promised by 13:00; at 23:00 Q-6 alone had none
    row = one(world, "stuck_rate", **march_third)
    assert (row.numerator, row.denominator, row.breached) == (1, 6, 2)
    assert row.value == pytest.approx(1 / 6)


def test_the_backlog_of_stages_and_their_latency(world: Reader) -> None:
    waiting = {row.segment: row.n for row in rows(world, "stage_backlog", by="stage")}
    # Q-9 for its answer, Q-6 and Q-7 for orders, SO-4 for an invoice, INV-3 and INV-5 for payment
    assert {stage: waiting[stage] for stage in ("acceptance", "order", "invoice", "payment")} == {
        "acceptance": 1, "order": 2, "invoice": 1, "payment": 2,
    }  # fmt: skip
    latency = {row.segment: row.value for row in rows(world, "stage_latency", by="stage")}
    assert latency["order"] == one(world, "acceptance_to_order").value
    assert latency["payment"] == 11 * DAY


def test_a_document_of_two_cases_counts_once_and_its_shares_add_up(
    store: Store, state: State
) -> None:
    live(
        store,
        state,
        """
2026-03-02 08:00 | quote.created   | quote/Q-1     | region=EMEA amount=100.00,EUR
2026-03-02 08:00 | quote.created   | quote/Q-2     | region=AMER amount=100.00,EUR
2026-03-03 10:00 | order.created   | order/SO-1    | from=quote/Q-1 amount=100.00,EUR
2026-03-03 10:00 | order.created   | order/SO-2    | from=quote/Q-2 amount=100.00,EUR
2026-03-05 12:00 | invoice.posted  | invoice/INV-1 | from=order/SO-1 amount=200.00,EUR days=10
2026-03-05 13:00 | invoice.sent    | invoice/INV-1 | from=order/SO-2
2026-03-09 12:00 | payment.applied | payment/P-1   | from=invoice/INV-1 amount=200.00,EUR
""",
    )
    row = one(store, "days_to_pay")
    assert (row.n, row.amount, row.value) == (1, Decimal(200), 4 * DAY)
    by = {row.segment: (row.n, row.amount) for row in rows(store, "days_to_pay", by="region")}
    assert by == {"EMEA": (1, Decimal(100)), "AMER": (1, Decimal(100))}


def test_every_kpi_has_the_uniform_row_and_withholds_what_is_too_few(world: Reader) -> None:
    for name, entry in ALL.items():
        strict = replace(entry, minimum=10**6)
        (row,) = kpi.compute(world, strict, Selection(as_of=NOW), ModelConfig())
        assert (row.value, row.p50, row.p90, row.p95) == (None, None, None, None), name
        assert row.n == one(world, name).n, name
        assert row.coverage.floor == 0.95
        empty = one(world, name, region=("nowhere",))
        assert empty.n == 0, name
        assert empty.value in (None, 0.0), name


@pytest.mark.parametrize("name", ALL)
def test_every_kpi_says_what_it_needs_in_the_words_of_the_canon(name: str) -> None:
    entry = ALL[name]
    types = {type_ for needed in entry.needs for type_ in needed.split("|")}
    assert types <= set(EventType)
    assert entry.better in ("lower", "higher")
    assert entry.unit in ("seconds", "share", "cases", "objects", "money")
    assert not entry.formula.endswith(".")
    assert entry.clock or entry.cohort == "now"


def test_what_cannot_be_split_by_age_says_so(world: Reader) -> None:
    with pytest.raises(ValueError, match="has no age"):
        rows(world, "acceptance_to_order", by="age")
    with pytest.raises(ValueError, match="more than 1000"):
        rows(world, "exception_backlog", bucket="hour", since=datetime(2020, 1, 1, tzinfo=UTC))


def test_the_measures_of_each_stage(world: Reader) -> None:
    found = {one.stage: one for one in stage_measures(world, Selection(as_of=NOW), ModelConfig())}
    assert list(found) == list(Stage)
    order, payment = found[Stage.ORDER], found[Stage.PAYMENT]
    # wait for their orders, Q-6 past its limit
    assert (order.cases.n, order.cases.breached, order.objects.n) == (2, 1, 2)
    assert order.cases.amounts == {"EUR": Decimal(700), "USD": Decimal(600)}
    assert (order.latency.n, order.latency.value, order.latency.breached) == (6, 3 * HOUR, 2)
    assert (order.sync.numerator, order.sync.n) == (6, 10)
    assert (order.exceptions.n, payment.exceptions.n) == (2, 0)
    # INV-3 and INV-5 of one case each; two payments are too few for a median
    assert (payment.cases.n, payment.objects.n) == (2, 2)
    assert (payment.latency.n, payment.latency.value) == (3, None)
    assert payment.latency.breached == 2
    assert found[Stage.RENEWAL].cases.n == 0
    assert found[Stage.RENEWAL].coverage.value is None


def test_the_measures_of_each_stage_and_segment_add_up(world: Reader) -> None:
    whole = {one.stage: one for one in stage_measures(world, Selection(as_of=NOW), ModelConfig())}
    parts = stage_measures(world, Selection(as_of=NOW, by="region"), ModelConfig())
    for stage in Stage:
        split = [one for one in parts if one.stage == stage]
        assert sum(one.cases.n for one in split) == whole[stage].cases.n
        assert sum(one.objects.n for one in split) == whole[stage].objects.n
        assert sum(one.latency.n for one in split) == whole[stage].latency.n
    with pytest.raises(ValueError, match="by"):
        stage_measures(world, Selection(by="stage"), ModelConfig())


def test_cases_wait_where_the_instances_say(world: Reader) -> None:
    rows_now = world.query(
        "now", "SELECT toString(stage) AS s, count() AS n FROM instances FINAL"
        " WHERE status = 'open' AND stage != '' GROUP BY s",
    )  # fmt: skip
    found = rows(world, "case_backlog", by="stage")
    assert {row.segment: row.n for row in found} == {row.s: row.n for row in rows_now}


def test_approval_cycle_is_of_what_was_approved_and_what_waits_past_its_limit(
    store: Store, state: State
) -> None:
    live(
        store,
        state,
        """
2026-03-02 08:00 | quote.created      | quote/Q-1 | region=EMEA
2026-03-02 08:00 | quote.created      | quote/Q-2 | region=EMEA
2026-03-02 08:00 | quote.created      | quote/Q-3 | region=EMEA
2026-03-02 08:00 | quote.created      | quote/Q-4 | region=EMEA
2026-03-02 08:00 | quote.created      | quote/Q-5 | region=EMEA
2026-03-02 09:00 | approval.requested | quote/Q-1 |
2026-03-02 09:00 | approval.requested | quote/Q-2 |
2026-03-02 09:00 | approval.requested | quote/Q-3 |
2026-03-02 09:00 | approval.requested | quote/Q-4 | due=2026-03-03T09:00
2026-03-20 11:00 | approval.requested | quote/Q-5 |
2026-03-02 11:00 | approval.granted   | quote/Q-1 |
2026-03-02 15:00 | quote.approved     | quote/Q-2 |
2026-03-02 12:00 | approval.denied    | quote/Q-3 |
""",
    )
    row = one(store, "approval_cycle")
    # two and six hours; Q-3 was denied, Q-4 waits since its limit passed, Q-5 has two days
    assert (row.value, row.n, row.numerator, row.breached) == (4 * HOUR, 3, 2, 1)


def test_with_a_step_and_without_it_every_kpi_adds_up_to_the_whole(world: Reader) -> None:
    counted = {}
    for name in kpi.load_all():
        whole, some, rest = (
            one(world, name, path=path)
            for path in (Path(), Path(only=("order.created",)), Path(exclude=("order.created",)))
        )
        assert whole.n == some.n + rest.n, name
        counted[name] = some.n
    assert {name for name, n in counted.items() if n} > {"acceptance_to_order", "invoice_latency"}
