"""The traces of a case as rows of the timeline: what each span did, and whether it failed."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import attributes, copyable
from dashboards.theme import hue
from dashboards.timeline import Axis
from dashboards.waterfall import Bar, Trace

_LETTER = 6.6
_GAP = 8.0
_DEEPEST = 6


def trace_rows(case: Case, axis: Axis, traces: list[Trace]) -> list[Any]:
    """A heading and the bars of every trace; traces that sent no span are named as well."""
    rows: list[Any] = []
    for trace in traces:
        rows.append(_heading(trace))
        rows += [_row(bar, case, axis) for bar in trace.bars]
    told = {trace.id for trace in traces}
    silent = [id_ for id_ in case.detail.trace_ids if id_ not in told]
    rows += [_silent(id_) for id_ in silent[:5]]
    return rows


def _heading(trace: Trace) -> Any:
    took = words.duration((trace.end - trace.start) / 1e9)
    path = " → ".join(str(service) for service in trace.services[:6])
    about = f"{words.counted(len(trace.bars), 'span')} · {took} · {path}"
    if trace.follows:
        about += f" · follows trace {trace.follows[0][:8]}"
    return html.Div(
        className="row trace",
        children=html.Div(
            [
                html.B("Trace"), copyable(trace.id, "trace id"),
                html.Span(about, className="mute num"),
            ],
            className="heading",
        ),
    )  # fmt: skip


def _silent(trace_id: str) -> Any:
    text = html.Span("events name it, but no span of it has come", className="mute")
    inner = html.Div([html.B("Trace"), copyable(trace_id, "trace id"), text], className="heading")
    return html.Div(inner, className="row trace")


def _row(bar: Bar, case: Case, axis: Axis) -> Any:
    span = bar.span
    name = html.Div(
        str(span.name), className="name mono",
        style={"paddingLeft": f"{10 * min(bar.depth, _DEEPEST)}px"},
        **attributes(data_tip=f"{span.service}: {span.name}"),
    )  # fmt: skip
    left, right = axis.x(bar.start), max(axis.x(bar.end), axis.x(bar.start) + 3)
    box = html.Span(
        className=_classes(bar, case),
        style={"left": axis.share(left), "width": axis.share(right - left)},
        role="button",
        tabIndex=0,
        **attributes(
            data_tip=_tip(bar, case.zone), aria_label=_tip(bar, case.zone),
            data_span=span.span_id, data_trace=span.trace_id,
        ),
    )  # fmt: skip
    return html.Div(
        [name, html.Div([box, _beside(bar, axis, left, right)], className="cell")],
        className="row span",
    )


def _classes(bar: Bar, case: Case) -> str:
    named = [
        "bar", hue(bar.span.service), "failed" if bar.failed else "",
        "critical" if bar.critical else "",
        "lit" if case.view.query.get("span", "") == bar.span.span_id else "",
    ]  # fmt: skip
    return " ".join(name for name in named if name)


def _beside(bar: Bar, axis: Axis, left: float, right: float) -> Any:
    """The label stands right of the bar, or left of it where the sheet ends."""
    text = words.duration(bar.span.duration_ns / 1e9)
    if bar.failed:
        why = bar.span.attributes.get("error.type") or bar.span.status_message
        text = f"✕ {text} · {why}" if why else f"✕ {text}"
    text = text if len(text) <= 48 else text[:47] + "…"
    need = _LETTER * len(text) + _GAP
    kind = "beside num failed" if bar.failed else "beside num"
    if right + need > axis.width and left - need > 0:
        place = f"calc({axis.share(axis.width - left)} + {_GAP:.0f}px)"
        return html.Span(text, className=kind, style={"right": place})
    return html.Span(
        text, className=kind, style={"left": f"calc({axis.share(right)} + {_GAP:.0f}px)"}
    )


def _tip(bar: Bar, zone: str) -> str:
    span = bar.span
    end = words.from_nanoseconds(bar.end)
    lines = [
        f"{span.service}: {span.name}",
        f"{words.precise(span.started_at, zone)} – {words.precise(end, zone)}",
        words.duration(span.duration_ns / 1e9),
    ]
    if bar.critical:
        lines.append("The end of its trace waited for it")
    if bar.failed:
        lines.append(
            f"Failed: {span.status_message or span.attributes.get('error.type', 'no reason given')}"
        )
    return "\n".join(lines)
