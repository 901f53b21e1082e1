"""kill -9 of the whole program, at places counted by progress, never by time.

The spool and the writer alone are killed in ``tests/collector/test_kill.py``.
"""

import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from tests.evidence import Evidence
from tests.harness import Program, event

pytestmark = pytest.mark.engine
BATCH = 5
# how far apart two batches of one sender are: enough to keep every lane busy, no more
PACE_SECONDS = 0.02


class Start(NamedTuple):
    """When the doors were open again, by the clock and by the work it took."""

    seconds: float
    cost: float


class Sender:
    """Sends batches until told to stop; repeats a batch until it was accepted, like any sender."""

    def __init__(self, program: Program, name: int) -> None:
        self.program = program
        self.next = name * 1_000_000
        self.accepted: list[int] = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._send)
        self.thread.start()

    def _send(self) -> None:
        while not self.done.wait(PACE_SECONDS):
            numbers = range(self.next, self.next + BATCH)
            if self.program.post_events([event(number) for number in numbers]) == 202:
                self.accepted += numbers
                self.next += BATCH

    def stop(self) -> None:
        self.done.set()
        self.thread.join()


def kill_by_progress(program: Program, kills: int) -> tuple[set[str], list[Start]]:
    """Kill at the spool, at a seal and at a removal in turn; what was accepted, and each start."""
    senders = [Sender(program, name) for name in (1, 2)]
    starts = []

    def accepted() -> int:
        return sum(len(sender.accepted) for sender in senders)

    try:
        for kill in range(kills):
            seen, waiting = accepted(), program.segments()
            if kill % 3 == 0:  # after a handful of batches, another distance each time
                wanted = seen + BATCH * (1 + (kill * 7) % 23)
                program.wait_until(lambda wanted=wanted: accepted() >= wanted)
            elif kill % 3 == 1:  # a segment was sealed: its insert begins or runs
                program.wait_until(lambda old=waiting: bool(program.segments() - old))
            else:  # a segment was removed: its rows are proved, the next one's are not
                program.wait_until(lambda: bool(program.segments()))
                waiting = program.segments()
                program.wait_until(lambda old=waiting: bool(old - program.segments()))
            program.kill()
            program.start(until="/healthz" if kill % 3 == 2 else "/readyz")
            starts.append(Start(program.accepting_after, program.accepting_cost))
    finally:
        for sender in senders:
            sender.stop()
    return {f"e-{number}" for sender in senders for number in sender.accepted}, starts


def assert_nothing_lost(program: Program, accepted: set[str]) -> None:
    program.wait_until_stored()
    assert program.stop()[0] == 0, program.said()
    rows = program.ask_stopped("SELECT id, count(DISTINCT content_hash) FROM business_events"
                               " GROUP BY id")  # fmt: skip
    stored = {str(row[0]) for row in rows}
    assert accepted <= stored
    assert {row[1] for row in rows} == {1}
    # an id may have two rows when its sender never heard the answer; a segment is stored once
    twice = program.ask_stopped(
        "SELECT count() FROM (SELECT segment FROM stored_segments"
        " GROUP BY segment HAVING count() > 1)"
    )
    assert twice == [[0]]


def test_four_kills_of_the_program_lose_and_double_no_accepted_event(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        accepted, starts = kill_by_progress(program, 4)
        assert_nothing_lost(program, accepted)
    assert max(start.cost for start in starts) <= 5, starts


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_and_double_no_accepted_event(
    tmp_path: Path, evidence: Evidence
) -> None:
    with Program(tmp_path) as program:
        accepted, starts = kill_by_progress(program, 200)
        assert_nothing_lost(program, accepted)
    assert max(start.cost for start in starts) <= 5, starts
    seconds = [start.seconds for start in starts]
    evidence(
        f"200 kills of the whole program while two senders sent: {len(accepted):,} events accepted,"
        f" 0 lost, 0 doubled; accepting again after {median(seconds):.1f} s (median),"
        f" {max(seconds):.1f} s (worst)"
    )


def test_stock_sdk_senders_lose_no_span_over_a_kill_and_a_restart(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        exporters: dict[str, SpanExporter] = {
            "http": HttpExporter(f"{program.doors}/v1/traces"),
            "grpc": GrpcExporter(f"http://127.0.0.1:{program.grpc_port}", insecure=True),
        }
        providers = {
            name: TracerProvider(resource=Resource({"service.name": f"sender-{name}"}))
            for name in exporters
        }
        for name, provider in providers.items():
            processor = BatchSpanProcessor(exporters[name], schedule_delay_millis=50)
            provider.add_span_processor(processor)
        tracers = {name: provider.get_tracer("sender") for name, provider in providers.items()}
        sent, gaps = set(), []
        for number in range(300):
            for name, tracer in tracers.items():
                with tracer.start_as_current_span(f"step {number}") as span:
                    sent.add((f"sender-{name}", f"{span.get_span_context().span_id:016x}"))
            if number in (100, 200):
                closed = time.monotonic()
                if number == 100:
                    program.kill()
                else:
                    assert program.stop()[0] == 0, program.said()
                program.start(until="/healthz")
                gaps.append(time.monotonic() - closed)
            time.sleep(0.005)
        for provider in providers.values():
            provider.force_flush(30_000)
            provider.shutdown()
        program.wait_until(lambda: program.fetch("/readyz")[0] == 200)
        assert program.stop()[0] == 0, program.said()
        if max(gaps) > 8:
            pytest.skip(f"too busy a machine: a stock sender gives up after 10 s, this took {gaps}")
        rows = program.ask_stopped(
            "SELECT DISTINCT ServiceName, SpanId FROM otel_traces WHERE ServiceName LIKE 'sender-%'"
        )
        assert {(str(row[0]), str(row[1])) for row in rows} == sent
