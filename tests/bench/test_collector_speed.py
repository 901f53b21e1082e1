"""How fast the collector is: events through the real HTTP door, spans by the segment."""

import http.client
import json
import statistics
import sys
import time
from collections.abc import Sequence
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


DOORS_ALONE = """
import os, time
from collector import pipeline
from throughline import load
settings = load(None, os.environ)
with pipeline.open_doors(settings.collector, settings.model):
    time.sleep(3600)
"""


def post(program: Program, bodies: Sequence[bytes]) -> tuple[float, float]:
    """The seconds it took by the clock and of the processor, all over one connection."""
    door = http.client.HTTPConnection("127.0.0.1", program.http_port, timeout=120)
    started, processor = time.monotonic(), program.processor_seconds()
    for body in bodies:
        door.request("POST", "/v1/events", body, {"Content-Type": BATCH})
        answer = door.getresponse()
        said = answer.read()
        assert answer.status == 202, said[:500]
    door.close()
    return time.monotonic() - started, program.processor_seconds() - processor


def test_events_a_second_through_the_http_door_alone(tmp_path: Path, evidence: Evidence) -> None:
    bodies = [batch(number) for number in range(40)]
    program = Program(tmp_path)
    program.command = [sys.executable, "-c", DOORS_ALONE]
    try:
        program.start(until="/healthz")
        post(program, bodies[:5])
        seconds, used = post(program, bodies)
    finally:
        program.kill()
    count = 1_000 * len(bodies)
    evidence(
        f"{count / used:,.0f} events/s of one core, from the socket to the disk and back"
        f" ({count / seconds:,.0f} by the clock of the machine as it was)"
    )


def test_events_a_second_through_the_whole_program(tmp_path: Path, evidence: Evidence) -> None:
    bodies = [batch(number) for number in range(60)]
    with Program(tmp_path) as program:
        seconds, used = post(program, bodies)
        program.wait_until_stored(300)
    evidence(
        f"{1_000 * len(bodies) / seconds:,.0f} events/s accepted on disk, a thousand a request,"
        f" while the store and the cases keep up ({used / seconds:.1f} cores in use)"
    )


def test_spans_a_second_by_segments_of_twenty_thousand(
    store: Store, tmp_path: Path, evidence: Evidence
) -> None:
    rates, used = [], 0.0
    for number in range(8):
        path = tmp_path / f"segment-{number}"
        requests = (spans(number * 100_000 + at * 500 + 1, 500, a="1", b="2") for at in range(40))
        records = [otlp.from_protobuf("traces", one.SerializeToString()) for one in requests]
        path.write_bytes(b"".join(map(otlp.frame, records)))
        started, processor = time.monotonic(), time.process_time()
        writer.store_segment(store, "traces", path, f"bench-{number}")
        rates.append(20_000 / (time.monotonic() - started))
        used += time.process_time() - processor
    assert store.query("n", "SELECT count() AS n FROM otel_traces").one().n == 160_000
    evidence(
        f"{160_000 / used:,.0f} trivial spans a second of processor (two attributes, no events or "
        "links), without intake and later merges: from segments that lie ready to stored and "
        f"proved, 20,000 a segment ({statistics.median(rates):,.0f} by the clock of the machine as "
        "it was)"
    )
