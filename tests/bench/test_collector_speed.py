"""How fast the collector is: events through the real HTTP door, spans by the segment."""

import http.client
import json
import statistics
import time
from pathlib import Path

import pytest

from collector import otlp, writer
from process_model.store import Store
from tests.collector.doors import BATCH, spans
from tests.evidence import Evidence
from tests.harness import Program

pytestmark = pytest.mark.bench


def batch(number: int) -> bytes:
    """A thousand quotes accepted, each with what such an event usually carries."""
    return json.dumps([
        {
            "specversion": "1.0", "id": f"cpq-{number}-{at}", "source": "urn:system:cpq:emea",
            "type": "q2c.quote.accepted.v1", "subject": f"quote/Q-{number}-{at}",
            "time": "2026-03-04T12:00:00Z",
            "data": {
                "amount": "184200.00", "currency": "EUR", "actor": {"kind": "human"},
                "objects": [{"type": "opportunity", "id": f"O-{number}-{at}"},
                            {"type": "customer", "id": f"C-{at % 50}"}],
                "segment": {"region": "EMEA", "product_family": "Pumps"},
            },
        }
        for at in range(1_000)
    ]).encode()  # fmt: skip


def test_events_a_second_through_the_http_door(tmp_path: Path, evidence: Evidence) -> None:
    bodies = [batch(number) for number in range(60)]
    with Program(tmp_path) as program:
        door = http.client.HTTPConnection("127.0.0.1", program.http_port, timeout=60)
        started, processor = time.monotonic(), program.processor_seconds()
        for body in bodies:
            door.request("POST", "/v1/events", body, {"Content-Type": BATCH})
            answer = door.getresponse()
            answer.read()
            assert answer.status == 202
        seconds = time.monotonic() - started
        used = program.processor_seconds() - processor
        door.close()
        program.wait_until_stored(300)
    rate = 1_000 * len(bodies) / seconds
    evidence(
        f"{rate:,.0f} events/s accepted on disk, in batches of 1,000 over one connection,"
        f" while the store and the cases keep up ({used / seconds:.1f} cores in use)"
    )


def test_spans_a_second_by_segments_of_twenty_thousand(
    store: Store, tmp_path: Path, evidence: Evidence
) -> None:
    rates = []
    for number in range(8):
        path = tmp_path / f"segment-{number}"
        requests = (spans(number * 100_000 + at * 500 + 1, 500, a="1", b="2") for at in range(40))
        records = [otlp.from_protobuf("traces", one.SerializeToString()) for one in requests]
        path.write_bytes(b"".join(map(otlp.frame, records)))
        started = time.monotonic()
        writer.store_segment(store, "traces", path, f"bench-{number}")
        rates.append(20_000 / (time.monotonic() - started))
    assert store.query("n", "SELECT count() AS n FROM otel_traces").one().n == 160_000
    evidence(f"{statistics.median(rates):,.0f} spans/s stored and proved, a segment a statement")
