"""A real program that asks for keys and signatures, and one way to speak to each of its doors."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import grpc

from tests.collector.doors import JSON
from tests.harness import ROOT, Program

LIMIT = 2**20
STRIPE = "whsec_of_this_test"
TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
UNKNOWN = "tl_0badc0de_" + "ca" * 32
"""what has the form of a key and is none"""
Answer = tuple[int, Any, bytes]


class Guarded:
    """A program that asks for keys, and one way to speak to each of its doors."""

    def __init__(self, directory: Path) -> None:
        self.program = Program(
            directory,
            THROUGHLINE_COLLECTOR__IDENTITY="keys",
            THROUGHLINE_COLLECTOR__BODY_BYTES=str(LIMIT),
            THROUGHLINE_COLLECTOR__SIGNATURES__STRIPE__SECRET=STRIPE,
            THROUGHLINE_COLLECTOR__SIGNATURES__HUBSPOT__SECRET="of the app",
            THROUGHLINE_COLLECTOR__SIGNATURES__CHARGEBEE__SECRET="hook:of this test",
        )

    def keys(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, str(ROOT / "throughline.py"), "keys", *words],
            env=self.program.environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def key(self, name: str, *words: str) -> str:
        """A new key, once the program knows it."""
        made = self.keys("create", name, *words)
        self.program.wait_until(lambda: self.ask("GET", "/v1/sources", key=made)[0] != 401)
        return made

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = JSON, key: str = "",
        **headers: str,
    ) -> Answer:  # fmt: skip
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Content-Type": kind} if body is not None else {}
        named |= {"Authorization": f"Bearer {key}"} if key else {}
        request = urllib.request.Request(self.program.doors + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def post(self, path: str, body: bytes, kind: str = JSON, key: str = "", **more: str) -> Answer:
        return self.ask("POST", path, body, kind, key, **more)

    def export(self, body: bytes, key: str = "", compression: Any = None) -> Any:
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        with grpc.insecure_channel(f"127.0.0.1:{self.program.grpc_port}") as channel:
            call = channel.unary_unary(TRACES)
            try:
                call(body, timeout=30, metadata=metadata, compression=compression)
            except grpc.RpcError as refused:
                return refused
        return None

    def refused(self, door: str, reason: str) -> float:
        """How often the counter says so."""
        text = self.ask("GET", "/metrics", key=self.reader)[2].decode()
        wanted = [
            line for line in text.splitlines() if line.startswith("throughline_refused_total")
        ]
        return sum(
            float(line.rpartition(" ")[2]) for line in wanted
            if f'door="{door}"' in line and f'reason="{reason}"' in line
        )  # fmt: skip

    def __enter__(self) -> "Guarded":
        self.program.start()
        self.reader = self.key("prometheus", "--role", "read")
        return self

    def __exit__(self, *raised: object) -> None:
        self.program.__exit__(None, None, None)
