"""Alerts on a time axis: a thin mark from when to when, and the same as a list for every reader."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go
from dash import html

from alerts.alert import Alert, Phase
from alerts.book import load
from dashboards import words
from dashboards.overview import Look
from dashboards.view import View

_COLOUR = "#C2261D"
_READ, _MOST = 200, 12


def episodes(look: Look, stage: str, kpi: str) -> list[Alert]:
    """The alerts of a stage or a KPI that fired and held in the period, the latest twelve."""
    state = look.given.state
    if state is None:
        return []
    with state.alerts_read() as book:
        known = [load(row) for row in book.alerts(limit=_READ)]
    since = look.view.selection.since
    return [
        one
        for one in known
        if (one.labels.get("stage") == stage or one.labels.get("kpi") == kpi)
        and one.fired_at is not None
        and one.since < look.end
        and (one.resolved_at or look.end) >= since
    ][:_MOST]


def marked(
    figure: go.Figure,
    told: Sequence[Alert],
    view: View,
    axis: tuple[datetime, datetime],
    bucket: timedelta,
) -> go.Figure:
    """The figure with a mark an alert, which says more when pointed at and leads to its page.

    ``axis`` are the first and the last bucket: marks end there, and the axis grows no longer.
    """
    begin, end = axis[0] - bucket / 2, axis[1] + bucket / 2
    for one in told:
        since = min(max(one.since, begin), end)
        until = min(max(one.resolved_at or end, since), end)
        line = {"color": _COLOUR, "width": 1.5}
        for shape in ((since, since, 0, 1), (since, until, 1, 1)):
            x0, x1, y0, y1 = shape
            figure.add_shape(type="line", x0=x0, x1=x1, y0=y0, y1=y1, xref="x", yref="paper",
                             line=line)  # fmt: skip
        # a title comes from data: what a figure takes for markup is only ours
        figure.add_annotation(
            x=since, y=1, xref="x", yref="paper", showarrow=False, yanchor="bottom",
            text=f'<a href="{escape(view.to(f"/alert/{one.id}"))}" target="_self">▼</a>',
            font={"color": _COLOUR, "size": 12},
            hovertext=f"{escape(_title(one))}<br>{escape(span(one, view))}",
        )  # fmt: skip
    if told:
        figure.update_layout(margin={"t": 20})
    return figure


def listed(told: Sequence[Alert], view: View) -> Any:
    """What the marks say, for those who cannot point at them."""
    if not told:
        return None
    lines = [
        html.Li([html.A(_title(one), href=view.to(f"/alert/{one.id}")), f", {span(one, view)}"])
        for one in told
    ]
    heading = html.Summary(f"▼ {words.counted(len(told), 'alert')} on this axis")
    return html.Details([heading, html.Ul(lines)], className="twin")


def span(one: Alert, view: View) -> str:
    """From when to when, in the zone of the page."""
    begin = words.stamp(one.since, view.zone)
    if one.phase == Phase.RESOLVED and one.resolved_at:
        return f"{begin} to {words.stamp(one.resolved_at, view.zone)} {view.zone}"
    return f"since {begin} {view.zone}"


def _title(one: Alert) -> str:
    return str((one.then or one.now).title)
