"""Datasets: what is there beside the running estate, how more comes, and how one goes."""

from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash import State as Given

from dashboards import words
from dashboards.components import attributes, badge, card, command, icon, table
from dashboards.data import given
from dashboards.pages import Page, PageBody
from dashboards.view import View, view_of
from process_model.datasets import Dataset, datasets
from process_model.errands import DELETE_DATASET
from process_model.errors import StoreError
from process_model.state import Request
from process_model.store import Handle
from process_model.vocabulary import LIVE

_REFRESH_MILLISECONDS = 5_000
_ASK_MILLISECONDS = 1_000


def _render(reader: Handle, view: View) -> PageBody:
    found = datasets(reader)
    wanted = view.query.get("delete", "")
    body = [
        html.Header(html.H1("Datasets"), className="title"),
        dcc.Store(id="datasets-of", data=view.here),
        dcc.Interval(id="datasets-again", interval=_REFRESH_MILLISECONDS),
        *([_confirmation(view, found, wanted)] if wanted else []),
        html.Div(_list(view, found), id="datasets-list"),
        _how_to_import(),
    ]
    return PageBody("Datasets", body)


def _list(view: View, found: list[Dataset]) -> Any:
    if not found:
        text = "Nothing was sent and nothing was imported yet."
        return html.Section([html.H2("No datasets"), html.P(text)], className="card notice")
    heads = (
        "Dataset", "Words", "Events", "Cases", f"From and to ({view.zone})",
        f"Imported from, at ({view.zone})", "Rejected", "",
    )  # fmt: skip
    going = _asked_for()
    note = (
        f"Every page looks at one dataset; the picker in the bar chooses it. {LIVE} is the running "
        "estate; what is imported stays apart from it, in its own words."
    )
    return card(
        "What there is",
        html.P(note, className="mute small"),
        table(heads, [_row(view, one, going) for one in found], "Datasets"),
    )


def _row(view: View, one: Dataset, going: set[str]) -> list[Any]:
    return [
        html.A(str(one.name), href=_looking_at(view, one.name, "/cases"), className="mono"),
        [_words_of(one), *([" ", badge("unfinished", "failure")] if one.unfinished else [])],
        html.Span(f"{one.events:,}", className="num"),
        html.Span(f"{one.instances:,}", className="num"),
        _stacked(_at(one.first_event_at, view), _at(one.last_event_at, view)),
        _stacked(_files(one), _at(one.imported_at, view) if one.imported_at else ""),
        html.Span(f"{one.rejected:,}", className="num"),
        _actions(view, one, going),
    ]


def _words_of(one: Dataset) -> str:
    if one.name == LIVE:
        return "the canon"
    if one.leading_type:
        return "its own" + (f"; a case is one {led}" if (led := one.leading_type) != "case" else "")
    return "mapped to the canon" if one.is_mapped else "the canon"


def _at(moment: datetime | None, view: View) -> str:
    return words.stamp(moment, view.zone) if moment else "–"


def _stacked(above: Any, below: str) -> Any:
    parts = [above if not isinstance(above, str) else html.Span(above)]
    return html.Span([*parts, *([html.Span(below)] if below else [])], className="stacked num")


def _files(one: Dataset) -> Any:
    if not one.files:
        return html.Span("sent to the doors" if one.name == LIVE else "–", className="mute")
    first, more = one.files[0], len(one.files) - 1
    rest = [html.Span(f" and {more:,} more", className="mute")] if more else []
    return html.Span([str(first), *rest], title="\n".join(one.files))


def _actions(view: View, one: Dataset, going: set[str]) -> Any:
    if one.name in going:
        return badge("is being deleted", "withdrawn")
    links: list[Any] = [html.A("Map", href=_looking_at(view, one.name, "/process"))]
    if one.name != LIVE:
        delete = html.A(
            "Delete …", href=view.having(delete=one.name),
            **attributes(aria_label=f"Delete the dataset {one.name}"),
        )  # fmt: skip
        links += [" · ", delete]
    return html.Span(links)


def _looking_at(view: View, name: str, path: str) -> str:
    """A page that looks at the dataset; the other choices belong to the one looked at now."""
    zone = view.query.get("tz", "")
    bare = view_of(path)
    return bare.having(dataset="" if name == LIVE else name, tz=zone)


def _confirmation(view: View, found: list[Dataset], wanted: str) -> Any:
    named = {one.name: one for one in found}
    back = html.A("Keep it", href=view.having(delete=""), className="button quiet")
    if wanted == LIVE or wanted not in named:
        said = (
            f"{LIVE} is the running estate itself; it is not deleted."
            if wanted == LIVE
            else f"There is no dataset {wanted}; it may be deleted already."
        )
        return html.Section([html.P(said), back], className="card confirm", id="datasets-confirm")
    if given().state is None:
        said = "Pages may only look here. On the machine that holds the store, run:"
        line = command(f"throughline datasets --delete {wanted}")
        return html.Section([html.P(said), line, back], className="card", id="datasets-confirm")
    one = named[wanted]
    events, cases = words.counted(one.events, "event"), words.counted(one.instances, "case")
    return html.Section(
        [
            html.H2(f"Delete the dataset {wanted}?"),
            html.P(
                f"Its {events} and {cases} go, with everything that was worked out from them, "
                f"for everybody. This cannot be undone. {_way_back(one)}"
            ),
            dcc.Store(id="datasets-wanted", data=wanted),
            html.Div(
                [
                    html.Button(f"Delete {wanted} for good", id="datasets-delete", type="button",
                                className="button danger"),
                    back,
                ],
                className="actions start",
            ),
        ],
        className="card confirm", id="datasets-confirm", role="group",
        **attributes(aria_label=f"Delete the dataset {wanted}"),
    )  # fmt: skip


def _way_back(one: Dataset) -> str:
    if one.files:
        return f"Only importing {', '.join(map(str, one.files))} again would bring it back."
    return "It was not imported from a file, so no file brings it back."


def _asked_for() -> set[str]:
    """The datasets whose deletion was asked for and is not done yet."""
    state = given().state
    open_ = state.requests(DELETE_DATASET) if state else []
    return {str(request.payload["dataset"]) for request in open_}


def _how_to_import() -> Any:
    steps = (
        ("See how a log would be understood, and store nothing:",
         "throughline import log.xes --dry-run"),
        ("Import it into a dataset named after the file; the program may run meanwhile:",
         "throughline import log.xes"),
        ("Or translate it into events of the running estate:",
         f"throughline import log.csv --into {LIVE} --map mapping.toml"),
    )  # fmt: skip
    told = [part for text, line in steps for part in (html.P(text, className="mute"),
                                                      command(line))]  # fmt: skip
    note = html.P(
        "CSV, Parquet, XES, OCEL 1.0 and 2.0, CloudEvents, OTLP dumps and SAP order-to-cash tables "
        "are read. Importing the same file again adds nothing. Run the command where the program "
        "runs, with the same settings.",
        className="mute small",
    )
    return card("Import a log", *told, note)


def _connect(app: Dash, reader: Handle) -> None:
    @app.callback(
        Output("datasets-list", "children"),
        Input("datasets-again", "n_intervals"), Given("datasets-of", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def refresh(_again: int, href: str) -> Any:
        return _list(view_of(href), datasets(reader))

    @app.callback(
        Output("datasets-confirm", "children"),
        Input("datasets-delete", "n_clicks"), Given("datasets-wanted", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def delete(_clicks: int, name: str) -> Any:
        state = given().state
        if state is None or name == LIVE:
            return html.P("Nothing was asked for.")
        try:
            asked = state.request(DELETE_DATASET, {"dataset": name})
        except StoreError as error:
            return html.P(f"It could not be asked for: {error}", className="bad")
        return [
            html.Div(html.P(_going(name)), id="datasets-outcome", role="status"),
            dcc.Store(id="datasets-asked", data=asked),
            dcc.Interval(id="datasets-poll", interval=_ASK_MILLISECONDS),
        ]

    @app.callback(
        Output("datasets-outcome", "children"), Output("datasets-poll", "disabled"),
        Output("datasets-list", "children", allow_duplicate=True),
        Input("datasets-poll", "n_intervals"),
        Given("datasets-asked", "data"), Given("datasets-of", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def tell(_again: int, asked: str, href: str) -> Any:
        view = view_of(href)
        request, outcome = _outcome(asked)
        name = str(request.payload["dataset"]) if request else ""
        shown = _list(view, datasets(reader))
        if request is None or outcome == "open":
            return html.P(_going(name)), False, shown
        elsewhere = {"dataset": ""} if name == view.selection.dataset else {}
        back = html.A("All datasets", href=view.having(delete="", **elsewhere))
        kind = "bad" if outcome == "failed" else ""
        said = request.answer[:1].upper() + request.answer[1:]
        return html.P([said, ". ", back], className=kind), True, shown


def _outcome(asked: str) -> tuple[Request | None, str]:
    state = given().state
    for outcome in ("done", "failed", "open"):
        for request in state.requests(DELETE_DATASET, outcome) if state else []:
            if request.id == asked:
                return request, outcome
    return None, "open"


def _going(name: str) -> Any:
    return [icon("hourglass"), f" {name} is being deleted; this page says when it is done."]


PAGE = Page("/datasets", "Datasets", _render, icon="database", order=60, key="i", connect=_connect)
