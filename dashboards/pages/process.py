"""The process map: how cases really flow, where they wait, where they leave the path."""

from functools import partial
from typing import Any

import dash_mantine_components as dmc
import flask
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboards import words
from dashboards.components import attributes
from dashboards.data import given
from dashboards.filters import BadFilter
from dashboards.pages import Page, PageBody
from dashboards.process.payload import payload, replayed
from dashboards.view import View, view_of
from process_model import facets
from process_model.errors import StoreError
from process_model.process_map import process_map, replay
from process_model.store import Handle

_REPLAYED = 400
"""how many cases are replayed at most"""


def _render(_reader: Handle, view: View) -> PageBody:
    return PageBody(
        "Process map",
        [
            html.Header(html.H1("Process map"), className="title"),
            # the map is asked for when this is there: the page stands before it
            dcc.Store(id="process-of", data=view.here),
            dcc.Store(id="process-data"),
            html.Div(id="process-told", hidden=True),
            html.Div(id="process-trouble"),
            html.Div(dmc.Skeleton(height=560), id="process-map", className="process-map"),
        ],
    )


def _connect(app: Dash, reader: Handle) -> None:
    @app.callback(
        Output("process-data", "data"), Output("process-trouble", "children"),
        Output("process-map", "hidden"), Input("process-of", "data"),
    )  # fmt: skip
    def tell(href: str) -> Any:
        view, model = view_of(href), given().model
        key = ("process", view.to("/process"), view.query.get("tz", ""))
        try:
            found = given().fresh.of(key, partial(process_map, reader, view.selection, model))
        except StoreError as error:
            return None, _trouble(href, str(error)), True
        if not found.cases:
            return None, _nothing(reader, view), True
        return payload(found, view.zone), None, False

    in_the_browser: Any = app.clientside_callback
    in_the_browser(
        ClientsideFunction("process", "show"),
        Output("process-told", "children"),
        Input("process-data", "data"),
    )

    @app.server.get("/process/replay.json")  # type: ignore[untyped-decorator]
    def cases() -> flask.Response:
        try:
            view = view_of(flask.request.full_path)
            return flask.jsonify(replayed(replay(reader, view.selection, _REPLAYED)))
        except (BadFilter, StoreError) as error:
            return flask.Response(f"{error}\n", 400, mimetype="text/plain")


def _nothing(reader: Handle, view: View) -> Any:
    reach = facets.extent(reader, view.selection.dataset)
    if reach.first is None or reach.last is None:
        said = f"Nothing has been received in {view.selection.dataset} yet, so nothing flows."
        way = html.A("How to send or import something", href=view.to("/datasets"))
    else:
        said = (
            f"There are {words.counted(reach.instances, 'case')} from "
            f"{words.stamp(reach.first, view.zone)} to {words.stamp(reach.last, view.zone)} "
            f"{view.zone}, none of them in this selection."
        )
        dataset = view.query.get("dataset", "")
        way = html.A("Map all of them", href=view_of("/process").having(dataset=dataset))
    return html.Section(
        [html.H2("No case to map"), html.P(said, className="mute"), way], className="card notice"
    )


def _trouble(href: str, said: str) -> Any:
    again = html.A("Try again", href=href, className="button", **attributes(data_reload="1"))
    return html.Section(
        [html.P(f"The map could not be read: {said}"), again], className="card trouble",
        role="alert",
    )  # fmt: skip


PAGE = Page("/process", "Process map", _render, icon="sitemap", order=3, key="p", connect=_connect)
