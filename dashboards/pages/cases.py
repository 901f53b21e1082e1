"""The list of cases: what is open, where it waits, what is past its deadline."""

from typing import Any

import flask
from dash import Dash, html
from werkzeug.wrappers import Response

from dashboards import export, grid, listing, words
from dashboards.components import attributes, command, icon
from dashboards.filters import BadFilter
from dashboards.narrowing import narrowing
from dashboards.pages import Page, PageBody
from dashboards.view import View, view_of
from process_model import facets
from process_model.store import Handle
from process_model.vocabulary import LIVE

_MOST_IDS = 10_000


def _render(reader: Handle, view: View) -> PageBody:
    wanted = listing.listing_of(view)
    choices = wanted.choices(reader)
    total = wanted.page(reader, 1).total
    body: list[Any] = [_head(view), narrowing(view, wanted, choices)]
    body.append(grid.grid(view, total) if total else _nothing(reader, view))
    return PageBody("Cases", body)


def _head(view: View) -> Any:
    return html.Div(
        className="title",
        children=[
            html.H1("Cases"),
            html.Span(id=grid.part("total", view), className="mute num", role="status"),
            html.Div(
                className="actions",
                children=[
                    html.Button([icon("copy"), "Copy numbers"], type="button",
                                className="button quiet",
                                **attributes(data_copy_from="/cases.txt")),
                    html.A([icon("download"), "CSV"], href=_at("/cases.csv", view),
                           className="button quiet", download="cases.csv"),
                ],
            ),
        ],
    )  # fmt: skip


def _at(path: str, view: View) -> str:
    return f"{path}?{view.here.partition('?')[2]}".removesuffix("?")


def _nothing(reader: Handle, view: View) -> Any:
    reach = facets.extent(reader, view.selection.dataset)
    if reach.first is None or reach.last is None:
        return _first_event(view.selection.dataset)
    everything = view.to("/cases", since="").partition("?")[0]
    kept = "" if view.selection.dataset == LIVE else f"?dataset={view.selection.dataset}"
    return html.Section(
        className="card notice",
        children=[
            html.H2("No case in this selection"),
            html.P(
                f"There are {words.counted(reach.instances, 'case')} from "
                f"{words.stamp(reach.first, view.zone)} to {words.stamp(reach.last, view.zone)} "
                f"{view.zone}.",
                className="mute",
            ),
            html.A("Show all of them", href=everything + kept, className="button"),
        ],
    )


def _first_event(dataset: str) -> Any:
    doors = str(flask.current_app.config.get("DOORS", ""))
    example = (
        f"curl {doors}/v1/events -H 'Content-Type: application/cloudevents+json' -d "
        """'{"specversion":"1.0","id":"1","source":"urn:system:cpq:emea","""
        """"type":"q2c.quote.created.v1","subject":"quote/Q-1","time":"2026-03-02T09:00:00Z"}'"""
    )
    demo = f"throughline demo --doors {doors}"
    return html.Section(
        className="card notice left",
        children=[
            html.H2(f"Nothing has been received in {dataset} yet"),
            html.P("Send a first event, and it is a case here a moment later:", className="mute"),
            command(example),
            html.P("Or send the lives of forty-one orders, to look around:", className="mute"),
            command(demo),
        ],
    )


def _connect(app: Dash, reader: Handle) -> None:
    grid.connect(app, reader)

    @app.server.get("/cases.csv")  # type: ignore[untyped-decorator]
    def csv() -> Response:
        return _exported(lambda wanted: export.csv(wanted, reader), "text/csv")

    @app.server.get("/cases.txt")  # type: ignore[untyped-decorator]
    def numbers() -> Response:
        return _exported(lambda wanted: export.numbers(wanted, reader, _MOST_IDS), "text/plain")


def _exported(write: Any, kind: str) -> Response:
    try:
        wanted = listing.listing_of(view_of(flask.request.full_path))
    except BadFilter as error:
        return flask.Response(f"{error}\n", 400, mimetype="text/plain")
    return flask.Response(write(wanted), mimetype=kind)


PAGE = Page("/cases", "Cases", _render, "list-details", order=50, key="c", connect=_connect)
