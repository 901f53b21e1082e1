"""The Overview's own reckoning: partitions that add up, pictures that tell no more than known."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest

from dashboards.overview import charts, stops
from dashboards.overview.spark import HEIGHT, sparkline
from dashboards.overview.tiles import change_of
from process_model.comparison import Compared
from process_model.coverage import Coverage
from process_model.flow import SIZES, Duration, Standing, Waiting, steps
from process_model.kpi import load_all, nothing
from process_model.money import Total

EUR = "EUR"


def stand(stage: str, status: str, cases: int, euros: int, *, late: bool = False) -> Standing:
    return Standing(stage, status, late, cases, cases, Total(Decimal(euros), EUR, {}))


PLACES = [
    stand("quote", "open", 2, 20),
    stand("acceptance", "open", 5, 50),
    stand("acceptance", "open", 1, 10, late=True),
    stand("acceptance", "withdrawn", 2, 20),
    stand("order", "open", 3, 30, late=True),
    stand("", "completed", 7, 70),
]


def test_the_value_that_flows_on_is_what_came_less_what_stays() -> None:
    flows, leaves, counted = stops.flows_of(PLACES)
    assert not counted
    came: dict[str, float] = {}
    went: dict[str, float] = {}
    for begin, end, size, _ in flows:
        went[begin] = went.get(begin, 0) + size
        came[end] = came.get(end, 0) + size
    assert went["Quote"] == sum(float(one.worth.amount or 0) for one in PLACES)
    for name in went.keys() & came.keys():
        assert went[name] == came[name], name
    assert came["Cash"] == 70
    assert {leaves["Order: late"], leaves["Acceptance: given up"]} == {"late", "gone"}


def test_currencies_without_a_common_rate_are_counted_in_cases_not_added() -> None:
    dollars = Standing("order", "open", False, 4, 4, Total(Decimal(900), "USD", {}))
    flows, _, counted = stops.flows_of([*PLACES, dollars])
    assert counted
    sizes = {(begin, end): size for begin, end, size, _ in flows}
    assert sizes["Order", "Order: waiting"] == 4
    assert stops.worth_text(one.worth for one in [*PLACES, dollars]) == "200 EUR + 900 USD"


def test_the_steps_of_nothing_are_nought_and_keep_no_share() -> None:
    assert [(step.passed, step.kept) for step in steps([])] == [(0, None)] * 7
    assert stops.flows_of([]) == ([], {}, False)


def test_a_sparkline_draws_the_lowest_at_the_bottom_and_leaves_gaps() -> None:
    picture = unquote(sparkline([1.0, 3.0, None, 2.0, 2.0], "#0B6BB5"))
    assert picture.count("<polyline") == 2
    assert f",{HEIGHT - 3:.1f}" in picture
    assert sparkline([None, 4.0], "#0B6BB5") == ""
    assert sparkline([], "#0B6BB5") == ""


@pytest.mark.parametrize(
    ("seconds", "size"), [(0.0, 0), (SIZES[0], 0), (SIZES[0] * 1.01, 1), (1e9, len(SIZES))]
)
def test_the_lines_of_the_heatmap_stand_where_its_boxes_are(seconds: float, size: int) -> None:
    height = charts._height(seconds)
    assert size - 0.5 <= height <= size + 0.5


def test_the_latency_figure_holds_every_wait() -> None:
    day = datetime(2026, 3, 3, tzinfo=UTC)
    figure = charts.latency([Duration(day, 2, 5), Duration(day, 4, 1)], [])
    heat = figure.data[0]
    assert sum(count for row in heat.z for count in row if count) == 6
    assert len(heat.z) == 3  # the empty size between the two is shown as empty


def test_the_backlog_shows_late_and_not_yet_late_apart() -> None:
    figure = charts.backlog([Waiting("order", 0, 5, 2), Waiting("invoice", 6, 1, 0)])
    shown = {bar.name: sum(bar.y) for bar in figure.data}
    assert shown == {"Order": 3, "Order, late": 2, "Invoice": 1}


@pytest.mark.parametrize(
    ("name", "now", "before", "change"),
    [
        ("acceptance_to_order", 120.336, 120.0, 0.0),
        ("acceptance_to_order", 122.0, 120.0, 2.0),
        ("acceptance_to_order", 0.0, 0.0, 0.0),
        ("acceptance_to_order", 1.0, 0.0, 1.0),
        ("acceptance_to_order", None, 1.0, None),
        ("acceptance_to_order", 1.0, None, None),
        # of a share what is missing counts, however near to the whole it is
        ("sync_success", 0.992, 0.999, -0.007),
        ("sync_success", 0.9991, 0.9994, 0.0),
    ],
)
def test_what_hardly_moved_is_no_change(
    name: str, now: float | None, before: float | None, change: float | None
) -> None:
    entry = load_all()[name]
    row = nothing(entry, Coverage(1.0, 0.95, "", ""))
    tile = Compared(entry, replace(row, value=now), replace(row, value=before), [])
    assert change_of(tile) == pytest.approx(change)
    assert change_of(replace(tile, before=None)) is None
