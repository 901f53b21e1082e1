"""Starts the real program as a process of its own, speaks to its doors, and counts what it kept."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parent.parent
_COUNT = """
import json, sys
from process_model.config import StoreConfig
from process_model.store import open_store
with open_store(StoreConfig(dsn=sys.argv[1])) as store:
    print(json.dumps([list(row) for row in store.query("count", sys.argv[2])], default=str))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """One installation in a directory; it can be started, stopped, killed and started again."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.http_port, self.grpc_port, self.page_port = free_port(), free_port(), free_port()
        self.dsn = f"chdb://{directory / 'store'}"
        self.environment = {
            name: value for name, value in os.environ.items() if "THROUGHLINE" not in name
        } | {
            "THROUGHLINE_STORE__DSN": self.dsn,
            "THROUGHLINE_STATE": str(directory / "state.db"),
            "THROUGHLINE_COLLECTOR__SPOOL_DIRECTORY": str(directory / "spool"),
            "THROUGHLINE_COLLECTOR__HTTP_PORT": str(self.http_port),
            "THROUGHLINE_COLLECTOR__GRPC_PORT": str(self.grpc_port),
            "THROUGHLINE_DASHBOARDS__PORT": str(self.page_port),
            **settings,
        }
        self.command = [sys.executable, str(ROOT / "throughline.py"), "serve"]
        self.work_directory = ROOT
        self.process: subprocess.Popen[bytes] | None = None
        self.accepting_after = self.accepting_cost = 0.0

    def __enter__(self) -> "Program":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def doors(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def http_ports(self) -> tuple[int, int]:
        """The doors' and the pages'."""
        return self.http_port, self.page_port

    def start(self, within_seconds: float = 120, until: str = "/readyz") -> "Program":
        """Spawn it and wait until it is ready; with ``until="/healthz"`` the doors are enough.

        ``accepting_after`` says when the doors opened, by the clock, and ``accepting_cost`` after
        how much work, which does not depend on what else the machine does.
        """
        self.spawn()
        self.accepting_after, begun = 0.0, time.monotonic()
        end = begun + within_seconds
        while time.monotonic() < end:
            if self.process and self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.said()}")
            if not self.accepting_after and self.fetch("/healthz")[0] == 200:
                self.accepting_after = time.monotonic() - begun
                self.accepting_cost = self.processor_seconds()
            if self.fetch(until)[0] == 200:
                return self
            time.sleep(0.02)
        raise AssertionError(f"not ready within {within_seconds} s: {self.said()}")

    def spawn(self) -> None:
        with (self.directory / "said.txt").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.work_directory,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def processor_seconds(self) -> float:
        """How long it has computed since it was started."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        return (self.directory / "said.txt").read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """Ask it to end; its exit code and how long it took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30), time.monotonic() - started

    def fetch(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body; status 0 when nobody answered."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.doors + path, body, named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except (OSError, http.client.HTTPException):
            return 0, b""

    def segments(self, kind: str = "events") -> set[str]:
        """The names of the sealed files that wait for the store."""
        return {path.name for path in (self.directory / "spool" / kind).glob(f"*.{kind}")}

    def wait_until(self, true: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for a condition; fails with what the program said when it does not come about."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.said()
            time.sleep(0.002)

    def wait_until_stored(self, seconds: float = 120) -> None:
        """Wait until nothing waits in the spool."""
        folders = [self.directory / "spool" / kind for kind in ("events", "rejected")]
        self.wait_until(lambda: not any(any(folder.iterdir()) for folder in folders), seconds)

    def post_events(self, events: Sequence[object]) -> int:
        body = json.dumps(events).encode()
        return self.fetch("/v1/events", body, Content_Type="application/cloudevents-batch+json")[0]

    def ask_stopped(self, sql: str) -> list[list[object]]:
        """Ask the store of the program that is not running, from one more process."""
        asked = subprocess.run(
            [sys.executable, "-c", _COUNT, self.dsn, sql],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert asked.returncode == 0, asked.stderr
        answer: list[list[object]] = json.loads(asked.stdout.splitlines()[-1])
        return answer


def event(number: int, type_: str = "quote.created") -> dict[str, object]:
    """A small valid event with an identity of its own."""
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "urn:system:cpq:emea",
        "type": f"q2c.{type_}.v1",
        "subject": f"quote/Q-{number}",
        "time": "2026-03-02T09:00:00Z",
        "data": {"amount": "10.00", "currency": "EUR"},
    }
