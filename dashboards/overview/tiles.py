"""The tiles: one KPI each, with its change, its run, its error budget and its coverage."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes
from dashboards.overview import Look
from dashboards.overview.spark import sparkline
from process_model.comparison import Compared
from process_model.kpi import Kpi, KpiRow

_BLUE, _ORANGE = "#2E80C5", "#D2560E"
_TIMES = ("seconds",)
_STEADY, _STEADY_POINTS = 0.01, 0.0005
"""A change of less than this share of a value, or of so little of a share, is none to look at."""


def tiles(look: Look) -> Any:
    """Every tile, in one row that wraps."""
    return html.Ul([_tile(look, tile) for tile in look.figures.values()], className="tiles")


def _tile(look: Look, tile: Compared) -> Any:
    row = tile.now
    grey = not row.coverage.sufficient
    worse = change_of(tile) is not None and _is_worse(tile)
    picture = sparkline([_number(tile.kpi, one) for one in tile.run], _ORANGE if worse else _BLUE)
    return html.Li(
        [
            html.Span(str(tile.kpi.title), className="name"),
            html.Strong(value_text(tile.kpi, row), className="value num"),
            _delta(look, tile),
            _picture(picture),
            _budget(look, tile),
            _coverage(row),
        ],
        className="card tile" + (" grey" if grey else ""),
        title=str(tile.kpi.formula),
    )  # fmt: skip


def _picture(source: str) -> Any:
    if not source:
        return html.Span("", className="spark")
    return html.Img(src=source, alt="", className="spark")


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


def _number(entry: Kpi, row: KpiRow) -> float | None:
    """What a tile compares and draws; sums that cannot be added are compared by their cases."""
    if entry.unit == "money" and row.amounts:
        return float(row.n)
    return row.value


def change_of(tile: Compared) -> float | None:
    """How far the value moved against the period before; 0 where it is about the same.

    ``None`` without a value in either period.
    """
    if tile.before is None:
        return None
    now, before = _number(tile.kpi, tile.now), _number(tile.kpi, tile.before)
    if now is None or before is None:
        return None
    change = now - before
    largest = max(abs(now), abs(before))
    least = _STEADY_POINTS if tile.kpi.unit == "share" else _STEADY * largest
    return 0.0 if abs(change) < least else change


def _is_worse(tile: Compared) -> bool:
    change = change_of(tile) or 0.0
    return change > 0 if tile.kpi.better == "lower" else change < 0


def _delta(look: Look, tile: Compared) -> Any:
    change = change_of(tile)
    if not look.bounded:
        return html.Span("all time", className="delta mute")
    span = words.duration(look.length.total_seconds())
    if change is None:
        return html.Span(f"nothing to compare in the {span} before", className="delta mute")
    if not change:
        return html.Span(f"about as in the {span} before", className="delta mute")
    sign = "▲" if change > 0 else "▼"
    kind = "bad" if _is_worse(tile) else "ok"
    size = html.Span(f"{sign} {_size(tile, change)}", className=kind)
    return html.Span([size, html.Span(f" than the {span} before", className="mute")],
                     className="delta num")  # fmt: skip


def _size(tile: Compared, change: float) -> str:
    size, more = abs(change), change > 0
    if tile.kpi.unit in _TIMES:
        return f"{words.duration(size)} {'slower' if more else 'faster'}"
    if tile.kpi.unit == "share":
        return f"{size * 100:.1f} points {'more' if more else 'less'}"
    if tile.kpi.unit == "money" and not tile.now.amounts:
        return f"{words.short_money(size, tile.now.currency)} {'more' if more else 'less'}"
    return f"{size:,.0f} {'more' if more else 'fewer'}"


def _budget(look: Look, tile: Compared) -> Any:
    """How much of the misses that the objective allows is used up."""
    row, entry = tile.now, tile.kpi
    if entry.cohort == "now" or row.breached is None or row.n < max(entry.minimum, 1):
        return html.Span("", className="budget")
    allowed = 1 - look.model.objectives.get(entry.name, look.model.objective)
    used = row.breached / row.n / allowed if allowed else float(row.breached > 0)
    text = f"{used:.0%} of error budget".replace("%", " %", 1)
    kind = "over" if used > 1 else "most" if used > 0.75 else ""
    return html.Span(
        [
            html.Span(html.Span(style={"width": f"{min(used, 1):.1%}"}), className=f"gauge {kind}"),
            html.Small(text, className="num"),
        ],
        className="budget",
        title=f"{row.breached:,} of {row.n:,} missed their limit; {allowed:.1%} may",
    )


def _coverage(row: KpiRow) -> Any:
    found = row.coverage
    text = (
        "coverage unmeasured"
        if found.value is None
        else f"{found.value:.0%} covered".replace("%", " %")
    )
    sign = "" if found.sufficient else "⚠ "
    return html.Small(
        sign + text, className="coverage", title=str(found.reason),
        **attributes(aria_label=f"{text}: {found.reason}"),
    )  # fmt: skip
