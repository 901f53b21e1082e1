"""What every test may ask for: a store of its own, a state, a clock; no network but loopback."""

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from process_model.config import ModelConfig, StoreConfig
from process_model.state import State, open_state
from process_model.store import Store, open_store
from process_model.store.migrate import migrate
from tests.evidence import Evidence, report, write

PEER = Path(__file__).parents[2] / "shared" / "peers" / "clickhouse_http_peer.py"


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **timedelta_arguments: float) -> datetime:
        self.now += timedelta(**timedelta_arguments)
        return self.now


@contextmanager
def http_peer(directory: Path) -> Iterator[str]:
    """The engine behind its HTTP interface, in a process of its own; skips where it is absent."""
    if not PEER.exists():
        pytest.skip("the HTTP peer is not beside this checkout")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, str(PEER), "--path", str(directory / "data"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=directory) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("listening")
            yield f"clickhouse://default@127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def engine_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The engine of this run: embedded, or the server that the environment names."""
    named = os.environ.get("THROUGHLINE_TEST_DSN")
    if named == "peer":
        with http_peer(tmp_path_factory.mktemp("peer")) as dsn:
            yield dsn
        return
    if named:
        yield named
        return
    dsn = f"chdb://{tmp_path_factory.mktemp('engine') / 'store'}"
    # held open for the whole run: the engine starts once
    with open_store(StoreConfig(dsn=dsn, database="held")):
        yield dsn


@pytest.fixture
def store_config(engine_dsn: str) -> StoreConfig:
    """A database of the test's own, not yet made."""
    return StoreConfig(dsn=engine_dsn, database=f"test_{uuid.uuid4().hex}")


@pytest.fixture
def bare_store(store_config: StoreConfig) -> Iterator[Store]:
    """A store without tables."""
    with open_store(store_config) as store:
        yield store
        store.execute("drop test database", f"DROP DATABASE `{store_config.database}` SYNC")


@pytest.fixture
def store(bare_store: Store) -> Store:
    """A store with all tables, empty."""
    migrate(bare_store)
    return bare_store


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """An empty operational state."""
    with open_state(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture
def model_config() -> ModelConfig:
    """The model's configuration as it is when nothing is set."""
    return ModelConfig()


@pytest.fixture
def clock() -> Clock:
    """A clock at a Monday morning."""
    return Clock()


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Keeps what a long test saw in docs/evidence.md, under the test's name."""
    return lambda seen: write(request.node.nodeid, seen)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End a run that saw figures with all of them."""
    if lines := report():
        terminalreporter.section("what was seen")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse any connection that leaves the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and host not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
