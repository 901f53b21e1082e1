"""The timeline of a case as HTML: stage lanes with their events, then the spans of all traces.

Plain boxes rather than a chart library, because each box is then a thing that can be focused,
themed and read aloud, and a phone can show the same boxes as a list.
"""

from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes
from dashboards.theme import hue
from dashboards.timeline import Axis, folded, true_scale
from process_model.lookup import InstanceDetail, SpanRow, TimelineEvent
from process_model.vocabulary import Stage

_MOST_SPANS = 200
_ORDER = [str(stage) for stage in Stage]


def timeline(detail: InstanceDetail, spans: list[SpanRow], fold: bool) -> Any:
    """Every event and span of the case on one axis."""
    moments = [words.nanoseconds(one.event.event_time) for one in detail.events]
    for span in spans:
        start = words.nanoseconds(span.started_at)
        moments += (start, start + span.duration_ns)
    axis = folded(moments) if fold else true_scale(moments)
    lanes = [_lane(stage, detail, axis) for stage in _stages(detail.events)]
    bars = [_span(span, axis) for span in spans[:_MOST_SPANS]]
    return html.Div(
        className="timeline",
        role="group",
        **attributes(aria_label="Events and spans in time"),
        children=html.Div(
            className="sheet",
            style={"--axis": f"{axis.width:.0f}px"},
            children=[_bands(axis), *lanes, *bars],
        ),
    )


def _stages(events: list[TimelineEvent]) -> list[str]:
    known = {entry.stage for entry in events}
    return sorted(known, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


def _bands(axis: Axis) -> Any:
    bands = [
        html.Div(
            html.Span(words.duration(stretch.length / 1e9)),
            className="band",
            style={"left": f"{stretch.left:.1f}px", "width": f"{stretch.width:.1f}px"},
        )
        for stretch in axis.stretches
        if stretch.idle
    ]
    return html.Div(className="row head", children=[html.Span(className="name"), _cell(bands)])


def _lane(stage: str, detail: InstanceDetail, axis: Axis) -> Any:
    marks = [_mark(entry, axis) for entry in detail.events if entry.stage == stage]
    name = words.sentence(stage) if stage else "Other"
    return html.Div(
        className="row lane", children=[html.Span(name, className="name"), _cell(marks)]
    )


def _mark(entry: TimelineEvent, axis: Axis) -> Any:
    event = entry.event
    failed = event.outcome == "failure"
    text = f"{words.sentence(event.activity)}, {words.moment(event.event_time)}, {event.source}"
    return html.Span(
        "✕" if failed else "",
        className=f"mark {hue(event.source)}" + (" failed" if failed else ""),
        style={"left": f"{axis.x(words.nanoseconds(event.event_time)):.1f}px"},
        title=text,
        role="img",
        **attributes(aria_label=text),
    )


def _span(span: SpanRow, axis: Axis) -> Any:
    start = words.nanoseconds(span.started_at)
    left, right = axis.x(start), axis.x(start + span.duration_ns)
    failed = span.status.lower().endswith("error")
    text = f"{span.name} · {words.duration(span.duration_ns / 1e9)}"
    return html.Div(
        className="row span",
        children=[
            html.Span(str(span.name), className="name mono"),
            _cell(
                [
                    html.Span(
                        className=f"bar {hue(span.service)}" + (" failed" if failed else ""),
                        style={"left": f"{left:.1f}px", "width": f"{max(right - left, 2):.1f}px"},
                        title=f"{span.service}: {text}, {words.moment(span.started_at)}",
                    ),
                    html.Span(
                        ("✕ " if failed else "") + text,
                        className="beside",
                        style={"left": f"{right + 6:.1f}px"},
                    ),
                ]
            ),
        ],
    )


def _cell(children: list[Any]) -> Any:
    return html.Div(className="cell", children=children)
