import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from dashboards.app import create_app
from dashboards.config import DashboardsConfig
from process_model.config import ModelConfig
from process_model.simulation import story
from process_model.state import State
from process_model.store import Store
from tests.process_model.test_instances import accepted, put, walk_all

NOW = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"]


@pytest.fixture
def client(store: Store, state: State, model_config: ModelConfig) -> Iterator[FlaskClient]:
    attacks = [
        {
            "specversion": "1.0", "id": f"a-{place}", "source": "urn:system:cpq:emea",
            "type": "q2c.quote.created.v1", "subject": f"quote/{text}",
            "time": (NOW - timedelta(hours=1)).isoformat(),
            "data": {"segment": {"region": text}, "amount": "-5.00", "currency": "EUR"},
        }
        for place, text in enumerate(FORMULAS)
    ]  # fmt: skip
    put(store, accepted([*story.forty_orders(NOW), *attacks]))
    walk_all(store, state, model_config)
    with store.reader() as reader:
        yield create_app(reader, DashboardsConfig(), list).server.test_client()


def rows_of(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/cases.csv{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_file_holds_every_case_of_the_selection_once(client: FlaskClient) -> None:
    every = rows_of(client)
    assert len({row["instance_id"] for row in every}) == len(every) == 44
    open_ones = rows_of(client, "?status=open&region=EMEA")
    wanted = [row for row in every if (row["status"], row["region"]) == ("open", "EMEA")]
    assert open_ones == wanted
    numbers = client.get("/cases.txt?status=open&region=EMEA").text.split()
    assert numbers == [row["number"] for row in wanted]


def test_no_cell_is_a_formula_and_numbers_stay_numbers(client: FlaskClient) -> None:
    attacks = [row for row in rows_of(client) if row["region"].startswith("'")]
    assert sorted(row["number"] for row in attacks) == sorted(f"'{text}" for text in FORMULAS)
    assert {row["amount"] for row in attacks} == {"-5"}


def test_a_bad_selection_is_refused_and_not_exported(client: FlaskClient) -> None:
    assert client.get("/cases.csv?sort=weight").status_code == 400
    assert client.get("/cases.txt?since=yesterday").status_code == 400
