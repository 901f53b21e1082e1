"""Plotly figures of the Overview; pure: rows in, a figure out, in colours for both themes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import log
from typing import Any

import plotly.graph_objects as go

from dashboards import words
from process_model.flow import AGES, SIZES, Duration, Waiting
from process_model.kpi import KpiRow
from process_model.vocabulary import Stage

_FONT = {"family": "Inter Variable, Inter, sans-serif", "size": 12}
_HEAT = [[0.0, "rgba(11,107,181,.05)"], [1.0, "rgba(11,107,181,1)"]]
_P50, _P95 = "#009E73", "#D55E00"
_STAGES = {
    Stage.OPPORTUNITY: "#7F68BD", Stage.QUOTE: "#0072B2", Stage.VALIDATION: "#7F68BD",
    Stage.APPROVAL: "#B8578C", Stage.ACCEPTANCE: "#4F97D2", Stage.ORDER: "#D55E00",
    Stage.FULFILMENT: "#B8860B", Stage.INVOICE: "#009E73", Stage.PAYMENT: "#5D7F3A",
    Stage.RENEWAL: "#8A6D5A",
}  # fmt: skip
CONFIG: Any = {"displayModeBar": False, "responsive": True}


def frame(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """The look that every figure shares: no paper of its own, room for labels, no title."""
    figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", font=_FONT, height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False, hovermode="closest",
        **layout,
    )  # fmt: skip
    figure.update_xaxes(automargin=True, zeroline=False)
    figure.update_yaxes(automargin=True, zeroline=False)
    return figure


def latency(found: Sequence[Duration], run: Sequence[KpiRow]) -> go.Figure:
    """Waits by the day they ended and by how long they took, with the median and p95 over it."""
    days = sorted({entry.bucket for entry in found})
    grid: dict[tuple[datetime, int], int] = {(e.bucket, e.size): e.waits for e in found}
    sizes = range(min(e.size for e in found), max(e.size for e in found) + 1)
    counts = [[grid.get((day, size)) for day in days] for size in sizes]
    labels = [size_label(size) for size in sizes]
    figure = go.Figure(
        go.Heatmap(
            x=days, y=list(sizes), z=counts, colorscale=_HEAT, xgap=1, ygap=1, showscale=False,
            customdata=[[label] * len(days) for label in labels],
            hovertemplate="%{x|%d %b %Y}<br>%{z:,} took %{customdata}<extra></extra>",
        )
    )  # fmt: skip
    for name, colour in (("p50", _P50), ("p95", _P95)):
        told = [(row.bucket, getattr(row, name)) for row in run if getattr(row, name) is not None]
        figure.add_scatter(
            x=[day for day, _ in told], y=[_height(seconds) for _, seconds in told], mode="lines",
            line={"color": colour, "width": 2.2}, name=name,
            customdata=[words.duration(seconds) for _, seconds in told],
            hovertemplate=f"%{{x|%d %b %Y}}<br>{name} %{{customdata}}<extra></extra>",
        )  # fmt: skip
    edges = range(sizes.start, sizes.stop + 1)
    axis = {
        "tickvals": [edge - 0.5 for edge in edges if 0 < edge <= len(SIZES)],
        "ticktext": [words.duration(SIZES[edge - 1]) for edge in edges if 0 < edge <= len(SIZES)],
        "range": [sizes.start - 0.5, sizes.stop - 0.5],
    }
    return frame(figure, 280, yaxis=axis)


def size_label(size: int) -> str:
    """``1 h to 3 h``, ``up to 6 min``, ``over 300 h``."""
    if size == 0:
        return f"up to {words.duration(SIZES[0])}"
    if size == len(SIZES):
        return f"over {words.duration(SIZES[-1])}"
    return f"{words.duration(SIZES[size - 1])} to {words.duration(SIZES[size])}"


def _height(seconds: float) -> float:
    """Where a duration stands among the sizes, evenly on a log scale between two edges."""
    edges = [SIZES[0] ** 2 / SIZES[1], *SIZES, SIZES[-1] ** 2 / SIZES[-2]]
    inside = min(max(seconds, edges[0]), edges[-1])
    for place, (low, high) in enumerate(pairwise(edges)):
        if inside <= high:
            return place - 0.5 + log(inside / low) / log(high / low)
    return len(SIZES) + 0.5


_SCALES = ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def run_of(unit: str, rows: Sequence[KpiRow]) -> go.Figure:
    """A KPI by bucket as a line, durations in the largest unit that the highest reaches."""
    values = [row.value for row in rows]
    size, name = 1.0, ""
    if unit == "seconds":
        reached = max(value or 0.0 for value in values)
        size, name = next((one for one in _SCALES if reached >= one[0]), _SCALES[-1])
    shown = [None if value is None else value / size for value in values]
    form = ".1%" if unit == "share" else ",.3~s" if unit == "money" else ",.3~g"
    figure = go.Figure(
        go.Scatter(
            x=[row.bucket for row in rows], y=shown, mode="lines+markers",
            line={"color": "#0B6BB5", "width": 2.2}, marker={"size": 5},
            customdata=[row.n for row in rows],
            hovertemplate=(f"%{{x|%d %b %Y}}<br>%{{y:{form}}} {name}<br>%{{customdata:,}} counted"
                           "<extra></extra>"),
        )
    )  # fmt: skip
    axis = {"title": name or None, "tickformat": form, "gridcolor": "rgba(128,128,128,.2)"}
    return frame(figure, 240, yaxis=axis, xaxis={"gridcolor": "rgba(128,128,128,.2)"})


AGE_LABELS = ("< 1 d", "1–2 d", "2–3 d", "3–7 d", "1–2 w", "2–4 w", "> 4 w")
"""The ages of a backlog as people say them; one more than ``AGES`` has edges."""


def backlog(found: Sequence[Waiting]) -> go.Figure:
    """Waiting cases by age, stacked by stage; what is past its deadline is hatched."""
    figure = go.Figure()
    for stage in Stage:
        ages = {entry.age: entry for entry in found if entry.stage == stage}
        if not ages:
            continue
        for late in (False, True):
            counts = [_share(ages.get(age), late) for age in range(len(AGES) + 1)]
            if not any(counts):
                continue
            figure.add_bar(
                x=list(AGE_LABELS), y=counts, name=f"{words.sentence(stage)}{', late' * late}",
                marker={"color": _STAGES[stage], "opacity": 1 if late else 0.45,
                        "line": {"width": 0}},
                hovertemplate="%{y:,} wait for %{x}<extra>%{fullData.name}</extra>",
            )  # fmt: skip
    return frame(figure, 280, barmode="stack", bargap=0.25)


def _share(entry: Waiting | None, late: bool) -> int:
    if entry is None:
        return 0
    return entry.late if late else entry.instances - entry.late


def stage_colour(stage: str) -> str:
    """The colour of a stage in every figure."""
    return _STAGES[Stage(stage)]


def value_flow(
    flows: Sequence[tuple[str, str, float, str]], leaves: Mapping[str, str]
) -> go.Figure:
    """Value from stage to stage; ``flows`` are (from, to, value, text), ``leaves`` name → kind.

    Only the stages are named in the figure: what leaves them is told by colour, by hover and in the
    table beside, since labels of both would overlap.
    """
    names = list(dict.fromkeys(end for flow in flows for end in flow[:2]))
    place = {name: index for index, name in enumerate(names)}
    kinds = {"waiting": "#9AA8B5", "late": "#D55E00", "gone": "#C2261D"}
    colours = [kinds.get(leaves.get(name, ""), "#0B6BB5") for name in names]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap", textfont={"size": 11},
            node={"label": ["" if name in leaves else name for name in names], "color": colours,
                  "customdata": names, "pad": 14, "thickness": 12, "line": {"width": 0},
                  "align": "left",
                  "hovertemplate": "%{customdata}<extra></extra>"},
            link={
                "source": [place[one] for one, *_ in flows],
                "target": [place[flow[1]] for flow in flows],
                "value": [flow[2] for flow in flows],
                "customdata": [f"{flow[0]} → {flow[1]}<br>{flow[3]}" for flow in flows],
                "color": [_faint(kinds.get(leaves.get(flow[1], ""), "#0B6BB5")) for flow in flows],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )
    )  # fmt: skip
    return frame(figure, 300)


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},.3)"
