"""Data health: can the numbers be trusted? Sources with their rhythm, and what was rejected."""

from datetime import UTC, datetime
from typing import Any

from dash import html

from dashboards import words
from dashboards.components import badge, card, table
from dashboards.data import given
from dashboards.pages import Page, PageBody
from dashboards.view import View
from process_model.data_quality import SourceState, source_states
from process_model.store import Handle
from process_model.worklists import Rejections, rejection_reasons

_STATES = {"moving": ("● moving", "completed"), "silent": ("■ silent", "failure"),
           "unknown": ("○ rhythm unknown", "withdrawn")}  # fmt: skip
_LIMITS = {
    "configuration": "set by you", "week": "learned by the week", "gaps": "learned from gaps",
}  # fmt: skip


def _render(reader: Handle, view: View) -> PageBody:
    now = view.selection.as_of or datetime.now(UTC)
    states = source_states(reader, view.selection, given().model)
    body = [
        html.Header(
            [html.H1("Data health"), html.Span(_summary(states), className="mute small num")],
            className="title",
        ),
        _sources(view, states, now) if states else _nothing(),
        _rejected(view, rejection_reasons(reader, view.selection)),
    ]
    return PageBody("Data health", body)


def _summary(states: list[SourceState]) -> str:
    silent = sum(one.state == "silent" for one in states)
    unknown = sum(one.state == "unknown" for one in states)
    parts = [words.counted(len(states), "source"), f"{silent:,} silent"]
    return ", ".join([*parts, *([f"{unknown:,} too young to judge"] if unknown else [])])


def _nothing() -> Any:
    text = "No source has told anything yet. What a source sends shows here within seconds."
    return html.Section([html.H2("No sources"), html.P(text)], className="card notice")


def _sources(view: View, states: list[SourceState], now: datetime) -> Any:
    heads = (
        "Source", "State", f"Last event ({view.zone})", "May be silent for", "Complete",
        "Events", "Missing", "Delay p50 / p95", "Late", "Out of order", "Last received",
    )  # fmt: skip
    rows = [_row(view, one, now) for one in states]
    note = (
        "A number greys when a source it needs is silent for longer than its own rhythm allows; "
        "its alerts freeze. Delay is from happening to being known."
    )
    return card("Sources", html.P(note, className="mute small"), table(heads, rows, "Sources"))


def _row(view: View, one: SourceState, now: datetime) -> list[Any]:
    text, kind = _STATES[one.state]
    quiet = words.between(one.watermark, now)
    since = [
        html.Span(words.stamp(one.watermark, view.zone)),
        html.Small(f"{quiet} ago", className="mute"),
    ]
    limit = "unknown" if one.limit_seconds is None else words.duration(one.limit_seconds)
    missing: Any = f"{one.missing:,}"
    if one.missing:
        missing = html.Span(f"▲ {one.missing:,}", className="bad")
    return [
        html.Span(str(one.source), className="mono", title=", ".join(one.types)),
        badge(text, kind),
        html.Span(since, className="stacked num"),
        html.Span(
            [html.Span(limit), html.Small(_LIMITS.get(one.limit_from, ""), className="mute")],
            className="stacked num",
        ),
        _share(one.moving_share),
        html.Span(f"{one.received:,}", className="num"),
        missing,
        _delay(one),
        html.Span(f"{one.late:,}", className="num"),
        html.Span(f"{one.out_of_order:,}", className="num"),
        html.Span(
            f"{words.between(one.last_received_at, now)} ago", className="num",
            title=words.stamp(one.last_received_at, view.zone),
        ),
    ]  # fmt: skip


def _share(share: float | None) -> str:
    return "unmeasured" if share is None else f"{share:.1%}".replace("%", " %")


def _delay(one: SourceState) -> str:
    if one.delay_p50_seconds is None or one.delay_p95_seconds is None:
        return "unmeasured"
    return f"{words.duration(one.delay_p50_seconds)} / {words.duration(one.delay_p95_seconds)}"


def _rejected(view: View, found: list[Rejections]) -> Any:
    if not found:
        text = "Nothing was rejected in this period: all that came in became events."
        return card("Rejected input", html.P(text, className="mute"))
    heads = ("Why", "Source", "Type", "Inputs", f"First ({view.zone})", f"Last ({view.zone})",
             "Newest example")  # fmt: skip
    rows = [
        [
            words.sentence(one.reason), html.Span(str(one.source) or "unknown", className="mono"),
            html.Span(str(one.type), className="mono"),
            html.Span(f"{one.inputs:,}", className="num"),
            words.stamp(one.first_at, view.zone), words.stamp(one.last_at, view.zone),
            html.Details([html.Summary(str(one.detail)), html.Pre(str(one.payload))]),
        ]
        for one in found
    ]  # fmt: skip
    total = sum(one.inputs for one in found)
    note = (
        f"{words.counted(total, 'input')} understood to be for us but no event; each is kept whole "
        "with its reason, and no number counts it."
    )
    return card("Rejected input", html.P(note, className="mute small"),
                table(heads, rows, "Rejected input"))  # fmt: skip


PAGE = Page("/health/data", "Data health", _render, icon="plug-connected", order=9, key="d")
