"""Money in whole minor units: parts make the whole, and the text says the same as the number."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from process_model.money import read_rates
from process_model.simulation.estate import REGIONS, stream
from process_model.simulation.pricing import (
    Line,
    draw_lines,
    mispriced,
    money,
    rates_file,
    split,
    total,
    wire_lines,
)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(18_420_005, "EUR", "184200.05"), (7, "USD", "0.07"), (-5, "EUR", "-0.05"),
     (1234, "JPY", "1234")],
)  # fmt: skip
def test_money_is_written_with_the_decimals_of_its_currency(
    minor: int, currency: str, text: str
) -> None:
    assert money(minor, currency) == text


def test_tax_is_rounded_half_up_line_by_line() -> None:
    assert Line("10", "P", 1, 250, 0, 10).tax == 25
    assert Line("10", "P", 1, 255, 0, 10).tax == 26
    assert Line("10", "P", 3, 10, 4, 19).total == 26 + 5


@pytest.mark.parametrize("region", list(REGIONS.values()), ids=lambda region: region.name)
@pytest.mark.parametrize("family", ["Pumps", "Valves", "Seals", "Service plans"])
def test_split_lines_cost_what_the_whole_costs(region: object, family: str) -> None:
    divided = 0
    for number in range(60):
        lines = draw_lines(stream(number), REGIONS[region.name], family)  # type: ignore[attr-defined]
        first, rest = split(lines)
        assert total(first) + total(rest) == total(lines)
        divided += bool(rest)
    assert divided > 20


def test_a_mispriced_document_costs_more_on_one_line_only() -> None:
    lines = draw_lines(stream("x"), REGIONS["EMEA"], "Pumps")
    wrong = mispriced(lines, 5)
    assert sum(one != two for one, two in zip(lines, wrong, strict=True)) == 1
    assert total(wrong) > total(lines)


def test_wire_lines_name_the_lines_they_come_from_and_add_up() -> None:
    lines = draw_lines(stream("y"), REGIONS["AMER"], "Valves")
    told = wire_lines(lines, "USD", ("order", "4711"))
    assert [one["from"] for one in told] == [
        {"type": "order_line", "id": f"4711/{line.id}"} for line in lines
    ]
    worth = sum(
        Decimal(str(one["quantity"])) * Decimal(str(one["unit_price"]))
        - Decimal(str(one["discount"])) + Decimal(str(one["tax"])) for one in told
    )  # fmt: skip
    assert worth == Decimal(money(total(lines), "USD"))


def test_the_world_s_rates_are_a_file_that_the_rates_command_takes(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(rates_file(date(2026, 1, 1)))
    rates = {rate.currency: rate.rate for rate in read_rates(path)}
    # 1.10 dollars and 160 yen are a euro
    assert rates == {"USD": Decimal("0.909090909"), "JPY": Decimal("0.006250000")}
