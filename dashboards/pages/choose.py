"""Any id leads to its case: the resolver's redirect, and the choice when it fits several."""

from typing import Any

import flask
from dash import Dash, dcc, html
from werkzeug.wrappers import Response

from dashboards import words
from dashboards.components import attributes, badge, icon, table
from dashboards.filters import BadFilter
from dashboards.pages import Page, PageBody
from dashboards.view import View, view_of
from process_model import lookup
from process_model.store import Handle

_MOST = 50
_SEARCHED = (
    "case ids", "document numbers and keys", "customer numbers", "trace ids", "traceparent headers",
    "span ids", "correlation ids", "event ids", "idempotency keys",
)  # fmt: skip
"""What ``lookup.resolve`` looks through, said to those who found nothing."""


def destination(reader: Handle, any_id: str, view: View) -> str:
    """The path of the only case that knows the id, else of the page that offers several or none."""
    found = lookup.resolve(reader, view.selection.dataset, any_id)
    if len(found.instances) == 1:
        return view.to(f"/case/{found.instances[0]}")
    return view.to("/choose", id=any_id)


def _render(reader: Handle, view: View) -> PageBody:
    any_id = view.query.get("id", "")
    found = lookup.resolve(reader, view.selection.dataset, any_id)
    if not found.instances:
        return PageBody("Not found", not_found(any_id, view))
    heading = f"{words.counted(len(found.instances), 'case')} know “{any_id}” as {found.matched_as}"
    rows = [_row(reader, view, one) for one in found.instances[:_MOST]]
    heads = ("Case", "Customer", "Region", "Status", "Stage", "Amount", "Last event")
    more = len(found.instances) - _MOST
    rest = [html.P(f"{more} more are not shown.", className="mute")] if more > 0 else []
    listed = table(heads, rows, "Cases that know the id")
    return PageBody("Which one?", html.Section([html.H1(heading), listed, *rest], className="card"))


def _row(reader: Handle, view: View, instance_id: str) -> list[Any]:
    detail = lookup.instance(reader, view.selection.dataset, instance_id)
    link = html.A(instance_id, href=view.to(f"/case/{instance_id}"), className="mono")
    if detail is None:
        return [link, "", "", "", "", "", ""]
    row = detail.row
    return [
        html.A(str(row.number), href=view.to(f"/case/{instance_id}"), className="mono"),
        words.number(row.customer), str(row.region), badge(words.sentence(row.status), row.status),
        words.sentence(row.stage), words.money(row.amount, row.currency),
        words.stamp(row.last_event_at, view.zone),
    ]  # fmt: skip


def not_found(any_id: str, view: View, heading: str = "") -> Any:
    """Says what was searched, and offers to search again."""
    dataset = view.selection.dataset
    box = html.Label(
        className="find wide", htmlFor="again", **attributes(data_go="1"),
        children=[
            icon("search"), html.Span("Another id", className="unseen"),
            dcc.Input(id="again", type="search", value=any_id, autoComplete="off",
                      placeholder="Any id"),
        ],
    )  # fmt: skip
    named = html.B(f"“{any_id}”", className="mono")
    searched = ", ".join(_SEARCHED)
    return html.Section(
        className="card notice",
        children=[
            html.H1(heading or "Nothing has this id"),
            html.P(["No case in the dataset ", html.B(dataset), " knows ", named, "."]),
            html.P(f"Searched: {searched}.", className="mute"),
            box,
            html.A("Look through all cases", href=view.to("/cases"), className="button quiet"),
        ],
    )  # fmt: skip


def _connect(app: Dash, reader: Handle) -> None:
    @app.server.get("/go/<path:any_id>")  # type: ignore[untyped-decorator]
    def go(any_id: str) -> Response:
        try:
            view = view_of(flask.request.full_path)
        except BadFilter as error:
            return flask.Response(f"{error}\n", 400, mimetype="text/plain")
        return flask.redirect(destination(reader, any_id, view), 302)


PAGE = Page("/choose", "Which one?", _render, connect=_connect)
