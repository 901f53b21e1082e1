"""kill -9 of the whole program, at places counted by progress, never by time."""

import threading
import time
from pathlib import Path
from statistics import median

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
    OTLPSpanExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from tests.harness import Program, event

pytestmark = pytest.mark.engine
BATCH = 20


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
        while not self.done.is_set():
            numbers = range(self.next, self.next + BATCH)
            if self.program.post_events([event(number) for number in numbers]) == 202:
                self.accepted += numbers
                self.next += BATCH
            else:
                time.sleep(0.02)

    def stop(self) -> None:
        self.done.set()
        self.thread.join()


def kill_by_progress(program: Program, kills: int) -> tuple[set[str], list[float]]:
    """Kill after each further handful of accepted batches; what was accepted, and each start."""
    senders = [Sender(program, name) for name in (1, 2)]
    starts = []
    try:
        for kill in range(kills):
            seen = sum(len(sender.accepted) for sender in senders)
            # a different distance each time, so that spool, seal, insert and delete are all hit
            wanted = seen + BATCH * (1 + (kill * 7) % 23)
            while sum(len(sender.accepted) for sender in senders) < wanted:
                time.sleep(0.001)
            program.kill()
            program.start()
            starts.append(program.accepting_after)
    finally:
        for sender in senders:
            sender.stop()
    return {f"e-{number}" for sender in senders for number in sender.accepted}, starts


def assert_nothing_lost(program: Program, accepted: set[str]) -> None:
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


@pytest.mark.timeout(280)
def test_twenty_kills_lose_and_double_no_accepted_event(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        accepted, starts = kill_by_progress(program, 20)
        assert_nothing_lost(program, accepted)
    # the median: the slowest of a shared machine speaks of its neighbours
    assert median(starts) <= 5, starts


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_and_double_no_accepted_event(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        accepted, starts = kill_by_progress(program, 200)
        assert_nothing_lost(program, accepted)
    assert median(starts) <= 5, starts


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_stock_sdk_senders_lose_no_span_over_a_restart(tmp_path: Path, protocol: str) -> None:
    with Program(tmp_path) as program:
        exporter: SpanExporter = HttpExporter(f"{program.doors}/v1/traces")
        if protocol == "grpc":
            exporter = GrpcExporter(f"http://127.0.0.1:{program.grpc_port}", insecure=True)
        provider = TracerProvider(resource=Resource({"service.name": "sender"}))
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=50))
        tracer = provider.get_tracer("sender")
        sent = set()
        for number in range(300):
            with tracer.start_as_current_span(f"step {number}") as span:
                sent.add(f"{span.get_span_context().span_id:016x}")
            if number == 100:
                program.kill()
                program.start()
            time.sleep(0.005)
        assert provider.force_flush(30_000)
        provider.shutdown()
        assert program.stop()[0] == 0, program.said()
        rows = program.ask_stopped(
            "SELECT SpanId, count() FROM otel_traces WHERE ServiceName = 'sender' GROUP BY SpanId"
        )
        assert {str(row[0]) for row in rows} == sent
