"""How long an accepted quote waits for its order, and what has been waiting for how long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import dcc, html

from dashboards import words
from dashboards.components import attributes, card, table
from dashboards.overview import Look
from dashboards.overview.charts import (
    AGE_LABELS,
    CONFIG,
    backlog,
    latency,
    size_label,
    stage_colour,
)
from dashboards.overview.episodes import episodes, listed, marked
from process_model import flow
from process_model.kpi import KpiRow
from process_model.vocabulary import Stage

_KPI = "acceptance_to_order"
_BUCKETS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def latency_card(look: Look) -> Any:
    """Orders by day and by how long the quote waited, with the median and p95 of each day."""
    title = "Quote accepted → order created"
    bucketed = replace(look.selection, bucket=look.bucket)
    found = flow.durations(look.reader, bucketed, Stage.ORDER, "quote")
    if not found:
        return card(title, html.P("No order was created in this period.", className="mute"))
    run = look.figures[_KPI].run
    told = episodes(look, Stage.ORDER, _KPI)
    axis = min(e.bucket for e in found), max(e.bucket for e in found)
    figure = marked(latency(found, run), told, look.view, axis, _BUCKETS[look.bucket])
    rows = [
        [words.stamp(e.bucket, look.view.zone), size_label(e.size), f"{e.waits:,}"] for e in found
    ]
    return card(
        title,
        html.P(
            [f"Orders a {look.bucket} by the time their quote waited; ",
             html.Span("median", className="key p50"), " and ",
             html.Span("p95", className="key p95"), " over them"],
            className="mute small",
        ),
        html.Div(
            dcc.Graph(figure=figure, config=CONFIG, style={"height": "280px"}),
            role="img", **attributes(aria_label=f"{title}: {_said(run)}"),
        ),
        html.Details(
            [html.Summary("As a table"), table(("Day", "Took", "Orders"), rows, title)],
            className="twin",
        ),
        *filter(None, [listed(told, look.view)]),
    )  # fmt: skip


def _said(run: Sequence[KpiRow]) -> str:
    told = [row for row in run if row.p50 is not None and row.p95 is not None]
    if not told:
        return "too few orders in any one bucket for a median"
    worst = max(told, key=lambda row: row.p95 or 0.0)
    return (
        f"the median of the last bucket is {words.duration(told[-1].p50 or 0.0)}; the highest p95 "
        f"was {words.duration(worst.p95 or 0.0)}"
    )


def backlog_card(look: Look) -> Any:
    """Cases that wait, by age and stage; full colour is past the deadline."""
    title = "Backlog by age"
    found = flow.backlog_ages(look.reader, look.selection)
    if not found:
        return card(title, html.P("Nothing waits.", className="mute"))
    late = sum(entry.late for entry in found)
    total = sum(entry.instances for entry in found)
    stages = [stage for stage in Stage if any(entry.stage == stage for entry in found)]
    legend = [
        html.A(
            [html.Span(style={"background": stage_colour(stage)}), words.sentence(stage)],
            href=look.view.to("/cases", stage=stage, status="open"),
        )
        for stage in stages
    ]
    rows = [
        [words.sentence(e.stage), AGE_LABELS[e.age], f"{e.instances:,}", f"{e.late:,}"]
        for e in found
    ]
    past = html.A(
        f"{late:,} are past their deadline",
        href=look.view.to("/cases", past_due="1"),
        className="bad" if late else "",
    )
    return card(
        title,
        html.P([f"{words.counted(total, 'case')} wait; ", past, ", in full colour"],
               className="mute small"),
        html.Div(legend, className="legend"),
        html.Div(
            dcc.Graph(figure=backlog(found), config=CONFIG, style={"height": "280px"}),
            role="img", **attributes(aria_label=f"{title}: {total:,} wait, {late:,} are late"),
        ),
        html.Details(
            [html.Summary("As a table"), table(("Stage", "Age", "Cases", "Late"), rows, title)],
            className="twin",
        ),
    )  # fmt: skip
