"""One fact told by a span and by an event counts once (contract 4), through the real doors."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from process_model import instances, lookup, telemetry
from process_model.config import ModelConfig
from process_model.state import open_state
from tests.collector.doors import STRUCTURED, Doors, event, open_collector, spans
from tests.collector.test_pipeline import until


@pytest.fixture
def doors(engine_dsn: str, tmp_path: Path) -> Iterator[Doors]:
    with open_collector(engine_dsn, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("first", ["span", "event"])
def test_a_fact_that_its_span_tells_too_is_one_event_of_the_case(
    doors: Doors, tmp_path: Path, first: str
) -> None:
    number = 2**80 + 5
    told = {"q2c.event": "quote.accepted", "q2c.quote.id": "Q-1"}
    other = {"q2c.event": "quote.sent", "q2c.quote.id": "Q-1"}
    trace = f"00-{number:032x}-{number % 2**63:016x}-01"
    body = json.dumps(event("accepted", traceparent=trace)).encode()

    def by_span() -> None:
        request = spans(number, **told)
        request.MergeFrom(spans(number + 1, **other))  # a fact that only its span tells
        doors.export("traces", request.SerializeToString())
        doors.drained()

    def by_event() -> None:
        assert doors.post("/v1/events", body, STRUCTURED)[0] == 202
        doors.drained()

    for tell in (by_span, by_event) if first == "span" else (by_event, by_span):
        tell()
    with open_state(tmp_path / "walking.db") as state, doors.store.reader() as reader:
        while instances.walk(doors.store, state, ModelConfig()):
            pass
        case = lookup.instance(reader, "live", "quote:shared:Q-1")
        assert case is not None
        assert sorted((t.event.type, t.event.origin) for t in case.events) == [
            ("quote.accepted", "event"),
            ("quote.sent", "span"),
        ]
    # both tellings are kept: what counts is decided when it is read
    assert len(doors.column("SELECT concat(source, id) FROM business_events")) == 3


def test_own_spans_are_kept_and_no_fact_even_if_they_looked_like_one(doors: Doors) -> None:
    told = {"q2c.event": "quote.accepted", "q2c.quote.id": "Q-own"}
    with telemetry.traced("look like a fact", **told):
        pass
    own = "SELECT SpanName FROM otel_traces WHERE ServiceName = 'throughline'"
    until(lambda: "look like a fact" in doors.column(own))
    doors.drained()
    assert doors.post("/v1/events", json.dumps(event("e")).encode(), STRUCTURED)[0] == 202
    until(lambda: "take events" in doors.column(own))
    doors.drained()
    assert doors.column("SELECT source FROM business_events") == {"urn:system:doors"}
