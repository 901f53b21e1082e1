"""The process map: how cases really flow, where they wait, where they leave the path."""

from functools import partial
from typing import Any

import dash_mantine_components as dmc
import flask
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboards.components import attributes, icon
from dashboards.data import given
from dashboards.filters import BadFilter
from dashboards.pages import Page, PageBody
from dashboards.process.payload import payload, replayed
from dashboards.process.steps import all_events, nothing
from dashboards.view import View, view_of
from process_model.errors import StoreError
from process_model.mining.process_map import ProcessMap, process_map
from process_model.mining.replay import replay
from process_model.store import Handle

_REPLAYED = 400
"""how many cases are replayed at most"""


def _render(_reader: Handle, view: View) -> PageBody:
    return PageBody(
        "Process map",
        [
            html.Header(
                [html.H1("Process map"), *all_events(view), *_way(view)], className="title"
            ),
            # the map is asked for when this is there: the page stands before it
            dcc.Store(id="process-of", data=view.here),
            dcc.Store(id="process-data"),
            html.Div(id="process-told", hidden=True),
            html.Div(id="process-trouble"),
            html.Div(dmc.Skeleton(height=560), id="process-map", className="process-map"),
        ],
    )


def _way(view: View) -> list[Any]:
    if not view.query.get("way", ""):
        return []
    label = f"Variant {view.query.get('rank', '')} is lit".replace("  ", " ")
    return [
        html.A([label, icon("x")], href=view.having(way="", rank=""), className="chip on",
               **attributes(aria_label=f"{label}: show the map without it"))
    ]  # fmt: skip


def _connect(app: Dash, reader: Handle) -> None:
    @app.callback(
        Output("process-data", "data"), Output("process-trouble", "children"),
        Output("process-map", "hidden"), Input("process-of", "data"),
    )  # fmt: skip
    def tell(href: str) -> Any:
        view, model = view_of(href), given().model
        asked = (reader, view.selection, model)
        try:
            found: ProcessMap = given().fresh.of(
                ("process", view.to("/process")), partial(process_map, *asked)
            )
        except StoreError as error:
            return None, _trouble(href, str(error)), True
        if not found.instances:
            return None, nothing(reader, view, "/process"), True
        wanted = view.query.get("way", "")
        way = next((one.activities for one in found.ways if one.variant == wanted), ())
        return payload(found, view.zone, way), None, False

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
            return flask.jsonify(replayed(replay(reader, view.selection, limit=_REPLAYED)))
        except (BadFilter, StoreError) as error:
            return flask.Response(f"{error}\n", 400, mimetype="text/plain")


def _trouble(href: str, said: str) -> Any:
    again = html.A("Try again", href=href, className="button", **attributes(data_reload="1"))
    return html.Section(
        [html.P(f"The map could not be read: {said}"), again], className="card trouble",
        role="alert",
    )  # fmt: skip


PAGE = Page("/process", "Process map", _render, icon="sitemap", order=3, key="p", connect=_connect)
