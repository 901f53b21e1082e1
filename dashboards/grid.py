"""The grid of cases: its columns, and the rows it asks for block by block."""

import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import dash_ag_grid as dag
from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboards import listing, words
from dashboards.components import attributes
from dashboards.filters import BadFilter
from dashboards.view import View, view_of
from process_model.errors import StoreError
from process_model.mining.miner import MiningError
from process_model.store import Handle

_BLOCK = 100
_COLUMNS = (
    ("number", "Case", 122, "CaseLink"),
    ("customer", "Customer", 108, ""),
    ("region", "Region", 76, ""),
    ("stage_since", "Waits for", 162, "CaseStage"),
    ("status", "Status", 166, "CaseStatus"),
    ("amount", "Amount", 142, ""),
    ("stage_due", "Due", 104, "CaseDue"),
    ("opened_at", "Opened", 149, ""),
    ("last_event_at", "Last event", 149, ""),
)
_EVERY_COLUMN = {"resizable": True, "suppressMovable": True, "sortingOrder": ["desc", "asc"]}
_THEME = (
    "themeQuartz.withParams({fontFamily:'inherit',fontSize:13,rowHeight:34,headerHeight:38,"
    "cellHorizontalPadding:12,"
    "backgroundColor:'var(--card)',foregroundColor:'var(--fg)',borderColor:'var(--line)',"
    "headerBackgroundColor:'var(--card)',headerTextColor:'var(--mute)',accentColor:'var(--info)',"
    "headerFontWeight:600,wrapperBorderRadius:10,rowHoverColor:'var(--band)'})"
)


def grid(view: View, total: int) -> Any:
    """The grid of so many cases; the browser asks for the rows it shows."""
    sort, descending = listing.sort_of(view.query.get("sort", "") or listing.DEFAULT_SORT)
    columns = [_column(*column, view.zone) for column in _COLUMNS]
    for column in columns:
        if column["colId"] == sort:
            column["sort"] = "desc" if descending else "asc"
    return html.Div(
        className="cases-grid",
        style={"--rows": str(min(total, 60))},
        children=[
            dcc.Store(id=part("query", view), data=view.here),
            dcc.Store(id=part("listed", view)),
            html.Div(id=part("trouble", view)),
            dag.AgGrid(
                id=part("grid", view), rowModelType="infinite", columnDefs=columns,
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


def part(kind: str, view: View) -> dict[str, str]:
    """The id of a part: another selection is another grid, whose rows are never mistaken."""
    kept = [pair for pair in view.query.items(multi=True) if pair[0] != "sort"]
    return {"cases": kind, "of": sha256(repr(sorted(kept)).encode()).hexdigest()[:12]}


def connect(app: Dash, reader: Handle) -> None:
    """Add the callbacks of the grid, once."""
    rows_of, total, trouble, query, listed = (
        {"cases": kind, "of": MATCH} for kind in ("grid", "total", "trouble", "query", "listed")
    )

    @app.callback(
        Output(rows_of, "getRowsResponse"), Output(total, "children"), Output(trouble, "children"),
        Output(listed, "data"),
        Input(rows_of, "getRowsRequest"), State(query, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def rows(request: dict[str, Any] | None, href: str) -> tuple[Any, Any, Any, Any]:
        return _rows(reader, request or {}, href)

    in_the_browser: Any = app.clientside_callback
    in_the_browser(ClientsideFunction("shell", "sorted"), Input(rows_of, "getRowsRequest"))
    in_the_browser(ClientsideFunction("list", "listed"), Input(listed, "data"))


def _rows(reader: Handle, request: dict[str, Any], href: str) -> tuple[Any, Any, Any, Any]:
    begun = time.perf_counter()
    try:
        view = view_of(href)
        start = int(request.get("startRow") or 0)
        limit = min(max(int(request.get("endRow") or 0) - start, 1), _BLOCK)
        by = next(iter(request.get("sortModel") or []), None)
        sort = ("-" if by["sort"] == "desc" else "") + str(by["colId"]) if by else ""
        page = listing.listing_of(view).page(reader, limit, start, sort)
    except (StoreError, MiningError, BadFilter) as error:
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
