"""Coverage: a number knows how much of the truth it has seen, and by whose fault not all of it."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from process_model.config import ModelConfig
from process_model.coverage import Coverage, coverage_of
from process_model.data_quality import source_states
from process_model.questions import Selection
from process_model.store import Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SAP, CPQ = "urn:system:sap:emea", "urn:system:cpq:emea"
MINUTE, HOUR, DAY, WEEK = (timedelta(**{u: 1}) for u in ("minutes", "hours", "days", "weeks"))


def tell(
    store: Store,
    source: str,
    moments: Iterable[datetime],
    type_: str = "order.created",
    first_number: int | None = None,
    left_out: frozenset[int] = frozenset(),
) -> None:
    """Store bare events of a source, numbered when a first number is given."""
    columns = ("source", "id", "type", "event_time", "received_at", "sequence", "sequence_type")
    rows = [
        (source, f"{at.timestamp()}", type_, at, at,
         "" if first_number is None else str(first_number + place),
         "" if first_number is None else "Integer")
        for place, at in enumerate(moments) if place not in left_out
    ]  # fmt: skip
    store.insert("business_events", columns, rows, token=str(uuid.uuid4()))


def working_days(begin: datetime, weeks: int) -> list[datetime]:
    """A moment each fifteen minutes, Monday to Friday, 08:00 to 18:00 UTC."""
    return [
        begin + day * DAY + 8 * HOUR + quarter * 15 * MINUTE
        for day in range(7 * weeks) if day % 7 < 5
        for quarter in range(40)
    ]  # fmt: skip


def covered(
    store: Store, until: datetime, since: datetime = MONDAY, config: ModelConfig | None = None
) -> Coverage:
    selection = Selection(since=since, as_of=until)
    return coverage_of(store, selection, ["order.created"], config or ModelConfig())


def test_a_source_that_never_speaks_at_weekends_is_not_silent_on_a_sunday(store: Store) -> None:
    tell(store, SAP, working_days(MONDAY, 2))
    sunday_night = MONDAY + 2 * WEEK - HOUR
    assert covered(store, sunday_night) == Coverage(1.0, 0.95, "", "every source kept its rhythm")


def test_a_source_that_stops_at_noon_is_silent_after_three_hours_not_after_a_weekend(
    store: Store,
) -> None:
    moments = working_days(MONDAY, 3)
    noon = MONDAY + 2 * WEEK + 2 * DAY + 12 * HOUR  # a Wednesday
    tell(store, SAP, [at for at in moments if at <= noon])
    # four active minutes an hour, the hour that has just begun a little less: twelve are overdue
    # after a quarter past fifteen
    assert covered(store, noon + 2 * HOUR + 50 * MINUTE).value == 1.0
    silent = covered(store, noon + 3 * HOUR + 20 * MINUTE)
    assert silent.value == 0.0
    assert silent.limited_by == SAP
    assert "since 2026-03-18 12:00 UTC" in silent.reason
    assert not silent.sufficient


def test_one_silent_source_of_two_halves_what_is_known_now(store: Store) -> None:
    noon = MONDAY + 2 * WEEK + 2 * DAY + 12 * HOUR
    tell(store, SAP, [at for at in working_days(MONDAY, 3) if at <= noon])
    tell(store, CPQ, working_days(MONDAY, 3))
    now = covered(store, noon + 5 * HOUR)
    assert (now.value, now.limited_by) == (0.5, SAP)


def test_an_outage_within_a_period_that_is_over_costs_its_share_of_the_period(
    store: Store,
) -> None:
    outage = MONDAY + WEEK + DAY + 10 * HOUR  # a Tuesday
    tell(store, SAP, [at for at in working_days(MONDAY, 4) if not outage < at < outage + 6 * HOUR])
    selection = Selection(since=MONDAY + WEEK, until=MONDAY + 2 * WEEK, as_of=MONDAY + 4 * WEEK)
    found = coverage_of(store, selection, ["order.created"], ModelConfig())
    # four Tuesdays less the outage: 13/4 active minutes in the hour from ten, then 12/4 an hour;
    # 3.25 + 3 + 3 by thirteen o'clock, the twelfth 55 minutes later: silent for 2 h 05 min
    assert found.value == pytest.approx(1 - (2 * HOUR + 5 * MINUTE) / WEEK, abs=1e-6)
    assert found.limited_by == SAP
    assert "98.8%" in found.reason


def test_little_history_falls_back_to_the_third_longest_gap(store: Store) -> None:
    tell(store, SAP, [MONDAY + 8 * HOUR + n * 10 * MINUTE for n in range(30)])
    last = MONDAY + 8 * HOUR + 290 * MINUTE
    assert covered(store, last + 14 * MINUTE).value == 1.0
    assert covered(store, last + 16 * MINUTE).value == 0.0


def test_almost_no_history_is_unknown_and_never_complete(store: Store) -> None:
    tell(store, SAP, [MONDAY + n * HOUR for n in range(5)])
    found = covered(store, MONDAY + DAY)
    assert (found.value, found.limited_by) == (None, SAP)
    assert not found.sufficient


def test_the_configured_limit_overrides_what_was_learned(store: Store) -> None:
    tell(store, SAP, working_days(MONDAY, 2))
    sunday = MONDAY + 2 * WEEK - 10 * HOUR
    strict = ModelConfig(silence_limits={SAP: HOUR})
    assert covered(store, sunday, config=strict).value == 0.0
    patient = ModelConfig(silence_limits={SAP: 4 * WEEK})
    assert covered(store, sunday + 3 * WEEK, config=patient).value == 1.0


def test_numbers_that_never_came_lower_the_coverage(store: Store) -> None:
    moments = working_days(MONDAY, 2)
    tell(store, SAP, moments, first_number=500, left_out=frozenset(range(100, 140)))
    # ten hours of a Wednesday are lost as numbers; the configured limit keeps silence out of it
    config = ModelConfig(silence_limits={SAP: 4 * WEEK})
    found = covered(store, MONDAY + 2 * WEEK, config=config)
    assert found.value == pytest.approx(360 / 400)
    assert "40 numbered events are missing" in found.reason


def test_a_type_that_nobody_ever_told_of_leaves_the_number_unmeasured(store: Store) -> None:
    tell(store, SAP, working_days(MONDAY, 2))
    selection = Selection(as_of=MONDAY + 2 * WEEK)
    found = coverage_of(store, selection, ["order.created", "invoice.posted"], ModelConfig())
    assert (found.value, found.reason) == (None, "no source has ever delivered invoice.posted")
    either = coverage_of(store, selection, ["order.created|order.booked"], ModelConfig())
    assert either.value == 1.0


def test_our_own_spans_are_no_source(store: Store) -> None:
    tell(store, "urn:otel:throughline", working_days(MONDAY, 2))
    found = covered(store, MONDAY + 2 * WEEK)
    assert (found.value, found.limited_by) == (None, "")


def test_an_empty_store_is_unmeasured(store: Store) -> None:
    assert covered(store, MONDAY).value is None


def test_the_state_of_every_source_is_told(store: Store) -> None:
    noon = MONDAY + 2 * WEEK + 2 * DAY + 12 * HOUR
    tell(store, SAP, [at for at in working_days(MONDAY, 3) if at <= noon], first_number=1,
         left_out=frozenset({7}))  # fmt: skip
    tell(store, CPQ, working_days(MONDAY, 3))
    tell(store, "urn:system:new", [noon])
    selection = Selection(since=MONDAY, as_of=noon + 5 * HOUR)
    silent, moving, unknown = source_states(store, selection, ModelConfig())
    assert (silent.source, silent.state, silent.silent_since) == (SAP, "silent", noon)
    assert (silent.watermark, silent.missing, silent.limit_from) == (noon, 1, "week")
    assert silent.limit_seconds == pytest.approx(3.25 * 3600, abs=300)
    assert (moving.source, moving.state, moving.moving_share) == (CPQ, "moving", 1.0)
    assert (unknown.state, unknown.limit_seconds, unknown.moving_share) == ("unknown", None, None)


def test_delays_and_disorder_are_measured(store: Store) -> None:
    columns = ("source", "id", "type", "event_time", "recorded_time", "received_at")
    happened = [MONDAY + n * MINUTE for n in (0, 10, 20, 30, 40)]
    # known after 1, 2, 3, 4 minutes; the third only after an hour, when the later two were known
    delays = [MINUTE, 2 * MINUTE, HOUR, 3 * MINUTE, 4 * MINUTE]
    rows = [
        (SAP, str(at), "order.created", at, at + delay, MONDAY + DAY)
        for at, delay in zip(happened, delays, strict=True)
    ]
    store.insert("business_events", columns, rows, token=str(uuid.uuid4()))
    (state,) = source_states(store, Selection(as_of=MONDAY + 2 * DAY), ModelConfig())
    assert state.delay_p50_seconds == pytest.approx(180)
    assert (state.late, state.out_of_order) == (1, 1)
    assert state.last_received_at == MONDAY + DAY
