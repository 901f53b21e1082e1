"""Money: sums in the reporting currency where every rate is known, else per currency, labelled.

Never a total that leaves something out or adds what cannot be added.
"""

import csv
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from process_model.errors import ConfigError
from process_model.store import Store

COLUMNS = ("currency", "reporting_currency", "valid_from", "rate")
"""The columns of a file of rates."""

WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
     "XAF", "XOF", "XPF")
)  # fmt: skip
"""The currencies without a minor unit (ISO 4217)."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Total:
    """A sum: ``amount`` in ``currency``, or ``amounts`` per currency when a rate is missing."""

    amount: Decimal | None
    currency: str
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Rate:
    """From ``valid_from`` on, one unit of ``currency`` is ``rate`` of ``reporting_currency``."""

    currency: str
    reporting_currency: str
    valid_from: date
    rate: Decimal


def text(amount: Decimal | None, currency: str) -> str:
    """Always with its ISO code, the currency's own places, '' when there is none."""
    if amount is None:
        return ""
    whole = currency in WHOLE and amount == amount.to_integral_value()
    return f"{amount:,.{0 if whole else 2}f} {currency}".rstrip()


def total(row: Any, reporting_currency: str) -> Total:
    """The sum of a row of ``kpi_rows`` or ``stage_figures``, to the hundredth."""
    if not row.priced_items:
        return Total(None, "", {})
    if row.unconverted:
        sums = {name: amount.quantize(_CENT) for name, amount in sorted(row.amounts.items())}
        # one foreign currency alone is a true sum in itself
        if len(sums) == 1:
            ((currency, amount),) = sums.items()
            return Total(amount, currency, {})
        return Total(None, "", sums)
    return Total(row.converted_amount.quantize(_CENT), reporting_currency, {})


def total_of(rows: Iterable[Any], reporting_currency: str) -> Total:
    """The sum of several such rows."""
    return total(_Together(list(rows)), reporting_currency)


class _Together:
    """Several rows as one."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.priced_items = sum(row.priced_items for row in rows)
        self.unconverted = sum(row.unconverted for row in rows)
        self.converted_amount = sum(
            (row.converted_amount or Decimal(0) for row in rows), Decimal(0)
        )
        self.amounts: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            for currency, amount in row.amounts.items():
                self.amounts[currency] += amount


def read_rates(path: Path) -> list[Rate]:
    """The rates of a CSV file; raises ``ConfigError`` naming the line and what is wrong with it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != COLUMNS:
                raise ConfigError(f"{path}: the first line must be {','.join(COLUMNS)}")
            rates = [_rate(path, lines.line_num, line) for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    seen: set[tuple[str, str, date]] = set()
    for rate in rates:
        key = (rate.currency, rate.reporting_currency, rate.valid_from)
        if key in seen:
            raise ConfigError(f"{path}: two rates of {rate.currency} from {rate.valid_from}")
        seen.add(key)
    if not rates:
        raise ConfigError(f"{path}: there is no rate in it")
    return rates


def _rate(path: Path, number: int, line: Mapping[str, Any]) -> Rate:
    where = f"{path}, line {number}"
    if None in line or None in line.values():
        raise ConfigError(f"{where}: write {','.join(COLUMNS)}")
    currency, reporting = (line[name].strip() for name in COLUMNS[:2])
    for code in (currency, reporting):
        if not (code.isascii() and code.isalpha() and code.isupper() and len(code) == 3):
            raise ConfigError(f"{where}: {code!r} is no ISO 4217 code such as EUR")
    if currency == reporting:
        raise ConfigError(f"{where}: a rate from {currency} to itself is always 1")
    try:
        valid_from = date.fromisoformat(line["valid_from"].strip())
    except ValueError as exc:
        raise ConfigError(f"{where}: valid_from is a date such as 2026-03-01") from exc
    if not date(1970, 1, 1) <= valid_from < date(2149, 1, 1):
        raise ConfigError(f"{where}: valid_from must lie between 1970 and 2148")
    return Rate(currency, reporting, valid_from, _positive(where, line["rate"].strip()))


def _positive(where: str, text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation as exc:
        raise ConfigError(f"{where}: {text!r} is no number such as 0.9213") from exc
    if not rate.is_finite() or not Decimal("1e-12") <= rate < Decimal("1e12"):
        raise ConfigError(f"{where}: a rate is more than 0 and less than 1e12, not {text}")
    return rate


def store_rates(store: Store, rates: Sequence[Rate]) -> str:
    """Store the rates; a rate of the same day replaces the older one. Says what was done."""
    rows = [(r.currency, r.reporting_currency, r.valid_from, r.rate) for r in rates]
    store.insert("rates", COLUMNS, rows, token=f"rates-{uuid.uuid4()}")
    return f"{len(rows)} rates stored"


def payload_of(rates: Iterable[Rate]) -> dict[str, Any]:
    """The rates as an errand carries them."""
    return {"rates": [[r.currency, r.reporting_currency, str(r.valid_from), str(r.rate)]
                      for r in rates]}  # fmt: skip


def rates_of(rows: Iterable[Sequence[str]]) -> list[Rate]:
    """The rates that an errand carries."""
    return [Rate(c, r, date.fromisoformat(day), Decimal(rate)) for c, r, day, rate in rows]
