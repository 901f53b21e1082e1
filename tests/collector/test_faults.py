"""Inserts over the network that fail or lose their answer: nothing is lost, nothing doubled."""

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import writer
from process_model.config import StoreConfig
from process_model.errors import StoreError
from process_model.store import Store, open_store
from process_model.store.migrate import migrate
from tests.collector.test_writer import a_trace, some_events
from tests.conftest import http_peer

FAULTS = [
    pytest.param({"when": "before", "action": "drop"}, id="never arrived"),
    pytest.param({"when": "after", "action": "drop"}, id="answer lost"),
    pytest.param({"when": "before", "action": "error", "code": 241}, id="short of memory"),
    pytest.param({"when": "after", "action": "error", "code": 252}, id="failed after the work"),
]
COUNTS = {
    "events": "SELECT count() AS n, uniqExact(source, id) AS u FROM business_events",
    "traces": "SELECT count() AS n, uniqExact(TraceId) AS u FROM otel_traces",
}


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with http_peer(tmp_path_factory.mktemp("peer")) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def server(peer: str) -> Iterator[Store]:
    with open_store(StoreConfig(dsn=peer, database="faults")) as store:
        migrate(store)
        yield store


def inject(dsn: str, *faults: dict[str, object]) -> None:
    address = "http://" + dsn.rpartition("@")[2] + "/_fault"
    body = json.dumps(faults).encode()
    urllib.request.urlopen(urllib.request.Request(address, body), timeout=10).close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["events", "traces"])
def test_trouble_on_the_way_loses_and_doubles_nothing(
    peer: str, server: Store, tmp_path: Path, fault: dict[str, object], kind: writer.Kind
) -> None:
    before = server.query("count", COUNTS[kind]).one()
    path, first = tmp_path / "segment", uuid.uuid4().int % 2**60
    numbers = range(first, first + 20)
    body = map(a_trace, numbers) if kind == "traces" else [some_events(20, first)]
    path.write_bytes(b"".join(body))
    inject(peer, {**fault, "match": "INSERT INTO", "n": 2})
    for _ in range(6):
        try:
            writer.store_segment(server, kind, path, f"token-{first}")
            break
        except StoreError as error:
            assert not error.permanent, error
    else:
        pytest.fail("the writer did not come through")
    inject(peer)
    found = server.query("count", COUNTS[kind]).one()
    assert (found.n - before.n, found.u - before.u) == (20, 20)
    facts = server.query("count", COUNTS["events"]).one()
    assert facts.n == facts.u
