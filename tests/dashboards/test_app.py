from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashboards.app import create_app
from dashboards.config import DashboardsConfig
from process_model.store import Store


@pytest.fixture
def client(store: Store) -> Iterator[FlaskClient]:
    with store.reader() as reader:
        yield create_app(
            reader, DashboardsConfig(), lambda: ["the spool is full"]
        ).server.test_client()


def test_an_empty_store_is_an_empty_page_of_the_envelope(client: FlaskClient) -> None:
    body = client.get("/api/v1/instances").get_json()
    assert body["data"] == []
    assert body["next"] is None
    assert body["dataset"] == "live"
    assert body["as_of"].endswith("Z")


def test_what_is_not_there_is_a_problem_that_says_so(client: FlaskClient) -> None:
    answer = client.get("/api/v1/instances/quote:shared:none")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "quote:shared:none" in answer.get_json()["detail"]
    assert client.get("/go/none").headers["Location"] == "/choose?id=none"


@pytest.mark.parametrize("query", ["since=yesterday", "since=2026-03-02T09:00:00", "limit=x"])
def test_a_filter_that_cannot_be_understood_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/instances?{query}").status_code == 400


def test_readiness_tells_why_not(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the spool is full\n")


def test_other_names_and_other_sites_are_kept_out(client: FlaskClient) -> None:
    assert client.get("/cases", headers={"Host": "evil.example"}).status_code == 421
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/_dash-update-component", headers=cross).status_code == 403
    assert "default-src 'self'" in client.get("/cases").headers["Content-Security-Policy"]


def test_only_what_places_maps_may_run_web_assembly(client: FlaskClient) -> None:
    named = "Content-Security-Policy"
    with client.get("/assets/build/layout.js") as answer:
        assert "wasm-unsafe-eval" in answer.headers[named]
    for path in ("/", "/process", "/assets/build/charts.js", "/api/v1/instances"):
        with client.get(path) as answer:
            assert "wasm" not in answer.headers[named]
    # neither it nor what draws maps is a script of every page
    page = client.get("/").get_data(as_text=True)
    assert "shell.js" in page
    assert "layout.js" not in page
    assert "/map/" not in page
