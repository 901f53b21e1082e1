"""A KPI's figures in words: its value, how it moved, how complete it is; pure."""

from dashboards import words
from process_model.comparison import Compared
from process_model.kpi import Kpi, KpiRow

_TIMES = ("seconds",)
_STEADY, _STEADY_POINTS = 0.01, 0.0005
"""A change of less than this share of a value, or of so little of a share, is none to look at."""


def value_text(entry: Kpi, row: KpiRow) -> str:
    """The value in its unit; too few to tell say so with their number."""
    if entry.unit == "money":
        return money_text(row)
    if row.value is None:
        return "–" if not row.n else words.counted(row.n, "case")
    if entry.unit in _TIMES:
        return words.duration(row.value)
    if entry.unit == "share":
        return f"{row.value:.1%}".replace("%", " %")
    return f"{row.value:,.0f}"


def money_text(row: KpiRow) -> str:
    """One sum, or one a currency when they cannot be added."""
    if row.amount is not None:
        return words.short_money(row.amount, row.currency)
    if row.amounts:
        return " + ".join(words.short_money(sum_, code) for code, sum_ in row.amounts.items())
    return "0" if not row.n else "no amount known"


def number_of(entry: Kpi, row: KpiRow) -> float | None:
    """What is compared and drawn; sums that cannot be added are compared by their cases."""
    if entry.unit == "money" and row.amounts:
        return float(row.n)
    return row.value


def change_of(tile: Compared) -> float | None:
    """How far the value moved against the period before; 0 where it is about the same.

    ``None`` without a value in either period.
    """
    if tile.before is None:
        return None
    now, before = number_of(tile.kpi, tile.now), number_of(tile.kpi, tile.before)
    if now is None or before is None:
        return None
    change = now - before
    largest = max(abs(now), abs(before))
    least = _STEADY_POINTS if tile.kpi.unit == "share" else _STEADY * largest
    return 0.0 if abs(change) < least else change


def is_worse(tile: Compared) -> bool:
    """Whether the value moved the wrong way."""
    change = change_of(tile) or 0.0
    return change > 0 if tile.kpi.better == "lower" else change < 0


def change_text(tile: Compared, change: float) -> str:
    """How far it moved, with its sign: ``▲ 5 min slower``."""
    sign = "▲" if change > 0 else "▼"
    return f"{sign} {_size(tile, change)}"


def _size(tile: Compared, change: float) -> str:
    size, more = abs(change), change > 0
    if tile.kpi.unit in _TIMES:
        return f"{words.duration(size)} {'slower' if more else 'faster'}"
    if tile.kpi.unit == "share":
        return f"{size * 100:.1f} points {'more' if more else 'less'}"
    if tile.kpi.unit == "money" and not tile.now.amounts:
        return f"{words.short_money(size, tile.now.currency)} {'more' if more else 'less'}"
    return f"{size:,.0f} {'more' if more else 'fewer'}"


def coverage_text(row: KpiRow) -> str:
    """``⚠ 80 % covered``; what was not measured says so."""
    found = row.coverage
    text = (
        "coverage unmeasured"
        if found.value is None
        else f"{found.value:.0%} covered".replace("%", " %")
    )
    return text if found.sufficient else f"⚠ {text}"
