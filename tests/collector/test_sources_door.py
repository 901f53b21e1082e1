"""Native payloads through the real door: answers item by item, nothing lost, nothing doubled."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collector import pipeline
from collector.config import CollectorConfig
from process_model import instances
from process_model.config import ModelConfig
from process_model.state import State
from process_model.store import Store

pytestmark = pytest.mark.usefixtures("store")
GOLDEN = Path(__file__).parents[1] / "golden" / "sources"
SETTINGS = {
    "sap": {"references": {"SalesOrder.PurchaseOrderByCustomer": "order"}},
    "stripe": {"metadata": {"sap_billing_document": "invoice"}},
}


@pytest.fixture
def running(store: Store, state: State, tmp_path: Path) -> Iterator[pipeline.Pipeline]:
    config = CollectorConfig(
        grpc_port=0,
        http_port=0,
        spool_directory=tmp_path / "spool",
        reserve_bytes=0,
        sources=SETTINGS,
    )
    with pipeline.run(store, state, config, ModelConfig()) as collector:
        yield collector


def post(
    running: pipeline.Pipeline, path: str, body: bytes, **headers: str
) -> tuple[int, dict[str, str], dict[str, Any]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(running, path, body, named, "POST")


def fetch(
    running: pipeline.Pipeline, path: str, body: bytes | None, headers: dict[str, str], method: str
) -> tuple[int, dict[str, str], dict[str, Any]]:
    address = f"http://127.0.0.1:{running.http_port}{path}"
    request = urllib.request.Request(address, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return answer.status, dict(answer.headers), json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.loads(error.read())


def until(found: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def golden(system: str, case: str) -> bytes:
    return (GOLDEN / system / f"{case}.in.json").read_bytes()


def ids(store: Store, table: str) -> list[str]:
    return [row.id for row in store.query("ids", f"SELECT id FROM {table}")]


def test_each_payload_of_a_batch_is_answered_and_kept(
    running: pipeline.Pipeline, store: Store
) -> None:
    body = golden("salesforce", "gaps")
    status, _, answer = post(running, "/v1/sources/salesforce", body)
    # a refusal is kept, so that a webhook must not be told to send it again
    assert status == 207
    assert [item["index"] for item in answer["events"]] == [0, 0, 1, 2, 3]
    assert {item["reason"] for item in answer["events"]} == {"gap", "gap_overflow", "no_fact"}
    until(lambda: len(ids(store, "rejected_events")) == 5)
    sql = "SELECT source, door, payload FROM rejected_events WHERE reason = 'gap_overflow'"
    row = store.query("row", sql).one()
    assert (row.source, row.door) == ("urn:system:salesforce:default", "sources_http")
    assert json.loads(row.payload) == json.loads(body)[2]


def test_payloads_sent_again_count_once(running: pipeline.Pipeline, store: Store) -> None:
    body = golden("stripe", "invoice_to_cash")
    wanted = {
        json.loads(line)["id"]
        for line in (GOLDEN / "stripe" / "invoice_to_cash.out.jsonl").read_text().splitlines()
        if "rejected" not in line
    }
    for _ in range(2):
        assert post(running, "/v1/sources/stripe", body)[0] == 207
    until(lambda: len(ids(store, "business_events")) == 2 * len(wanted))
    assert set(ids(store, "business_events")) == wanted
    hashes = store.query(
        "versions", "SELECT id, uniqExact(content_hash) AS n FROM business_events GROUP BY id"
    )
    assert {row.n for row in hashes} == {1}


def test_lines_an_instance_and_a_dry_run(running: pipeline.Pipeline, store: Store) -> None:
    events = json.loads(golden("sap", "notifications"))[:2]
    lines = b"\n".join(json.dumps(event).encode() for event in events)
    path = "/v1/sources/sap?instance=emea"
    dry = post(running, path + "&dry_run=1", lines, Content_Type="application/x-ndjson")
    assert (dry[0], dry[2]["accepted"]) == (200, 2)
    status, _, answer = post(running, path, lines, Content_Type="application/x-ndjson")
    assert (status, [item["type"] for item in answer["events"]]) == (
        202,
        ["order.created", "order.changed"],
    )
    assert {item["source"] for item in answer["events"]} == {"urn:system:sap:emea"}
    until(lambda: len(ids(store, "business_events")) == 2)
    assert post(running, "/v1/sources/sap?instance=a%20b", lines)[0] == 400


def test_a_cloud_event_in_binary_mode_is_read_from_its_headers(
    running: pipeline.Pipeline, store: Store
) -> None:
    event = json.loads(golden("sap", "notifications"))[0]
    headers = {f"ce_{n}": str(event[n]) for n in ("specversion", "type", "source", "id", "time")}
    body = json.dumps(event["data"]).encode()
    headers["Content_Type"] = "application/json"
    assert post(running, "/v1/sources/sap", body, **headers)[0] == 202
    until(lambda: ids(store, "business_events") == [event["id"]])


def test_the_handshake_of_a_webhook_is_answered(running: pipeline.Pipeline) -> None:
    asked = {"WebHook-Request-Origin": "eventmesh.example", "WebHook-Request-Rate": "120"}
    status, headers, _ = fetch(running, "/v1/sources/sap", None, asked, "OPTIONS")
    assert status == 200
    assert headers["Webhook-Allowed-Origin"] == "eventmesh.example"
    assert "POST" in headers["Allow"]


def test_an_unknown_system_is_told_the_known_ones(running: pipeline.Pipeline) -> None:
    status, _, answer = post(running, "/v1/sources/siebel", b"{}")
    assert status == 404
    assert "salesforce" in answer["detail"]
    assert "stripe" in answer["detail"]


def test_what_is_not_json_is_refused(running: pipeline.Pipeline, store: Store) -> None:
    assert post(running, "/v1/sources/stripe", b"a=b")[0] == 400


def test_the_door_describes_every_source(running: pipeline.Pipeline) -> None:
    status, _, answer = fetch(running, "/v1/sources", None, {}, "GET")
    assert status == 200
    described = {source["name"]: source for source in answer["sources"]}
    assert described["salesforce"]["retention_seconds"] == 72 * 3600
    assert described["stripe"]["ordering"] == "none"


def test_one_order_in_the_words_of_three_systems_is_one_instance(
    running: pipeline.Pipeline, store: Store, state: State
) -> None:
    """Opportunity and quote in Salesforce, delivery and billing in SAP, the money in Stripe."""
    invoice = json.loads(golden("stripe", "invoice_to_cash"))
    for event in invoice:
        if event["type"].startswith("invoice."):
            event["data"]["object"]["metadata"] = {"sap_billing_document": "90000456"}
    delivered = json.loads(golden("sap", "order_to_payment"))[1:5]
    order = delivered[0]["data"]  # quoted in Salesforce, so it follows no quotation of SAP's own
    for place in (order, *order["to_Item"]["results"]):
        del place["ReferenceSDDocument"]
    told = [
        ("salesforce", json.loads(golden("salesforce", "opportunity_to_order"))),
        ("sap", delivered),
        ("stripe", invoice[1:10]),
    ]
    expected = 0
    for system, payloads in reversed(told):  # the last system may well speak first
        answer = post(running, f"/v1/sources/{system}", json.dumps(payloads).encode())[2]
        expected += answer["accepted"]
    until(lambda: len(ids(store, "business_events")) == expected)
    until(lambda: running.spool.waiting_bytes() == 0)
    while instances.walk(store, state, ModelConfig()):
        pass
    rows = store.query(
        "instances",
        "SELECT instance_id, objects.key AS keys, activities, stages.name AS stages,"
        " stages.state AS states FROM instances FINAL",
    )
    assert len(rows) == 1, [row.instance_id for row in rows]
    row = rows.one()
    assert {key.partition(":")[0] for key in row.keys} >= {
        "opportunity", "quote", "order", "delivery", "invoice", "payment",
    }  # fmt: skip
    passed = dict(zip(row.stages, row.states, strict=True))
    reached = {stage for stage, state_ in passed.items() if state_ == "done"}
    assert reached >= {"quote", "approval", "acceptance", "order", "fulfilment", "invoice"}
    assert passed["payment"] == "done"
