"""The tiles: one KPI each, with its change, its run, its error budget and its coverage."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes
from dashboards.figures import (
    change_of,
    change_text,
    coverage_text,
    is_worse,
    number_of,
    value_text,
)
from dashboards.overview import Look
from dashboards.overview.spark import sparkline
from process_model.comparison import Compared
from process_model.kpi import KpiRow

_BLUE, _ORANGE = "#2E80C5", "#D2560E"


def tiles(look: Look) -> Any:
    """Every tile, in one row that wraps."""
    return html.Ul([_tile(look, tile) for tile in look.figures.values()], className="tiles")


def _tile(look: Look, tile: Compared) -> Any:
    row = tile.now
    grey = not row.coverage.sufficient
    return html.Li(
        [
            html.A(str(tile.kpi.title), href=look.view.to(f"/kpi/{tile.kpi.name}"),
                   className="name"),
            html.Strong(value_text(tile.kpi, row), className="value num"),
            _delta(look, tile),
            picture(tile),
            _budget(look, tile),
            _coverage(row),
        ],
        className="card tile" + (" grey" if grey else ""),
        title=str(tile.kpi.formula),
    )  # fmt: skip


def picture(tile: Compared) -> Any:
    """The run as a small line, orange where the value moved the wrong way."""
    colour = _ORANGE if is_worse(tile) else _BLUE
    source = sparkline([number_of(tile.kpi, one) for one in tile.run], colour)
    if not source:
        return html.Span("", className="spark")
    return html.Img(src=source, alt="", className="spark")


def _delta(look: Look, tile: Compared) -> Any:
    change = change_of(tile)
    if not look.bounded:
        return html.Span("all time", className="delta mute")
    span = words.duration(look.length.total_seconds())
    if change is None:
        return html.Span(f"nothing to compare in the {span} before", className="delta mute")
    if not change:
        return html.Span(f"about as in the {span} before", className="delta mute")
    size = html.Span(change_text(tile, change), className="bad" if is_worse(tile) else "ok")
    return html.Span([size, html.Span(f" than the {span} before", className="mute")],
                     className="delta num")  # fmt: skip


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
    text = coverage_text(row)
    return html.Small(
        text, className="coverage", title=str(row.coverage.reason),
        **attributes(aria_label=f"{text}: {row.coverage.reason}"),
    )  # fmt: skip
