"""Findings over the API: what is told of each, and what a reader of a part is told."""

from datetime import timedelta

from flask import Flask

from dashboards.api import create_blueprint
from process_model.config import ModelConfig
from process_model.events import utc_text
from process_model.state import State
from process_model.store import Store
from tests.builders import START, paid_in_full, stored

DAY = timedelta(days=1)


def test_a_finding_tells_cases_money_and_proof_and_can_be_asked_for_by_kind_and_segment(
    store: Store, state: State
) -> None:
    lives = [paid_in_full(n, START + n * DAY / 4, customer=f"C-{n}",
                          region=("EMEA", "AMER")[n % 2]) for n in range(60)]  # fmt: skip
    for n in (4, 6):
        at = START + n * DAY / 4 + 1.05 * DAY
        lives[n].ordered(at + timedelta(minutes=9), suffix="-DUP")
    stored(store, state, lives)
    app = Flask("api")
    with store.reader() as reader:
        app.register_blueprint(create_blueprint(reader, ModelConfig()))
        ask = app.test_client()
        now = f"as_of={utc_text(START + 12 * DAY)}"
        told = ask.get(f"/api/v1/findings?{now}").get_json()
        assert [row["kind"] for row in told["data"]] == ["duplicate"], told["data"]
        (row,) = told["data"]
        assert (row["kind"], row["severity"], row["stage"]) == ("duplicate", "critical", "order")
        assert row["instances"] == ["quote:shared:Q-4", "quote:shared:Q-6"]
        assert (row["cases"], row["customers"]) == (2, 2)
        assert row["money"] == [{"amount": "2000", "currency": "EUR"}]
        assert row["title"].startswith("2 orders worth 2.0 k EUR repeat another")
        assert "SO-4-DUP repeats SO-4 for Q-4" in row["evidence"][0]["text"]
        assert row["evidence"][0]["instance"] == "quote:shared:Q-4"
        assert row["since"] == utc_text(START + DAY + 1.05 * DAY + timedelta(minutes=9))

        def ids(query: str) -> list[str]:
            answer = ask.get(f"/api/v1/findings?{now}&{query}").get_json()
            assert "data" in answer, answer
            return [one["id"] for one in answer["data"]]

        assert ids("kind=duplicate") == ids("region=EMEA") == [row["id"]]
        assert ids("kind=silent_source") == ids("region=AMER") == []
        # long before the first duplicate
        assert ids(f"until={utc_text(START - DAY)}") == []
