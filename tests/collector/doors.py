"""Speaks to every door of a running collector, and asks its store what came of it."""

import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector import pipeline
from collector.config import CollectorConfig
from process_model.config import ModelConfig, StoreConfig
from process_model.state import open_state
from process_model.store import Store, open_store
from process_model.store.migrate import migrate
from tests.collector.test_pipeline import until

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMIT = 2**20
PROTOBUF, JSON = "application/x-protobuf", "application/json"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
HOUR = 1_772_442_000_000_000_000
Answer = tuple[int, dict[str, str], bytes]


class Doors:
    """A collector that runs, its store, and one way to speak to each of its doors."""

    def __init__(self, collector: pipeline.Pipeline, store: Store) -> None:
        self.collector, self.store = collector, store

    def post(self, path: str, body: bytes, kind: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = f"http://127.0.0.1:{self.collector.http_port}{path}"
        request = urllib.request.Request(address, body, named | {"Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read()

    def export(self, signal: str, body: bytes, compression: Any = None) -> bytes:
        names = {"traces": "trace.v1.TraceService", "logs": "logs.v1.LogsService"}
        path = f"/opentelemetry.proto.collector.{names[signal]}/Export"
        with grpc.insecure_channel(f"127.0.0.1:{self.collector.grpc_port}") as channel:
            answer: bytes = channel.unary_unary(path)(body, timeout=30, compression=compression)
            return answer

    def column(self, sql: str, **parameters: object) -> set[str]:
        return {str(row[0]) for row in self.store.query("column", sql, parameters)}

    def drained(self) -> None:
        until(lambda: self.collector.spool.waiting_bytes() == 0, 60)


@contextmanager
def open_collector(engine_dsn: str, directory: Path) -> Iterator[Doors]:
    """A collector with a database of its own, for all tests of a module."""
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=directory / "spool",
        reserve_bytes=0, body_bytes=LIMIT,
    )  # fmt: skip
    database = StoreConfig(dsn=engine_dsn, database=f"doors_{uuid.uuid4().hex}")
    with open_store(database) as store, open_state(directory / "state.db") as state:
        migrate(store)
        with pipeline.run(store, state, config, ModelConfig()) as collector:
            yield Doors(collector, store)
        store.execute("drop", f"DROP DATABASE `{database.database}` SYNC")


def files(folder: str, *patterns: str) -> list[Path]:
    """Real files beside the checkout; the test skips where they are absent."""
    if not DATA.exists():
        pytest.skip("the real data is not beside this checkout")
    return sorted(path for pattern in patterns for path in (DATA / folder).glob(pattern))


def spans(number: int, count: int = 1, **text: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "doors"
    scope = resource.scope_spans.add()
    for at in range(count):
        span = scope.spans.add(
            trace_id=number.to_bytes(16), span_id=((number + at) % 2**63).to_bytes(8), name="n"
        )
        span.start_time_unix_nano = span.end_time_unix_nano = HOUR
        for key, value in text.items():
            span.attributes.add(key=key).value.string_value = value
    return request


def event(id_: str, **members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": id_, "source": "urn:system:doors",
        "type": "q2c.quote.accepted.v1", "subject": "quote/Q-1", "time": "2026-03-02T09:00:00Z",
        **members,
    }  # fmt: skip
