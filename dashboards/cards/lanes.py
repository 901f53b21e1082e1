"""The timeline of a case: a lane a stage with its waits and events, then the spans of all traces.

Plain boxes rather than a chart library, because each box is then a thing that can be focused,
themed and read aloud. Places are percentages of the axis: a wider card stretches all alike.
"""

from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.cards.traces import trace_rows
from dashboards.components import attributes
from dashboards.listing import place
from dashboards.spent import StageTime, by_stage
from dashboards.theme import hue
from dashboards.timeline import LEVEL, Axis, folded, true_scale
from dashboards.waterfall import MOST_OF_ALL, MOST_ROWS, traces_of, worth_a_row
from process_model.lookup import TimelineEvent

_TICK = 92.0
_APART = 13.0
"""Marks nearer than this cannot be told apart, and become one with a number."""


def timeline(case: Case) -> Any:
    """Every event and span of the case on one axis."""
    fold = case.view.query.get("axis", "fold") != "true"
    every = case.view.query.get("spans", "") == "all"
    traces = traces_of(case.spans)
    shown = worth_a_row(traces, MOST_OF_ALL if every else MOST_ROWS)
    axis = axis_of(case, fold)
    stages = {one.stage: one for one in by_stage(case.detail.stages, case.spans, case.until)}
    lanes = [_lane(name, case, axis, stages.get(name)) for name in _stages(case, stages)]
    told = sum(len(trace.bars) for trace in traces)
    drawn = sum(len(trace.bars) for trace in shown)
    sheet = html.Div(
        className="sheet",
        style={"--axis": f"{axis.width:.0f}px"},
        children=[
            _under(case, axis), _ticks(case, axis), *_bands(axis), *lanes,
            *trace_rows(case, axis, shown),
        ],
    )  # fmt: skip
    return html.Div(
        className="wide-only",
        children=[
            html.Div(
                sheet, className="timeline", role="group", tabIndex=0,
                **attributes(aria_label="Events and spans of the case in time"),
            ),
            _legend(case), *_more(case, told, drawn, every),
        ],
    )  # fmt: skip


def axis_of(case: Case, fold: bool) -> Axis:
    """The axis over everything that is known of the case; up to now while it is open."""
    moments = [words.nanoseconds(one.event.event_time) for one in case.detail.events]
    moments.append(words.nanoseconds(case.until))
    for span in case.spans:
        start = words.nanoseconds(span.started_at)
        moments += (start, start + span.duration_ns)
    return folded(moments) if fold else true_scale(moments)


def _stages(case: Case, entered: dict[str, StageTime]) -> list[str]:
    known = {entry.stage for entry in case.detail.events} | set(entered)
    return sorted(known, key=place)


def _row(name: Any, cell: list[Any], kind: str) -> Any:
    named = html.Div(name, className="name")
    return html.Div([named, html.Div(cell, className="cell")], className=f"row {kind}")


def _under(case: Case, axis: Axis) -> Any:
    """What lies behind all rows: folded bands, and a hairline where an event is."""
    bands = [
        stop
        for band in axis.stretches
        if band.idle
        for left, right in [(axis.share(band.left), axis.share(band.left + band.width))]
        for stop in (f"transparent {left}", f"var(--band) {left} {right}", f"transparent {right}")
    ]
    places = dict.fromkeys(
        axis.share(axis.x(words.nanoseconds(entry.event.event_time)))
        for entry in case.detail.events
    )
    hairs = [
        stop
        for left in sorted(places, key=lambda share: float(share[:-1]))
        for stop in (
            f"transparent {left}", f"var(--strong) {left} calc({left} + 1px)",
            f"transparent calc({left} + 1px)",
        )
    ]  # fmt: skip
    shades = {"--bands": _gradient(bands), "--hairs": _gradient(hairs)}
    return html.Div(className="under", style=shades, **attributes(aria_hidden="true"))


def _gradient(stops: list[str]) -> str:
    """One background in the place of an element for every band: a case may have hundreds."""
    return f"linear-gradient(90deg, {', '.join(stops)})" if stops else "none"


def _ticks(case: Case, axis: Axis) -> Any:
    ticks = [_tick(case, axis, moment) for moment in axis.ticks(_TICK)]
    return _row(html.Span(case.zone, className="mute"), ticks, "ticks")


def _tick(case: Case, axis: Axis, moment: int) -> Any:
    day, clock = words.tick(words.from_nanoseconds(moment), case.zone)
    at = axis.x(moment)
    side = " end" if at > axis.width - _TICK / 2 else " start" if at < _TICK / 2 else ""
    return html.Span(
        [html.B(day), html.Span(clock)], className=f"tick num{side}", style={"left": axis.share(at)}
    )


def _bands(axis: Axis) -> list[Any]:
    labels = [
        html.Span(
            words.duration(band.length / 1e9),
            className="idle num" if band.width >= LEVEL else "idle num upright",
            style={"left": axis.share(band.left), "width": axis.share(band.width)},
        )
        for band in axis.stretches
        if band.idle
    ]
    upright = any(band.idle and band.width < LEVEL for band in axis.stretches)
    name = html.Span("Idle, folded", className="mute")
    return [_row(name, labels, "idles tall" if upright else "idles")] if labels else []


def _lane(stage: str, case: Case, axis: Axis, spent: StageTime | None) -> Any:
    events = [entry for entry in case.detail.events if entry.stage == stage]
    name = [html.Span(words.sentence(stage) if stage else "No stage", className="stage")]
    cell: list[Any] = []
    if spent:
        took = words.duration(spent.total) if spent.total else "at once"
        name.append(html.Span(took, className="mute num"))
        left, right = axis.x(spent.start), axis.x(spent.end)
        ends = f"not done after {took}" if spent.open else f"done after {took}"
        cell.append(
            html.Span(
                className="wait open" if spent.open else "wait",
                style={"left": axis.share(left), "width": axis.share(max(right - left, 2))},
                **attributes(data_tip=f"{words.sentence(stage)}: {ends}"),
            )
        )
    return _row(name, [*cell, *(_mark(one, case, axis) for one in _near(events, axis))], "lane")


def _near(events: list[TimelineEvent], axis: Axis) -> list[list[TimelineEvent]]:
    """Events so near each other that their marks would lie on one another go together."""
    groups: list[list[TimelineEvent]] = []
    last = -_APART
    for entry in events:
        at = axis.x(words.nanoseconds(entry.event.event_time))
        if groups and at - last < _APART:
            groups[-1].append(entry)
        else:
            groups.append([entry])
            last = at
    return groups


def _mark(entries: list[TimelineEvent], case: Case, axis: Axis) -> Any:
    event = entries[0].event
    failed = any(entry.event.outcome == "failure" for entry in entries)
    text = "\n".join(_told(entry, case.zone) for entry in entries)
    sign = "✕" if failed else "" if len(entries) == 1 else str(len(entries))
    lit = any(case.view.query.get("event", "") == entry.event.id for entry in entries)
    kinds = ["mark", hue(event.source), "failed" if failed else "", "lit" if lit else "",
             "many" if len(entries) > 1 and not failed else ""]  # fmt: skip
    traced = next((entry.event for entry in entries if entry.event.trace_id), event)
    return html.Span(
        className=" ".join(kind for kind in kinds if kind),
        style={"left": axis.share(axis.x(words.nanoseconds(event.event_time)))},
        role="button",
        tabIndex=0,
        **attributes(
            data_tip=text, aria_label=text, data_event=event.id, data_trace=traced.trace_id,
            data_span=traced.span_id, data_sign=sign,
        ),
    )  # fmt: skip


def _told(entry: TimelineEvent, zone: str) -> str:
    event = entry.event
    failed = (
        f", failed: {event.error_type or 'no reason given'}" if event.outcome == "failure" else ""
    )
    shared = " (shared)" if entry.shared else ""
    return (
        f"{words.sentence(event.activity)}{failed}{shared}\n{words.moment(event.event_time, zone)}"
        f" · {words.system(event.source)}"
    )


def _legend(case: Case) -> Any:
    systems = {words.system(entry.event.source) for entry in case.detail.events}
    systems |= {span.service for span in case.spans}
    entries = [
        html.Li([html.Span(className=f"swatch {hue(name)}"), str(name)]) for name in sorted(systems)
    ]
    signs = [
        html.Li([html.Span("◆", className="mute"), "event"]),
        html.Li([html.Span("✕", className="bad"), "failed"]),
    ]
    return html.Ul([*entries, *signs], className="systems", **attributes(aria_label="Colours"))


def _more(case: Case, told: int, drawn: int, every: bool) -> list[Any]:
    if told > drawn:
        hidden = words.counted(told - drawn, "shorter span")
        if every:
            return [html.P(f"{hidden} are not drawn; the API has all of them.", className="mute")]
        href = case.view.having(spans="all")
        return [html.A(f"Show {hidden}", href=href, className="button quiet more")]
    if every and told > MOST_ROWS:
        href = case.view.having(spans="")
        return [html.A("Show the important spans only", href=href, className="button quiet more")]
    return []
