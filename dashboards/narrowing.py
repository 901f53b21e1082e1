"""What a list of cases can be narrowed by: a search and chips, each with what it would leave."""

from typing import Any

from dash import dcc, html

from dashboards import listing, words
from dashboards.components import attributes, icon
from dashboards.listing import Listing
from dashboards.process import conforming
from dashboards.view import View
from process_model.facets import Choice


def narrowing(view: View, wanted: Listing, choices: list[Choice]) -> Any:
    """The row above the list; what is chosen can always be taken away again."""
    search = html.Label(
        className="find", **attributes(data_param="q"),
        children=[
            icon("search"), html.Span("Number or customer contains", className="unseen"),
            dcc.Input(type="search", value=wanted.query, placeholder="Number or customer",
                      id="cases-q", autoComplete="off"),
        ],
    )  # fmt: skip
    chips = [
        *(_chip(view, c, words.sentence(c.value)) for c in choices if c.name == "status"),
        html.Span(className="gap"),
        *(_chip(view, c, "Past due") for c in choices if c.name == "past_due"),
        *(_chip(view, c, "Failed") for c in choices if c.name == "failed"),
        html.Span(className="gap"),
        *(_chip(view, c, words.sentence(c.value)) for c in _in_order(choices)),
    ]
    gone = _gone(view, choices)
    if wanted.finding:
        gone.append(_remove(view, "finding", wanted.finding, "Cases of one finding"))
    gone += [_remove(view, "variant", one, "Cases of one variant") for one in wanted.variant]
    if wanted.deviation:
        label = f"Deviation: {conforming.text_of(wanted.deviation)}"
        gone.append(_remove(view, conforming.NAME, wanted.deviation, label))
    if wanted.error_type:
        gone.append(_remove(view, "error_type", wanted.error_type, f"Error: {wanted.error_type}"))
    return html.Div([search, *chips, *gone], className="narrowing")


def _in_order(choices: list[Choice]) -> list[Choice]:
    stages = (choice for choice in choices if choice.name == "stage")
    return sorted(stages, key=lambda choice: listing.place(choice.value))


def _chip(view: View, choice: Choice, label: str) -> Any:
    on = choice.value in view.query.getlist(choice.name)
    href = (view.dropping if on else view.adding)(choice.name, choice.value)
    return html.A(
        [label, html.Span(f"{choice.instances:,}", className="count num")],
        href=href, className="chip on" if on else "chip", role="button",
        **attributes(aria_pressed="true" if on else "false"),
    )  # fmt: skip


def _gone(view: View, choices: list[Choice]) -> list[Any]:
    """What is chosen and leaves nothing: it must still be there to be taken away."""
    known = {(choice.name, choice.value) for choice in choices}
    words_of = {"past_due": "Past due", "failed": "Failed"}
    return [
        _remove(view, name, value, words_of.get(name) or words.sentence(value))
        for name in ("status", "stage", "past_due", "failed")
        for value in view.query.getlist(name)
        if (name, value) not in known
    ]


def _remove(view: View, name: str, value: str, label: str) -> Any:
    return html.A(
        [html.Span(label), icon("x")], href=view.dropping(name, value), className="chip on",
        **attributes(aria_label=f"Remove the filter {label}"),
    )  # fmt: skip
