"""What the tiles say is what the API says, and both are what plain SQL counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from dashboards.overview import SHOWN
from process_model import flow, kpi
from process_model.coverage import completeness
from process_model.mining.miner import Miner
from process_model.questions import Selection
from process_model.state import open_state
from process_model.store import Store
from tests.dashboards.test_api import client_of, get
from tests.process_model.worlds import CONFIG as MODEL
from tests.process_model.worlds import golden_world

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ALL = Selection(as_of=NOW)
_CASES = """
SELECT
    count() AS cases,
    countIf(status = 'open') AS open,
    sumMapIf(map(toString(currency), toDecimal128(assumeNotNull(amount), 2)), amount IS NOT NULL)
        AS worth
FROM instances FINAL
WHERE dataset = 'live'
"""
_WAITS = """
SELECT
    countIf(done OR late) AS n,
    countIf(late OR until > due) AS breached,
    quantileExactInclusiveIf(0.5)(
        dateDiff('microsecond', since, assumeNotNull(until)) / 1e6, done) AS median
FROM
(
    SELECT
        stages.entered_at AS since,
        stages.completed_at AS until,
        stages.due_at AS due,
        isNotNull(until) AS done,
        isNull(until) AND due < {now:DateTime64(6, 'UTC')} AS late
    FROM instances FINAL
    ARRAY JOIN stages
    WHERE dataset = 'live' AND stages.name = 'order' AND stages.object LIKE 'quote:%'
        AND stages.state NOT IN ('skipped', 'withdrawn')
)
"""


@pytest.fixture(scope="module")
def world(
    engine_dsn: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, FlaskClient]]:
    miner = Miner()
    with (
        golden_world(engine_dsn, tmp_path_factory.mktemp("world")) as store,
        open_state(tmp_path_factory.mktemp("state") / "state.db") as state,
    ):
        yield store, client_of(store, miner, state)
        miner.close()


def test_every_tile_is_the_apis_row(world: tuple[Store, FlaskClient]) -> None:
    store, client = world
    known = completeness(store.reader(), ALL, MODEL)
    for name in SHOWN:
        (tile,) = kpi.compute(store.reader(), kpi.load_all()[name], ALL, MODEL, known)
        (row,) = get(client, f"/kpis/{name}")["data"]
        assert (row["n"], row["value"], row["breached"]) == (tile.n, tile.value, tile.breached)


def test_what_waits_and_what_it_is_worth_is_what_sql_counts(
    world: tuple[Store, FlaskClient],
) -> None:
    store, client = world
    counted = store.query("cases", _CASES).one()
    assert get(client, "/instances?limit=1")["total"] == counted.cases > 0
    assert get(client, "/instances?status=open&limit=1")["total"] == counted.open > 0
    places = flow.standing(store.reader(), ALL, MODEL)
    assert sum(place.instances for place in places) == counted.cases
    ages = flow.backlog_ages(store.reader(), ALL)
    assert sum(age.instances for age in ages) == counted.open
    worth: dict[str, Decimal] = {}
    for place in places:
        for currency, amount in (
            place.worth.amounts or {place.worth.currency: place.worth.amount or Decimal(0)}
        ).items():
            worth[currency] = worth.get(currency, Decimal(0)) + amount
    assert {code: sum_ for code, sum_ in worth.items() if sum_} == {
        code: sum_ for code, sum_ in counted.worth.items() if sum_
    }


def test_the_wait_for_an_order_is_what_sql_counts(world: tuple[Store, FlaskClient]) -> None:
    store, client = world
    counted = store.query("waits", _WAITS, {"now": NOW}).one()
    (row,) = get(client, "/kpis/acceptance_to_order")["data"]
    assert (row["n"], row["breached"], row["value"]) == (
        counted.n, counted.breached, pytest.approx(counted.median),
    )  # fmt: skip
    later = replace(ALL, region=("nowhere",))
    assert flow.standing(store.reader(), later, MODEL) == []
