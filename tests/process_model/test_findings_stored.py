"""Findings that need more than business events: spans that fail, input that is refused."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from process_model.events import utc_text
from process_model.state import State
from process_model.store import Store
from tests import planted
from tests.builders import START, Life, a_quote, paid_in_full, stored
from tests.process_model.test_findings import DAY, found_in, named

_SPAN = (
    "Timestamp", "TraceId", "SpanId", "ParentSpanId", "SpanName", "SpanKind", "ServiceName",
    "SpanAttributes", "Duration", "StatusCode",
)  # fmt: skip
MINUTE = timedelta(minutes=1)


def lives(number: int) -> list[Life]:
    """Quotes that run without trouble, four a day."""
    return [paid_in_full(n, START + n * DAY / 4, customer=f"C-{n % 7}") for n in range(number)]


def spans(quote: str, at: datetime, failing: bool) -> list[tuple[Any, ...]]:
    """CPQ calls the tax engine; when that fails, the caller's span fails with it."""
    trace, status = uuid.uuid4().hex, "Error" if failing else "Unset"
    named_by = {"q2c.quote.id": quote}
    return [
        (at, trace, "a" * 16, "", "POST /quotes", "Server", "cpq", named_by, 900, status),
        (at, trace, "b" * 16, "a" * 16, "calculate", "Server", "tax-engine", {}, 500, status),
    ]


def test_spans_that_fail_of_their_own_name_the_service_and_its_cases(
    store: Store, state: State
) -> None:
    told = lives(40)
    stored(store, state, told)
    now = START + 10 * DAY
    rows = []
    for minutes in range(0, 3 * 24 * 60, 10):
        at = now - 3 * DAY + minutes * MINUTE
        failing = 2000 <= minutes < 2120
        rows += spans(f"Q-{minutes % 40 if failing else 39}", at, failing or minutes == 500)
    store.insert("otel_traces", _SPAN, rows, token="spans")
    (outage,) = found_in(store, now)
    assert (outage.kind, outage.systems) == ("service_outage", ("tax-engine",))
    touched = {f"quote:shared:Q-{m % 40}" for m in range(2000, 2120, 10)}
    assert set(outage.instances) == touched
    assert outage.since == now - 3 * DAY + 2000 * MINUTE
    assert outage.until == now - 3 * DAY + 2110 * MINUTE


def refused(number: int, at: datetime) -> tuple[Any, ...]:
    payload = f'{{"subject": "quote/Q-{number}", "time": "{utc_text(at)}"}}'
    said = (
        "invalid_amount",
        "/data/amount: write a decimal string",
        payload,
        datetime.now(at.tzinfo),
    )
    return (
        "live",
        "urn:system:cpq:emea",
        "q2c.quote.accepted.v1",
        "events_http",
        "/data/amount",
        *said,
    )


def test_refusals_that_begin_at_a_moment_are_a_changed_schema_and_one_now_and_then_is_none(
    store: Store, state: State
) -> None:
    stored(store, state, lives(200))
    columns = (
        "dataset",
        "source",
        "type",
        "door",
        "pointer",
        "reason",
        "detail",
        "payload",
        "received_at",
    )
    now = START + 50 * DAY
    single = [refused(n, START + n * DAY) for n in (3, 11, 19)]
    store.insert("rejected_events", columns, single, token="single")
    assert found_in(store, now) == []
    burst = [refused(n, START + 30 * DAY + n * MINUTE) for n in range(100, 130)]
    store.insert("rejected_events", columns, burst, token="burst")
    (change,) = found_in(store, now)
    assert (change.kind, change.systems) == ("schema_change", ("cpq",))
    assert set(change.instances) == {f"quote:shared:Q-{n}" for n in range(100, 130)}
    assert change.since == START + 30 * DAY + 100 * MINUTE


def test_a_retry_that_works_in_time_is_no_failure(store: Store, state: State) -> None:
    told = lives(60)
    for n in range(0, 60, 12):
        told[n].crossed(START + n * DAY / 4 + DAY, failing="timeout")
    stored(store, state, told)
    assert found_in(store, START + 10 * DAY) == []


def test_an_order_that_lost_its_quote_is_no_broken_promise(store: Store, state: State) -> None:
    told = lives(40)
    for n in range(5):
        at = START + n * DAY
        life = a_quote(f"L{n}", amount=f"7{n}3.00", customer=f"C-{n}").quoted(at)
        life.accepted(at + DAY / 2).ordered(at + DAY / 2 + 20 * MINUTE, of=())
        life.delivered(at + 2 * DAY).invoiced(at + 2.5 * DAY)
        told.append(life)
    stored(store, state, told)
    assert named(found_in(store, START + 12 * DAY), "broken_promise") == set()


def test_a_schema_that_changed_elsewhere_is_no_excuse_for_a_missing_order(
    store: Store, state: State
) -> None:
    told, now = lives(80), START + 20 * DAY
    changed = planted.renamed_field(told, START + 8 * DAY, START + 99 * DAY)
    dropped = planted.silent_drops(told[::3], START + 11 * DAY, START + 16 * DAY, 5)
    assert dropped <= changed
    stored(store, state, [life for life in told if planted.at(life.told[0]) < now])
    found = found_in(store, now)
    assert named(found, "schema_change") >= dropped
    assert named(found, "broken_promise") == dropped


def test_what_is_at_stake_in_an_exception_is_not_the_amount_of_its_order(
    store: Store, state: State
) -> None:
    told, at = lives(40), START + 4 * DAY
    split = a_quote("S1", amount="900.00").quoted(at).accepted(at + DAY)
    for place, amount in enumerate(("250.00", "650.00")):
        split.ordered(at + DAY + place * MINUTE, amount=amount, suffix=f"-{place}")
        split.fact("exception.raised", f"order/{split.order}-{place}", at + 1.01 * DAY,
                   amount="900.00", exception={"id": f"X-{place}", "class": "other"})  # fmt: skip
        split.fact("exception.resolved", f"order/{split.order}-{place}", at + 1.1 * DAY,
                   exception={"id": f"X-{place}", "class": "other"})  # fmt: skip
    stored(store, state, [*told, split])
    kinds = {one.kind for one in found_in(store, START + 9 * DAY)}
    assert not kinds & {"duplicate", "amount_mismatch"}


def test_an_empty_estate_has_no_findings(store: Store) -> None:
    assert found_in(store) == []
