"""The API over a world told by hand: every route, its shape as OpenAPI has it, its refusals."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from alerts.config import AlertsConfig
from alerts.evaluation import Watch
from dashboards.api import create_blueprint
from dashboards.api.openapi import document
from dashboards.api.routes import ROUTES
from process_model.mining.miner import Miner
from process_model.state import State, open_state
from process_model.store import Store
from tests.process_model.worlds import CONFIG, GOLDEN, golden_world, live

NOW = "as_of=2026-03-20T12:00:00Z"
SAMPLES = {
    "/kpis/{kpi}": ["/kpis/K10", "/kpis/exception_backlog?by=age", "/kpis/K40?bucket=week"],
    "/instances/{id}": ["/instances/quote:shared:Q-3"],
    "/resolve/{any_id}": ["/resolve/SO-3", "/resolve/quote:shared:Q-3"],
    "/stages": ["/stages", "/stages?by=region", "/stages?region=EMEA&region=AMER"],
    "/instances": ["/instances", "/instances?q=SO-3&sort=amount&order=asc&past_due=true"],
    "/process-map": ["/process-map", "/process-map?only=quote.accepted&all_events=true"],
    "/variants": ["/variants", "/variants?exclude=quote.accepted", "/variants?limit=1"],
    "/conformance": ["/conformance", "/conformance?region=EMEA"],
    "/promises": ["/promises", "/promises?state=broken&stage=order"],
}


@pytest.fixture(scope="module")
def client(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    miner = Miner()
    with (
        golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store,
        open_state(tmp_path_factory.mktemp("alerts") / "state.db") as state,
    ):
        reject(store)
        watched(store, state)
        yield client_of(store, miner, state)
        miner.close()


def watched(store: Store, state: State) -> None:
    """Look at the rule of promises a day before the samples are asked for: it fires."""
    at = datetime(2026, 3, 19, 12, tzinfo=UTC)
    patient = {f"urn:system:{one}": timedelta(days=99) for one in ("cpq", "sap", "billing", "bank")}
    model = CONFIG.model_copy(update={"silence_limits": patient})
    watch = Watch(store.reader(), state, AlertsConfig(), model, base_url="http://t.example",
                  clock=lambda: at)  # fmt: skip
    watch.look("broken_promise")


def client_of(
    store: Store, miner: Miner | None = None, state: State | None = None
) -> FlaskClient:  # fmt: skip
    app = Flask("api")
    app.register_blueprint(create_blueprint(store.reader(), CONFIG, miner=miner, state=state))
    return app.test_client()


def reject(store: Store) -> None:
    columns = ("dataset", "source", "id", "type", "door", "pointer", "reason", "detail", "payload",
               "received_at")  # fmt: skip
    nine = datetime(2026, 3, 20, 9, tzinfo=UTC)
    rows = [("live", "urn:system:x", f"r-{n}", "q2c.x.v1", "events_http", "/time", "not_a_time",
             "why", "{}", nine + timedelta(minutes=n // 2)) for n in range(5)]  # fmt: skip
    store.insert("rejected_events", columns, rows, token="rejected")


def get(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}{'&' if '?' in path else '?'}{NOW}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def get_plain(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def mistakes(
    value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = ""
) -> list[str]:
    """Where a value is not as its schema says; knows the words of JSON Schema that we write."""
    if "$ref" in schema:
        return mistakes(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, at)
    if "anyOf" in schema:
        told = [mistakes(value, one, schemas, at) for one in schema["anyOf"]]
        return [] if [] in told else [f"{at}: none of {len(told)} fits {value!r}"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
             "number": (int, float), "null": type(None)}  # fmt: skip
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (kind != "boolean" and value is True)):
        return [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if kind == "array":
        items = enumerate(value)
        return [m for n, one in items for m in mistakes(one, schema["items"], schemas, f"{at}/{n}")]
    if kind != "object":
        return []
    members, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{at}: lacks {name}" for name in schema.get("required", ()) if name not in value]
    for name, one in value.items():
        if name not in members and rest is False:
            found.append(f"{at}: {name} is not described")
        elif name in members or isinstance(rest, dict):
            found += mistakes(one, members.get(name, rest), schemas, f"{at}/{name}")
    return found


def test_every_route_answers_as_openapi_says(client: FlaskClient) -> None:
    told, alert = document(), get_plain(client, "/alerts")["data"][0]["id"]
    samples = SAMPLES | {"/alerts/{id}": [f"/alerts/{alert}"]}
    for route in ROUTES:
        schema = told["paths"][f"/api/v1{route.path}"]["get"]["responses"]["200"]
        schema = schema["content"]["application/json"]["schema"]
        has_as_of = any(parameter.name == "as_of" for parameter in route.parameters)
        for path in samples.get(route.path, [route.path]):
            body = get(client, path) if has_as_of else client.get(f"/api/v1{path}").get_json()
            assert mistakes(body, schema, told["components"]["schemas"]) == [], path
            assert body["data"] or route.path == "/findings", (
                f"{path}: an empty sample proves nothing"
            )


def test_openapi_names_exactly_the_routes_that_are_served(client: FlaskClient) -> None:
    served = {
        rule.rule.replace("<path:", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    told = client.get("/api/v1/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    assert served - {"/api/v1/openapi.json"} == set(told["paths"])
    ids = [one["get"]["operationId"] for one in told["paths"].values()]
    assert len(ids) == len(set(ids))
    references = json.dumps(told).split('"$ref": "#/components/schemas/')[1:]
    assert {text.partition('"')[0] for text in references} <= set(told["components"]["schemas"])


def test_the_validator_of_this_test_finds_mistakes() -> None:
    schemas = {"A": {"type": "object", "properties": {"n": {"type": "integer"}},
                     "required": ["n"], "additionalProperties": False}}  # fmt: skip
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/A"}}
    assert mistakes([{"n": 1}], schema, schemas) == []
    for wrong in ([{"n": "1"}], [{"n": True}], [{}], [{"n": 1, "m": 2}], {}):
        assert mistakes(wrong, schema, schemas)


def test_the_numbers_are_those_of_the_model(client: FlaskClient) -> None:
    stages = {row["stage"]: row for row in get(client, "/stages")["data"]}
    order = stages["order"]
    assert order["backlog"]["cases"] == order["backlog"]["objects"] == 2
    assert order["backlog"]["money_by_currency"] == [
        {"amount": "700", "currency": "EUR"}, {"amount": "600", "currency": "USD"},
    ]  # fmt: skip
    assert order["latency"] == {
        "n": 6, "kept": 4, "breached": 2,
        "p50": 10800.0, "p90": pytest.approx(18720), "p95": pytest.approx(20160),
    }  # fmt: skip
    body = get(client, "/kpis/acceptance_to_order")
    assert (body["data"][0]["value"], body["data"][0]["n"]) == (10800.0, 6)
    assert body["kpi"]["number"] == "K10"
    assert body["period"] == {"since": None, "until": None}
    assert body["as_of"] == "2026-03-20T12:00:00Z"


def test_coverage_is_never_left_out(client: FlaskClient) -> None:
    for path in ("/stages", "/kpis/K10", "/instances", "/instances/quote:shared:Q-3", "/datasets"):
        answer = client.get(f"/api/v1{path}").get_json()["coverage"]
        assert answer["value"] is None
        assert answer["reason"]


WRONG = [
    ("/stages?since=yesterday", "since: not a time"),
    ("/stages?until=2026-03-02T09:00:00", "until: a time without zone"),
    ("/stages?since=now&until=now-1d", "until: the period ends"),
    ("/stages?by=stage", "by: one of region"),
    ("/stages?bucket=day", "bucket: this route has no such parameter"),
    ("/stages?by=region&by=region", "by: given 2 times"),
    ("/kpis/K10?bucket=minute", "bucket: one of hour"),
    ("/kpis/K10?by=age", "has no age"),
    ("/kpis/K12?bucket=hour&since=2020-01-01T00:00:00Z", "bucket: the period has more"),
    ("/instances?limit=0", "limit: a number from 1"),
    ("/instances?limit=x", "limit: not a number"),
    ("/instances?cursor=!!", "cursor: not the next"),
    ("/instances?cursor=WzFd", "cursor: it belongs"),
    ("/promises?cursor=WzFd", "cursor: it belongs"),
    ("/instances?past_due=1", "past_due: true or false"),
    ("/instances?stage=shipping", "stage: one of"),
    ("/instances?sort=colour", "sort: one of"),
    ("/datasets?dataset=live", "dataset: this route"),
]


def test_a_wrong_parameter_is_named(client: FlaskClient) -> None:
    for path, named in WRONG:
        answer = client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), path
        assert named in answer.get_json()["detail"]


def test_what_is_not_there_is_404(client: FlaskClient) -> None:
    for path in ("/stages?dataset=none", "/kpis/K99", "/instances/quote:shared:none",
                 "/resolve/none", "/nothing"):  # fmt: skip
        assert client.get(f"/api/v1{path}").status_code == 404, path


LISTS = (
    "/instances?sort=number&order=asc", "/instances?sort=amount",
    "/instances?sort=stage_due&order=asc", "/instances", "/promises", "/exceptions", "/rejected",
)  # fmt: skip


def test_pages_join_to_the_whole_without_gap_or_repetition(client: FlaskClient) -> None:
    for path in LISTS:
        mark = "&" if "?" in path else "?"
        whole = [json.dumps(row) for row in get(client, path)["data"]]
        pages, cursor = [], ""
        while cursor is not None:
            body = get(client, f"{path}{mark}limit=2{f'&cursor={cursor}' if cursor else ''}")
            pages += [json.dumps(row) for row in body["data"]]
            cursor = body["next"]
        assert pages == whole, path
        assert len(whole) == len(set(whole)) >= 3, path


def test_a_page_does_not_move_when_new_cases_come(store: Store, state: State) -> None:
    live(store, state, (GOLDEN / "world.txt").read_text())
    client = client_of(store)
    first = get(client, "/instances?limit=4")
    live(store, state, "2026-03-20 11:30 | quote.created | quote/Q-NEW | amount=1.00,EUR\n")
    second = get(client, f"/instances?limit=100&cursor={first['next']}")
    seen = [row["number"] for row in first["data"] + second["data"]]
    assert sorted(seen) == [f"Q-{n}" for n in range(1, 10)]


def test_promises_tell_what_became_of_them(client: FlaskClient) -> None:
    rows = get(client, "/promises?stage=order")["data"]
    assert {row["number"]: row["state"] for row in rows} == {
        "Q-1": "kept", "Q-2": "kept", "Q-3": "kept", "Q-4": "broken", "Q-5": "kept",
        "Q-6": "broken", "Q-7": "due",
    }  # fmt: skip
    assert {row["number"]: row["completed_at"] for row in rows}["Q-4"] == "2026-03-03T15:00:00Z"


def test_exceptions_are_filtered(client: FlaskClient) -> None:
    found = get(client, "/exceptions?state=open")["data"]
    assert [row["id"] for row in found] == ["X-1", "X-2"]
    assert found[0]["class"] == "validation"
    assert found[0]["amount"] == {"amount": "500", "currency": "USD"}


def test_the_page_of_the_api_leads_to_its_routes(client: FlaskClient) -> None:
    text = client.get("/api/").text
    assert all(route.path in text for route in ROUTES)


def test_the_pages_of_the_variants_leave_none_out_and_double_none(client: FlaskClient) -> None:
    whole = get(client, "/variants")
    ways = [row["variant"] for row in whole["data"]]
    assert len(ways) == len(set(ways)) == whole["total"] > 3
    paged, place = [], ""
    while place is not None:
        body = get(client, f"/variants?limit=2{place and '&cursor=' + place}")
        paged += [row["variant"] for row in body["data"]]
        place = body["next"]
    assert paged == ways
    drawn = get(client, "/process-map")["data"]
    assert drawn["cases"] == whole["cases"] == sum(row["cases"] for row in whole["data"])
    assert drawn["spine"] == whole["data"][0]["activities"]


def test_cases_are_held_against_the_reference_and_make_a_model(client: FlaskClient) -> None:
    pytest.importorskip("pm4py", reason="pm4py is not installed")
    found = get(client, "/conformance")["data"]
    assert found["cases"] == get(client, "/variants")["cases"]
    assert found["fitting"] <= found["cases"]
    made = get(client, "/model?noise=0")["data"]
    assert made["variants"] == get(client, "/variants")["total"]
    assert "quote.created" in made["tree"]
    assert "<bpmn" in made["bpmn"] or "definitions" in made["bpmn"]
    for wrong in ("/model?noise=100", "/conformance?model=nobody"):
        answer = client.get(f"/api/v1{wrong}")
        assert answer.status_code in (400, 422), wrong
        assert answer.content_type == "application/problem+json"


def test_a_case_tells_how_it_left_the_reference(store: Store, state: State) -> None:
    live(
        store,
        state,
        """
2026-03-03 10:00 | quote.created  | quote/Q-1    | amount=100.00,EUR
2026-03-03 11:00 | order.created  | order/SO-1   | from=quote/Q-1 amount=100.00,EUR
2026-03-03 12:00 | quote.accepted | quote/Q-1    |
2026-03-05 12:00 | invoice.posted | invoice/INV-1 | from=order/SO-1 amount=100.00,EUR
""",
    )
    told = get(client_of(store), "/instances/quote:shared:Q-1")["data"]["deviations"]
    assert told[:2] == [
        "Order created before quote accepted",
        "Invoice posted without fulfilment completed",
    ]


def test_alerts_are_listed_page_by_page_and_shown_whole(client: FlaskClient) -> None:
    rows = get_plain(client, "/alerts?phase=firing&rule=broken_promise")["data"]
    first = get_plain(client, "/alerts?limit=1")
    rest = get_plain(client, f"/alerts?limit=1&cursor={first['next']}")
    assert first["data"] + rest["data"] == rows
    assert rest["next"] is None
    row = next(one for one in rows if one["labels"] == {"stage": "order"})
    assert row["held_by"] == "route"
    assert row["now"]["examples"][0]["number"] == "Q-6"
    assert row["now"]["money"]
    assert get_plain(client, "/alerts?phase=resolved")["data"] == []
    whole = get_plain(client, f"/alerts/{row['id']}")["data"]
    assert [note["kind"] for note in whole["story"]] == ["firing", "held"]
    assert whole["then"]["title"] == row["now"]["title"]
    assert client.get("/api/v1/alerts/nothing-1").status_code == 404
    assert client.get("/api/v1/alerts?phase=angry").status_code == 400
