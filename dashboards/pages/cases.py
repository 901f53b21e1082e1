"""The list of cases: what is open, where it waits, what is past its deadline."""

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import dash_ag_grid as dag
import flask
from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html
from werkzeug.wrappers import Response

from dashboards import export, listing, words
from dashboards.components import attributes, icon
from dashboards.filters import BadFilter
from dashboards.listing import Listing
from dashboards.pages import Page, PageBody
from dashboards.view import View, view_of
from process_model import facets
from process_model.errors import StoreError
from process_model.facets import Choice
from process_model.store import Handle
from process_model.vocabulary import LIVE

_BLOCK = 100
_MOST_IDS = 10_000
_COLUMNS = (
    ("number", "Case", 124, "CaseLink"),
    ("customer", "Customer", 104, ""),
    ("region", "Region", 80, ""),
    ("stage_since", "Waits for", 142, "CaseStage"),
    ("status", "Status", 172, "CaseStatus"),
    ("amount", "Amount", 136, ""),
    ("stage_due", "Due", 104, "CaseDue"),
    ("opened_at", "Opened", 152, ""),
    ("last_event_at", "Last event", 152, ""),
)
_EVERY_COLUMN = {"resizable": True, "suppressMovable": True, "sortingOrder": ["desc", "asc"]}
_THEME = (
    "themeQuartz.withParams({fontFamily:'inherit',fontSize:13,rowHeight:34,headerHeight:38,cellHorizontalPadding:12,"
    "backgroundColor:'var(--card)',foregroundColor:'var(--fg)',borderColor:'var(--line)',"
    "headerBackgroundColor:'var(--card)',headerTextColor:'var(--mute)',accentColor:'var(--info)',"
    "headerFontWeight:600,wrapperBorderRadius:10,rowHoverColor:'var(--band)'})"
)


def _render(reader: Handle, view: View) -> PageBody:
    wanted = listing.listing_of(view)
    choices = wanted.choices(reader)
    total = wanted.page(reader, 1).total
    body: list[Any] = [_head(view), _narrowing(view, wanted, choices)]
    body.append(_grid(view, total) if total else _nothing(reader, view))
    return PageBody("Cases", body)


def _head(view: View) -> Any:
    return html.Div(
        className="title",
        children=[
            html.H1("Cases"),
            html.Span(id=_id("total", view), className="mute num", role="status"),
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


def _narrowing(view: View, wanted: Listing, choices: list[Choice]) -> Any:
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


def _grid(view: View, total: int) -> Any:
    sort, descending = listing.sort_of(view.query.get("sort", "") or listing.DEFAULT_SORT)
    columns = [_column(*column, view.zone) for column in _COLUMNS]
    for column in columns:
        if column["colId"] == sort:
            column["sort"] = "desc" if descending else "asc"
    return html.Div(
        className="cases-grid",
        style={"--rows": str(min(total, 60))},
        children=[
            dcc.Store(id=_id("query", view), data=view.here),
            dcc.Store(id=_id("listed", view)),
            html.Div(id=_id("trouble", view)),
            dag.AgGrid(
                id=_id("grid", view), rowModelType="infinite", columnDefs=columns,
                getRowId="params.data.instance_id", style={"height": "100%", "width": "100%"},
                defaultColDef=_EVERY_COLUMN,
                dashGridOptions={
                    "cacheBlockSize": _BLOCK, "maxBlocksInCache": 20, "rowBuffer": 20,
                    "maxConcurrentDatasourceRequests": 1,
                    "infiniteInitialRowCount": min(total, _BLOCK),
                    "ensureDomOrder": True, "suppressCellFocus": False, "tooltipShowDelay": 300,
                    "theme": {"function": _THEME}, "enableCellTextSelection": True,
                },
            ),
        ],
    )  # fmt: skip


def _column(field: str, name: str, width: int, renderer: str, zone: str) -> dict[str, Any]:
    head = f"{name} ({zone})" if field == "opened_at" else name
    column: dict[str, Any] = {
        "field": field, "colId": field, "headerName": head, "width": width,
        "sortable": True, "tooltipField": field,
    }  # fmt: skip
    if field == "amount":
        column |= {"type": "rightAligned"}
    if field == "number":
        column |= {"pinned": "left"}
    if field in ("customer", "last_event_at"):
        column |= {"flex": 1, "minWidth": width}
    return column | ({"cellRenderer": renderer} if renderer else {})


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
            _command(example),
            html.P("Or send the lives of forty-one orders, to look around:", className="mute"),
            _command(demo),
        ],
    )


def _command(text: str) -> Any:
    return html.Div(
        className="command",
        children=[
            html.Pre(text),
            html.Button(type="button", className="copy icon-copy",
                        **attributes(data_copy=text, aria_label="Copy the command")),
        ],
    )  # fmt: skip


def _id(kind: str, view: View) -> dict[str, str]:
    """Another selection is another grid: its rows are never mistaken for the old one's."""
    kept = [pair for pair in view.query.items(multi=True) if pair[0] != "sort"]
    return {"cases": kind, "of": sha256(repr(sorted(kept)).encode()).hexdigest()[:12]}


def _connect(app: Dash, reader: Handle) -> None:
    grid, total, trouble, query, listed = (
        {"cases": kind, "of": MATCH} for kind in ("grid", "total", "trouble", "query", "listed")
    )

    @app.callback(
        Output(grid, "getRowsResponse"), Output(total, "children"), Output(trouble, "children"),
        Output(listed, "data"),
        Input(grid, "getRowsRequest"), State(query, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def rows(request: dict[str, Any] | None, href: str) -> tuple[Any, Any, Any, Any]:
        return _rows(reader, request or {}, href)

    in_the_browser: Any = app.clientside_callback
    in_the_browser(ClientsideFunction("shell", "sorted"), Input(grid, "getRowsRequest"))
    in_the_browser(ClientsideFunction("list", "listed"), Input(listed, "data"))

    @app.server.get("/cases.csv")  # type: ignore[untyped-decorator]
    def csv() -> Response:
        return _exported(lambda wanted: export.csv(wanted, reader), "text/csv")

    @app.server.get("/cases.txt")  # type: ignore[untyped-decorator]
    def numbers() -> Response:
        return _exported(lambda wanted: export.numbers(wanted, reader, _MOST_IDS), "text/plain")


def _rows(reader: Handle, request: dict[str, Any], href: str) -> tuple[Any, Any, Any, Any]:
    begun = time.perf_counter()
    try:
        view = view_of(href)
        start = int(request.get("startRow") or 0)
        limit = min(max(int(request.get("endRow") or 0) - start, 1), _BLOCK)
        by = next(iter(request.get("sortModel") or []), None)
        sort = ("-" if by["sort"] == "desc" else "") + str(by["colId"]) if by else ""
        page = listing.listing_of(view).page(reader, limit, start, sort)
    except (StoreError, BadFilter) as error:
        return {"rowData": [], "rowCount": 0}, "", _trouble(str(error)), None
    now = view.selection.as_of or datetime.now(UTC)
    data = [listing.shown(row, view, now) for row in page.rows]
    took = words.duration(time.perf_counter() - begun)
    response = {"rowData": data, "rowCount": page.total}
    ids = {"start": start, "ids": [row.instance_id for row in page.rows]}
    return response, f"{words.counted(page.total, 'case')} · {took}", None, ids


def _trouble(text: str) -> Any:
    again = html.A("Try again", href="/cases", className="button", **attributes(data_reload="1"))
    return html.Div([html.P(f"The list could not be read: {text}"), again], className="trouble",
                    role="alert")  # fmt: skip


def _exported(write: Any, kind: str) -> Response:
    try:
        wanted = listing.listing_of(view_of(flask.request.full_path))
    except BadFilter as error:
        return flask.Response(f"{error}\n", 400, mimetype="text/plain")
    return flask.Response(write(wanted), mimetype=kind)


PAGE = Page("/cases", "Cases", _render, "list-details", order=50, key="c", connect=_connect)
