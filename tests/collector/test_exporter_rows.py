"""Rows that an OpenTelemetry Collector's exporter writes by itself become facts as well."""

import threading
from collections.abc import Callable

import pytest

from collector.exporter_rows import Walker
from process_model.state import State
from process_model.store import Store

# what the exporter names: its own columns, never ours
_INSERT = """
INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind,
    ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode,
    StatusMessage, `Events.Timestamp`, `Events.Name`, `Events.Attributes`)
SELECT toDateTime64('2026-03-02 12:00:00', 9), leftPad(toString({trace:UInt32}), 32, '0'),
    leftPad(toString(number), 16, '0'), '', '', 'accept', 'Server', {service:String}, map(), '', '',
    map('q2c.event', {event:String}, 'q2c.quote.id', concat('Q-', toString(number))), 5000, 'Unset',
    '', [toDateTime64('2026-03-02 12:00:01', 9)], ['q2c.quote.sent'],
    [map('q2c.quote.id', concat('Q-', toString(number)))]
FROM numbers({first:UInt32}, {many:UInt32})
"""
_LOGS = """
INSERT INTO otel_logs (Timestamp, TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber,
    ServiceName, Body, LogAttributes, EventName)
VALUES ('2026-03-02 12:00:00', '', '', 0, 'INFO', 9, 'erp', 'made', map('q2c.order.id', '7'),
    'order.created')
"""
Write = Callable[..., None]


@pytest.fixture
def write(store: Store) -> Write:
    def insert(first: int, many: int, **members: object) -> None:
        given = {"trace": 1, "service": "cpq", "event": "quote.accepted", **members}
        store.execute("exporter", _INSERT, given | {"first": first, "many": many})

    return insert


def walker(store: Store, state: State) -> Walker:
    return Walker(store, state, {}, threading.Event())


def facts(store: Store) -> list[str]:
    return [row.id for row in store.query("ids", "SELECT id FROM business_events ORDER BY id")]


def ids(first: int, many: int) -> list[str]:
    spans = [f"{1:032d}/{number:016d}" for number in range(first, first + many)]
    return sorted([*spans, *(f"{span}/1" for span in spans)])


def test_spans_and_their_events_become_facts_once(store: Store, state: State, write: Write) -> None:
    write(1, 300)
    assert walker(store, state).walk() == 600
    assert facts(store) == ids(1, 300)
    row = store.query("one", "SELECT source, origin, type FROM business_events LIMIT 1").one()
    assert (row.source, row.origin) == ("urn:otel:cpq", "span")
    # walked again from the start of the overlap, as after a restart: nothing is told twice
    assert walker(store, state).walk() == 0
    assert facts(store) == ids(1, 300)


def test_a_later_block_and_a_repeated_one_add_only_what_is_new(
    store: Store, state: State, write: Write
) -> None:
    one = walker(store, state)
    write(1, 10)
    one.walk()
    write(5, 20)  # an exporter that lost its answer sends some of the spans again
    one.walk()
    assert facts(store) == ids(1, 24)


def test_many_rows_of_one_moment_are_walked_page_by_page(
    store: Store, state: State, write: Write
) -> None:
    write(1, 40)
    assert Walker(store, state, {}, threading.Event(), page=7).walk() == 80
    assert facts(store) == ids(1, 40)


def test_a_crash_before_the_cursor_moved_doubles_nothing(
    store: Store, state: State, write: Write
) -> None:
    write(1, 10)
    walker(store, state).walk()
    state.set_cursor("exporter_rows", "1970-01-01T00:00:00+00:00")
    assert walker(store, state).walk() == 0
    assert facts(store) == ids(1, 10)


def test_what_is_no_fact_is_rejected_once_and_own_spans_tell_nothing(
    store: Store, state: State, write: Write
) -> None:
    write(1, 2, event="quote.exploded")
    write(5, 2, service="throughline")
    for _ in range(2):
        walker(store, state).walk()
        state.set_cursor("exporter_rows", "1970-01-01T00:00:00+00:00")
    rejected = store.query("rejected", "SELECT id, reason FROM rejected_events ORDER BY id")
    wanted = [(f"{1:032d}/{number:016d}", "unknown_type") for number in (1, 2)]
    assert [tuple(row) for row in rejected] == wanted
    assert facts(store) == [f"{1:032d}/{number:016d}/1" for number in (1, 2)]


def test_log_records_become_facts(store: Store, state: State) -> None:
    store.execute("exporter", _LOGS)
    assert walker(store, state).walk() == 1
    row = store.query("one", "SELECT subject, type, origin FROM business_events").one()
    assert tuple(row) == ("order:shared:7", "order.created", "log")
