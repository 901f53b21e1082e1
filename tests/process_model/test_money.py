"""Money: files of rates are checked, stored here or by whoever holds the store, and dated."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from process_model import money
from process_model.config import ModelConfig
from process_model.errands import RATES, answer_errands, run_errand
from process_model.errors import ConfigError
from process_model.state import State
from process_model.store import Store
from tests.harness import Program
from tests.test_front_door import call

HEAD = "currency,reporting_currency,valid_from,rate\n"
GOOD = HEAD + "USD,EUR,2026-03-01,0.9213\nJPY,EUR,2026-03-01,0.0061\n"


def test_a_file_of_rates_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(GOOD)
    assert money.read_rates(path) == [
        money.Rate("USD", "EUR", date(2026, 3, 1), Decimal("0.9213")),
        money.Rate("JPY", "EUR", date(2026, 3, 1), Decimal("0.0061")),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line must be"),
        ("a,b\n", "first line must be"),
        (HEAD, "no rate in it"),
        (HEAD + "USD,EUR,2026-03-01\n", "line 2: write"),
        (HEAD + "USD,EUR,2026-03-01,1,2\n", "line 2: write"),
        (HEAD + "usd,EUR,2026-03-01,1\n", "'usd' is no ISO 4217"),
        (HEAD + "EUR,EUR,2026-03-01,1\n", "always 1"),
        (HEAD + "USD,EUR,1.3.2026,1\n", "valid_from is a date"),
        (HEAD + "USD,EUR,1812-03-01,1\n", "between 1970 and 2148"),
        (HEAD + 'USD,EUR,2026-03-01,"0,92"\n', "'0,92' is no number"),
        (HEAD + "USD,EUR,2026-03-01,0\n", "more than 0"),
        (HEAD + "USD,EUR,2026-03-01,NaN\n", "more than 0"),
        (GOOD + "USD,EUR,2026-03-01,0.93\n", "two rates of USD from 2026-03-01"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        money.read_rates(path)


def test_a_later_rate_of_the_same_day_replaces_the_older(
    store: Store, state: State, tmp_path: Path
) -> None:
    for rate in ("0.92", "0.93"):
        payload = money.payload_of([money.Rate("USD", "EUR", date(2026, 3, 1), Decimal(rate))])
        assert run_errand(store, state, ModelConfig(), RATES, payload) == "1 rates stored"
    assert [row.rate for row in store.query("r", "SELECT rate FROM rates FINAL")] == [
        Decimal("0.93")
    ]


def test_rates_asked_for_by_another_process_are_stored(store: Store, state: State) -> None:
    state.request(RATES, money.payload_of([
        money.Rate("USD", "EUR", date(2026, 3, 1), Decimal("0.9"))
    ]))  # fmt: skip
    assert answer_errands(store, state, ModelConfig()) == 1
    (answered,) = state.requests(RATES, "done")
    assert answered.answer == "1 rates stored"
    assert store.query("n", "SELECT count() AS n FROM rates").one().n == 1


def test_the_command_works_beside_the_program_that_runs(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(GOOD)
    with Program(tmp_path) as program:
        done = call(program.environment, "rates", str(path))
        assert (done.returncode, done.stdout.strip()) == (0, "2 rates stored"), done.stderr
        path.write_text(HEAD)
        refused = call(program.environment, "rates", str(path))
        assert (refused.returncode, "no rate in it" in refused.stderr) == (1, True)
        assert program.stop()[0] == 0
        assert program.ask_stopped("SELECT currency FROM rates ORDER BY 1") == [["JPY"], ["USD"]]
