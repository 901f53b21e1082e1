"""The context bar: which period, zone, dataset and segments every page is about, and how fresh."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards import words
from dashboards.components import attributes, icon
from dashboards.filters import PATH, pair_of
from dashboards.view import View
from process_model import facets
from process_model.errors import StoreError
from process_model.facets import Choice
from process_model.questions import BEGINNING, END
from process_model.store import Handle
from process_model.vocabulary import SEGMENTS

RANGES = (
    ("24h", "now-24h"), ("7d", "now-7d"), ("30d", "now-30d"), ("90d", "now-90d"), ("All", "all"),
)  # fmt: skip
"""What is offered as a period, and how a URL says it."""

_PATHS = {"only": "Only with", "exclude": "Without", "start": "Begin with", "end": "End with"}
_UNMOVED = ("/health/data", "/alerts", "/alert/", "/datasets", "/case/")
"""The pages that speak of no choice of cases; a chip waits there and says so."""

_SPOKEN = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days", "All": "all time"}


def context_bar(reader: Handle, view: View) -> list[Any]:
    """What the bar holds; a store that does not answer leaves its choices out."""
    try:
        values = facets.segment_values(reader, view.selection.dataset)
        known = facets.datasets(reader)
    except StoreError:
        values, known = [], []
    return [
        html.Button(
            [icon("adjustments-horizontal"), html.Span(summary(view)), icon("chevron-down")],
            id="bar-toggle", className="bar-toggle", type="button",
            **attributes(aria_expanded="false", aria_controls="bar-body"),
        ),
        html.Div(
            id="bar-body", className="bar-body",
            children=[
                _ranges(view), _zone(view), *_datasets(view, known), *_chips(view),
                _menu(view, values),
            ],
        ),
        html.Span(age(reader, view), id="age", className="age num", role="status"),
        html.Button([icon("link"), "Copy link"], id="copy-link", type="button",
                    className="button quiet"),
    ]  # fmt: skip


def summary(view: View) -> str:
    """The context in a few words, for a narrow screen."""
    chosen = sum(len(view.query.getlist(name)) for name in (*SEGMENTS, *PATH))
    parts = [_period(view), view.zone]
    if chosen:
        parts.append("1 filter" if chosen == 1 else f"{chosen} filters")
    return " · ".join(parts)


def age(reader: Handle, view: View) -> str:
    """How old the newest event is by its source's clock, in words."""
    try:
        newest = facets.newest(reader, view.selection.dataset)
    except StoreError:
        return "the store does not answer"
    if newest.happened is None:
        return "no data yet"
    seconds = (datetime.now(UTC) - newest.happened).total_seconds()
    if seconds < -1:
        return f"newest event is dated {words.duration(-seconds)} ahead"
    return f"data {words.duration(max(seconds, 0), coarse=True)} old"


def _period(view: View) -> str:
    since, until = view.query.get("since", "") or "all", view.query.get("until", "")
    named = {value: name for name, value in RANGES}
    if not until and since in named:
        return _SPOKEN[named[since]].capitalize()
    chosen = view.selection
    start = "" if chosen.since == BEGINNING else words.stamp(chosen.since, view.zone)
    end = "" if chosen.until == END else words.stamp(chosen.until, view.zone)
    return f"{start or 'the beginning'} – {end or 'now'}"


def _ranges(view: View) -> Any:
    since, until = view.query.get("since", "") or "all", view.query.get("until", "")
    links, matched = [], False
    for name, value in RANGES:
        on = since == value and not until
        matched = matched or on
        current = attributes(aria_current="true") if on else {}
        links.append(
            html.A(name, href=view.having(since=value, until=""), title=f"The last {_SPOKEN[name]}",
                   className="on" if on else "", **current)
        )  # fmt: skip
    word = "Custom" if matched else _period(view)
    return html.Div(
        className="segmented", role="group", **attributes(aria_label="Period"),
        children=[*links, _absolute(view, word, not matched)],
    )  # fmt: skip


def _absolute(view: View, word: str, on: bool) -> Any:
    chosen = view.selection
    start = "" if chosen.since == BEGINNING else _local(chosen.since, view.zone)
    end = "" if chosen.until == END else _local(chosen.until, view.zone)
    fields = [
        html.Label([name, dcc.Input(id=id_, type="datetime-local", value=value)], htmlFor=id_)  # type: ignore[arg-type]
        for name, id_, value in (("From", "range-from", start), ("To", "range-to", end))
    ]
    apply = html.Button("Apply", id="range-apply", type="button", className="button")
    return html.Details(
        className="pop",
        children=[
            html.Summary([word, icon("chevron-down")], className="on" if on else ""),
            html.Div([*fields, html.Small(f"Times are in {view.zone}."), apply], className="sheet"),
        ],
    )


def _zone(view: View) -> Any:
    named = [
        {"value": zone, "label": zone.replace("_", " ")} for zone in sorted(available_timezones())
    ]
    first = [{"value": "UTC", "label": "UTC"}, {"value": "browser", "label": "Browser's zone"}]
    return dmc.Select(
        id="tz", value=view.zone, size="xs", w=176, searchable=True, allowDeselect=False, limit=200,
        data=first + [entry for entry in named if entry["value"] != "UTC"],
        nothingFoundMessage="No such zone", **attributes(aria_label="Time zone"),
    )  # fmt: skip


def _datasets(view: View, known: list[str]) -> list[Any]:
    here = view.selection.dataset
    offered = sorted({*known, here})
    if len(offered) < 2:
        return []
    data = [{"value": str(name), "label": str(name)} for name in offered]
    return [
        dmc.Select(id="dataset", value=here, size="xs", w=150, data=data, allowDeselect=False,
                   **attributes(aria_label="Dataset"))
    ]  # fmt: skip


def _chips(view: View) -> list[Any]:
    return [
        html.A(
            [html.Span(f"{words.sentence(name)}: {value}"), icon("x")],
            href=view.dropping(name, value), className="chip on",
            **attributes(aria_label=f"Remove the filter {words.sentence(name)}: {value}"),
        )
        for name in SEGMENTS
        for value in view.query.getlist(name)
    ] + [
        _path_chip(view, name, value) for name in PATH for value in view.query.getlist(name)
    ]  # fmt: skip


def _path_chip(view: View, name: str, value: str) -> Any:
    said = _path_text(name, value)
    follows = not view.path.startswith(_UNMOVED)
    note = "" if follows else " (not on this page)"
    return html.A(
        [html.Span(said + note), icon("x")], href=view.dropping(name, value),
        className="chip on" if follows else "chip",
        title="" if follows else "The numbers of this page know no path: the chip waits here",
        **attributes(aria_label=f"Remove the filter {said}"),
    )  # fmt: skip


def _path_text(name: str, value: str) -> str:
    if name == "follows":
        first, second = map(words.activity, pair_of(value))
        return f"{first} → {second}"
    return f"{_PATHS[name]} {words.activity(value)}"


def _menu(view: View, values: list[Choice]) -> Any:
    groups = []
    for name, choices in groupby(values, key=lambda choice: choice.name):
        entries = [_entry(view, choice) for choice in choices
                   if choice.value not in view.query.getlist(name)]  # fmt: skip
        if entries:
            groups.append(html.Div([html.H3(words.sentence(name)), *entries], className="group"))
    nothing = html.P("No case names a region, unit, entity, family, channel or tier yet.")
    return html.Details(
        className="pop",
        children=[
            html.Summary([icon("filter"), "Filter"], className="button quiet"),
            html.Div(groups or nothing, className="sheet groups"),
        ],
    )


def _entry(view: View, choice: Choice) -> Any:
    count = html.Span(f"{choice.instances:,}", className="count num")
    href = view.adding(choice.name, choice.value)
    return html.A([html.Span(str(choice.value)), count], href=href)


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
