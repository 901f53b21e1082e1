"""What keys leave behind: nothing of themselves, and all that their senders sent; and TLS.

Stock exporters used the program with slow keys, others caused every kind of trouble; it has ended.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from collector import pipeline
from collector.config import CollectorConfig
from process_model.config import ModelConfig
from tests.collector.doors import JSON, PROTOBUF, STRUCTURED, spans
from tests.guarded import LIMIT, TRACES, UNKNOWN, Guarded

pytestmark = pytest.mark.engine


class Used:
    """What was sent to a program of its own, and what it left behind."""

    def __init__(self, guarded: Guarded) -> None:
        self.program = guarded.program
        self.keys: list[str] = [guarded.reader, UNKNOWN]
        self.sent = {door: self._limited(guarded, door) for door in ("otlp_http", "otlp_grpc")}
        self.slowed = {door: guarded.refused(door, "rate_limited") for door in self.sent}
        self._cause_trouble(guarded)
        guarded.program.wait_until_stored()
        assert guarded.program.stop()[0] == 0

    def _limited(self, guarded: Guarded, door: str) -> set[str]:
        """The ids of what a stock exporter sent with a key of one request a second."""
        self.keys.append(key := guarded.key(f"limited-{door}", "--rate", "1/s"))
        bearer = {"authorization": f"Bearer {key}"}
        exporter: SpanExporter = (
            HttpExporter(f"{guarded.program.doors}/v1/traces", headers=bearer)
            if door == "otlp_http"
            else GrpcExporter(
                f"127.0.0.1:{guarded.program.grpc_port}", insecure=True, headers=bearer
            )
        )
        provider = TracerProvider(resource=Resource({"service.name": f"limited {door}"}))
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        sent = set()
        for number in range(4):  # each is one request
            with provider.get_tracer("t").start_as_current_span(f"n{number}") as span:
                sent.add(f"{span.get_span_context().span_id:016x}")
        provider.shutdown()
        return sent

    def _cause_trouble(self, guarded: Guarded) -> None:
        """Everything that is counted, sampled, rejected or said in the log, with each key."""
        self.keys.append(living := guarded.key("troubled"))
        scoped = guarded.key("scoped", "--source", "sap")
        self.keys.append(scoped)
        for key in (living, scoped, UNKNOWN):
            for path in ("/v1/traces", "/v1/logs", "/v1/events", "/v1/sources/sap",
                         "/v1/sources/stripe", "/v1/sources/docusign", "/nothing"):  # fmt: skip
                for body in (b"{", b"[1]", b'{"id": 1}', b"x" * (LIMIT + 1)):
                    guarded.post(path, body, STRUCTURED if "events" in path else JSON, key)
                    guarded.post(path, body, PROTOBUF, key, Content_Encoding="gzip")
            guarded.export(b"\xff", key)
            binary = {
                "ce_specversion": "1.0",
                "ce_id": "b",
                "ce_source": "urn:system:sap",
                "ce_type": "x",
            }
            guarded.post("/v1/events", b"{}", JSON, key, **binary)
            guarded.ask("GET", "/v1/events/receipt?source=a", key=key)
            guarded.ask("GET", "/metrics", key=key)
        guarded.keys("revoke", "troubled")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    with Guarded(tmp_path_factory.mktemp("used")) as program:
        yield Used(program)


@pytest.mark.parametrize("door", ["otlp_http", "otlp_grpc"])
def test_a_stock_sender_loses_nothing_to_a_rate(used: Used, door: str) -> None:
    assert used.slowed[door] > 0
    sql = f"SELECT SpanId FROM otel_traces WHERE ServiceName = 'limited {door}'"
    assert {str(row[0]) for row in used.program.ask_stopped(sql)} == used.sent[door]


def test_no_key_is_found_anywhere_afterwards(used: Used) -> None:
    secrets = [key.rpartition("_")[2] for key in used.keys]
    assert len(set(secrets)) == len(used.keys) >= 6
    for path in used.program.directory.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [s for s in secrets if s.encode() in content] == [], path
    # the engine packs what it keeps
    packed = (
        "SELECT concat(toString(tuple(*)), ' ') FROM rejected_events",
        "SELECT toString(tuple(*)) FROM otel_traces",
        "SELECT toString(tuple(*)) FROM otel_logs",
    )
    for sql in packed:
        rows = used.program.ask_stopped(sql)
        assert rows or "logs" in sql
        assert [s for s in secrets if s in str(rows)] == []


# --- TLS


def certificates(folder: Path) -> None:
    """An authority, and a server and a client certificate by it; a stranger made by nobody."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("openssl makes the certificates, and is not here")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")

    new = ("-newkey", "rsa:2048", "-nodes", "-subj")
    run("req", "-x509", *new, "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2")
    run("req", "-x509", *new, "/CN=stranger", "-keyout", "x.key", "-out", "x.pem", "-days", "2")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("server", "client"):
        run("req", *new, f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", "-days", "2", *signed)


def test_grpc_speaks_tls_and_only_with_clients_it_knows(tmp_path: Path) -> None:
    certificates(tmp_path)
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "spool", reserve_bytes=0,
        grpc_certificate=tmp_path / "server.pem", grpc_certificate_key=tmp_path / "server.key",
        grpc_client_ca=tmp_path / "ca.pem",
    )  # fmt: skip

    def read(name: str) -> bytes:
        return (tmp_path / name).read_bytes()

    with pipeline.open_doors(config, ModelConfig()) as doors:
        address = f"127.0.0.1:{doors.grpc_port}"

        def export(channel: grpc.Channel) -> str:
            with channel:
                try:
                    call = channel.unary_unary(TRACES)
                    return "taken" if call(spans(5).SerializeToString(), timeout=10) == b"" else ""
                except grpc.RpcError as refused:
                    return str(refused.code().name)  # type: ignore[attr-defined]

        def secure(*names: str) -> grpc.Channel:
            return grpc.secure_channel(
                address,
                grpc.ssl_channel_credentials(read("ca.pem"), *(read(name) for name in names)),
            )

        assert export(secure("client.key", "client.pem")) == "taken"
        for channel in (secure(), secure("x.key", "x.pem"), grpc.insecure_channel(address)):
            assert export(channel) == "UNAVAILABLE"
        assert doors.spool.waiting_bytes() > 0
