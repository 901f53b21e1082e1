"""KPIs: every number there is, beside the period before, each with its formula one click away."""

from typing import Any

from dash import html

from dashboards.components import table
from dashboards.data import given
from dashboards.figures import change_of, change_text, coverage_text, is_worse, value_text
from dashboards.overview import Look, look_of
from dashboards.overview.tiles import picture
from dashboards.pages import Page, PageBody
from dashboards.view import View
from process_model.comparison import Compared
from process_model.kpi import load_all
from process_model.store import Handle

_HEADS = ("KPI", "Value", "Against before", "Run", "Missed their limit", "Of", "Complete")


def _render(reader: Handle, view: View) -> PageBody:
    look = look_of(reader, view, given())
    found = look.compared(tuple(load_all()))
    heading = html.Header(
        [html.H1("KPIs"), html.Span(look.period, className="mute small num")], className="title"
    )
    rows = [_row(look, one) for one in found.values()]
    note = html.P("Each counts the cases of this selection; its page says how.", className="mute")
    return PageBody("KPIs", [heading, note, html.Section(table(_HEADS, rows, "KPIs"),
                                                         className="card kpis")])  # fmt: skip


def _row(look: Look, one: Compared) -> list[Any]:
    entry, row = one.kpi, one.now
    name: list[Any] = [html.A(str(entry.title), href=look.view.to(f"/kpi/{entry.name}"))]
    if entry.number:
        name.append(html.Span(f" {entry.number}", className="mute small"))
    missed = "" if row.breached is None or not row.n else f"{row.breached:,}"
    grey = "" if row.coverage.sufficient else " grey"
    return [
        html.Span(name),
        html.Strong(value_text(entry, row), className=f"num{grey}"),
        _moved(one),
        html.Span(picture(one), className="run"),
        html.Span(missed, className="num"),
        html.Span(f"{row.n:,}", className="num"),
        html.Span(coverage_text(row), title=str(row.coverage.reason)),
    ]


def _moved(one: Compared) -> Any:
    change = change_of(one)
    if change is None:
        return html.Span("nothing to compare", className="mute")
    if not change:
        return html.Span("about the same", className="mute")
    return html.Span(change_text(one, change), className="bad" if is_worse(one) else "ok")


PAGE = Page("/kpis", "KPIs", _render, icon="chart-bar", order=2, key="k")
