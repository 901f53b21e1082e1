"""Over HTTP, with faults: what a lost answer or a busy server does to an insert."""

import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from process_model.config import StoreConfig
from process_model.errors import StoreUnavailable
from process_model.store import Store, open_store
from process_model.store.migrate import migrate
from tests.conftest import http_peer

SQL = (
    "INSERT INTO rejected_events (source, id, received_at)\n"
    "SELECT source, id, now64(6) FROM __SOURCE__"
)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with http_peer(tmp_path_factory.mktemp("faulty")) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def far_store(peer: str) -> Iterator[Store]:
    with open_store(StoreConfig(dsn=peer, database=f"far_{uuid.uuid4().hex}")) as store:
        migrate(store)
        yield store


def inject(dsn: str, *faults: dict[str, object]) -> None:
    url = urlsplit(dsn)
    body = json.dumps(faults).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{url.port}/_fault", body, timeout=10).close()


def segment(tmp_path: Path, ids: list[str]) -> Path:
    path = tmp_path / "segment.jsonl"
    path.write_text("".join(json.dumps({"source": "crm", "id": i}) + "\n" for i in ids))
    return path


@pytest.mark.parametrize(
    "fault",
    [
        {"when": "before", "action": "drop", "n": 1},
        {"when": "after", "action": "drop", "n": 1},
        {"when": "after", "action": "drop", "n": 3},
        {"when": "before", "action": "error", "code": 252, "n": 1},
        {"when": "before", "action": "error", "code": 241, "n": 1},
    ],
    ids=str,
)
def test_a_segment_is_stored_once_whatever_happened_to_its_answer(
    far_store: Store, peer: str, tmp_path: Path, fault: dict[str, object]
) -> None:
    ids = [f"e{n}" for n in range(200)]
    path, token = segment(tmp_path, ids), str(uuid.uuid4())
    for table in ("rejected_events", "stored_segments"):
        far_store.execute("empty", f"TRUNCATE TABLE {table}")
    inject(peer, {**fault, "match": "rejected_events"})
    for _ in range(5):  # what the collector's writer does with an error that passes
        try:
            far_store.insert_file(
                "segment", SQL, path, token=token, format="JSONEachRow",
                structure="source String, id String",
            )  # fmt: skip
            break
        except StoreUnavailable:
            continue
    inject(peer)
    rows = far_store.query("ids", "SELECT id FROM rejected_events")
    assert sorted(row.id for row in rows) == sorted(ids)
    blocks = far_store.query("blocks", "SELECT row_count FROM stored_segments")
    assert [row.row_count for row in blocks] == [200]


def test_a_server_that_is_not_there_is_an_error_that_passes() -> None:
    with pytest.raises(StoreUnavailable):
        open_store(StoreConfig(dsn="clickhouse://default@127.0.0.1:1", connect_seconds=1))
