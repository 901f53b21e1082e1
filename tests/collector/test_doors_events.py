"""Business events through the real door: every shape, real files, naughty strings in every field.

The law of every test here, by sets of ids: accepted = stored + deduplicated + rejected.
"""

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.collector.doors import (
    BATCH,
    JSON,
    STRUCTURED,
    Doors,
    event,
    files,
    open_collector,
)  # fmt: skip


@pytest.fixture(scope="module")
def doors(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with open_collector(engine_dsn, tmp_path_factory.mktemp("doors")) as opened:
        yield opened


def test_every_event_file_of_others_is_answered_item_by_item(doors: Doors) -> None:
    paths = files("cloudevents", "sdk-java/json-jackson*", "spec/*example*")
    documents = [json.loads(path.read_text()) for path in paths]
    status, _, body = doors.post("/v1/events", json.dumps(documents).encode(), BATCH)
    answer = json.loads(body)
    # other people's types are understood and refused by name, and kept whole
    assert (status, answer["accepted"], answer["rejected"]) == (422, 0, len(paths))
    assert {item["reason"] for item in answer["events"]} <= {"unknown_type", "wrong_type"}
    assert all(item["pointer"] for item in answer["events"])
    doors.drained()
    kept = doors.column("SELECT payload FROM rejected_events WHERE reason != 'undecodable'")
    assert {json.dumps(document) for document in documents} <= kept


def test_the_four_shapes_tell_the_same_event(doors: Doors) -> None:
    data = {"amount": "12.50", "currency": "EUR", "fields": {"ä": "ß"}}
    told = {shape: event(f"{shape}-{uuid.uuid4()}", data=data) for shape in
            ("single", "batch", "json", "base64", "binary")}  # fmt: skip
    one = told["base64"].copy()
    one["data_base64"] = base64.b64encode(json.dumps(one.pop("data")).encode()).decode()
    head = {f"ce_{name}": value for name, value in told["binary"].items() if name != "data"}
    head["ce_subject"] = "quote/Q%2D1"
    sent = [
        doors.post(
            "/v1/events", json.dumps(told["single"]).encode(), STRUCTURED + "; charset=utf-8"
        ),
        doors.post("/v1/events", json.dumps([told["batch"]]).encode(), BATCH),
        doors.post("/v1/events", json.dumps(told["json"]).encode(), JSON),
        doors.post("/v1/events", json.dumps(one).encode(), STRUCTURED),
        doors.post("/v1/events", json.dumps(data).encode(), JSON, **head),
    ]
    assert [status for status, _, _ in sent] == [202] * 5
    doors.drained()
    ids = [envelope["id"] for envelope in told.values()]
    rows = doors.store.query(
        "same", "SELECT DISTINCT subject, amount, currency, fields, type FROM business_events"
        " WHERE id IN {ids:Array(String)}", {"ids": ids},
    )  # fmt: skip
    (row,) = rows.rows
    assert (row.subject, row.fields) == ("quote:shared:Q-1", {"ä": "ß"})


@pytest.mark.parametrize("version", [None, "0.3", 1.0])
def test_another_version_of_cloudevents_is_refused_by_its_name(doors: Doors, version: Any) -> None:
    body = json.dumps({**event("old"), "specversion": version}).encode()
    status, _, answer = doors.post("/v1/events?dry_run=1", body, STRUCTURED)
    assert (status, json.loads(answer)["events"][0]["pointer"]) == (422, "/specversion")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param({"raw": {"a": "\ud800"}}, "invalid_text", id="lone surrogate"),
        pytest.param({"fields": {"\ud800": "x"}}, "invalid_text", id="lone surrogate as a name"),
        pytest.param({"raw": 2**80}, "", id="a number over 64 bits"),
        pytest.param({"raw": json.loads("[" * 300 + "]" * 300)}, "nested_too_deep", id="300 deep"),
        pytest.param({"raw": json.loads("[" * 900 + "]" * 900)}, "nested_too_deep", id="900 deep"),
        pytest.param({"raw": "\0"}, "", id="a zero character"),
        pytest.param({"fields": {"a": 1e300, "b": None, "c": [True]}}, "", id="numbers and nulls"),
    ],
)
def test_odd_values_deep_inside_are_kept_or_rejected_never_an_error(
    doors: Doors, data: Any, reason: str
) -> None:
    id_ = f"odd-{uuid.uuid4()}"
    status, _, answer = doors.post(
        "/v1/events", json.dumps(event(id_, data=data)).encode(), STRUCTURED
    )
    if status == 400:  # nested deeper than the reader goes: no message at all
        assert reason == "nested_too_deep"
        return
    assert (status, json.loads(answer)["events"][0]["reason"]) == (422 if reason else 202, reason)
    doors.drained()
    table = "rejected_events" if reason else "business_events"
    sql = f"SELECT id FROM {table} WHERE id = {{id:String}}"
    assert doors.column(sql, id=id_) == {id_}


def test_naughty_strings_in_every_field_are_stored_or_rejected_and_none_is_lost(
    doors: Doors,
) -> None:
    (path,) = files("fuzz", "blns/blns.json")
    strings = json.loads(path.read_text())
    run = uuid.uuid4().hex
    batch = []
    for number, text in enumerate(strings):
        data = {
            "objects": [{"type": "order", "id": text}], "fields": {text: text}, "raw": [text],
            "segment": {"region": text}, "actor": {"id": text}, "idempotency_key": text,
        }  # fmt: skip
        source = f"urn:system:{run}"
        batch.append(event(f"{number} {text}", source=source, subject=f"quote/{text}", data=data))
        batch.append(event(f"{number}", source=source, type=text, time=text, data={"amount": text}))
    sent = {item["id"] for item in batch}
    status, _, body = doors.post("/v1/events", json.dumps(batch).encode(), BATCH)
    assert status == 207
    answered = json.loads(body)["events"]
    accepted = {item["id"] for item in answered if item["accepted"]}
    rejected = {item["id"] for item in answered if not item["accepted"]}
    assert accepted | rejected == sent
    doors.post("/v1/events", json.dumps(batch).encode(), BATCH)  # again: the same facts
    doors.drained()
    of_this_run = f"source LIKE '%{run}'"
    stored = doors.column(f"SELECT id FROM business_events WHERE {of_this_run}")
    kept = doors.column(f"SELECT id FROM rejected_events WHERE {of_this_run}")
    assert (stored, kept) == (accepted, rejected)
    told = f"SELECT uniqExact(content_hash) FROM business_events WHERE {of_this_run} GROUP BY id"
    assert doors.column(told) == {"1"}
    wanted = {text for number, text in enumerate(strings) if f"{number} {text}" in accepted}
    regions = f"SELECT region FROM business_events WHERE {of_this_run} AND subject != ''"
    assert doors.column(regions) == wanted
