"""The Overview: is quote-to-cash healthy, what is at risk in money, what changed?"""

from collections.abc import Callable
from functools import partial
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html

from dashboards.components import attributes
from dashboards.data import Given, given
from dashboards.overview import Look, look_of
from dashboards.overview.changes import changes_card
from dashboards.overview.incidents import incidents
from dashboards.overview.stops import flow_card, stops_card
from dashboards.overview.tiles import tiles
from dashboards.overview.waits import backlog_card, latency_card
from dashboards.pages import Page, PageBody
from dashboards.view import View, view_of
from process_model.errors import StoreError
from process_model.store import Handle

_CARDS: tuple[tuple[str, Callable[[Look], Any], int], ...] = (
    ("overview-incidents", incidents, 64),
    ("overview-tiles", tiles, 168),
    ("overview-stops", stops_card, 330),
    ("overview-latency", latency_card, 360),
    ("overview-flow", flow_card, 380),
    ("overview-backlog", backlog_card, 360),
    ("overview-changes", changes_card, 200),
)
_REFRESH_MILLISECONDS = 30_000


def _render(reader: Handle, view: View) -> PageBody:
    look = look_of(reader, view, given())
    places = [
        html.Div(dmc.Skeleton(height=height), id=name, className=name.removeprefix("overview-"))
        for name, _, height in _CARDS
    ]
    return PageBody(
        "Overview",
        [
            html.Header(
                [html.H1("Quote to cash"), html.Span(look.period, className="mute small num")],
                className="title",
            ),
            # the cards ask when this is there, and again while the page is looked at
            dcc.Store(id="overview-of", data=view.here),
            dcc.Interval(id="overview-again", interval=_REFRESH_MILLISECONDS),
            *places[:2],
            html.Div(places[2:], className="grid"),
        ],
    )


def _connect(app: Dash, reader: Handle) -> None:
    for name, draw, _ in _CARDS:
        _card(app, reader, name, draw)


def _card(app: Dash, reader: Handle, name: str, draw: Callable[[Look], Any]) -> None:
    @app.callback(
        Output(name, "children"),
        Input("overview-of", "data"),
        Input("overview-again", "n_intervals"),
    )
    def show(href: str, _again: int | None) -> Any:
        try:
            return given().fresh.of((name, href), partial(_drawn, reader, href, draw, given()))
        except StoreError as error:
            again = html.A(
                "Try again", href=href, className="button", **attributes(data_reload="1")
            )
            return html.Section(
                [html.P(f"The store gave no answer: {error}"), again], className="card trouble"
            )


def _drawn(reader: Handle, href: str, draw: Callable[[Look], Any], known: Given) -> Any:
    return draw(look_of(reader, view_of(href), known))


PAGE = Page("/", "Overview", _render, icon="activity", order=1, key="o", connect=_connect)
