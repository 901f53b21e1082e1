"""Conformance: which cases were handled otherwise than the model has it, how many, for how much."""

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html

from dashboards import words
from dashboards.components import attributes, badge, card, table
from dashboards.data import given
from dashboards.overview.spark import sparkline
from dashboards.overview.stops import worth_text
from dashboards.pages import Page, PageBody
from dashboards.process.conforming import NAME, conforming, key_of, model_name
from dashboards.process.steps import all_events, nothing
from dashboards.process.ways import percent
from dashboards.view import View, view_of
from process_model import own_words
from process_model.errors import StoreError
from process_model.mining.conformance import Conformance, Deviation
from process_model.mining.miner import MiningError
from process_model.mining.models import REFERENCE, names
from process_model.store import Handle

_KINDS = {
    "skipped": "left out", "out_of_order": "out of order", "not_in_model": "not in the model",
}  # fmt: skip
_ORANGE = "#D2560E"


def _render(_reader: Handle, view: View) -> PageBody:
    return PageBody(
        "Conformance",
        [
            html.Header([html.H1("Conformance"), *_models(view), *all_events(view)],
                        className="title"),
            dcc.Store(id="conformance-of", data=view.here),
            html.Div(
                [
                    html.P("The cases are held against the model; the first time after a start "
                           "takes some seconds.", className="mute small"),
                    dmc.Skeleton(height=96), dmc.Skeleton(height=320, mt="sm"),
                ],
                id="conformance-found", role="status",
            ),
        ],
    )  # fmt: skip


def _models(view: View) -> list[Any]:
    """The models there are; the reference alone needs no choice."""
    offered = names(given().model)
    here = model_name(view)
    if len(offered) < 2:
        return [html.Span("against the reference process", className="mute small")]
    return [
        html.Div(
            [
                html.A(
                    "Reference process" if name == REFERENCE else name,
                    href=view.having(model="" if name == REFERENCE else name),
                    className="on" if name == here else "",
                    **(attributes(aria_current="true") if name == here else {}),
                )
                for name in offered
            ],
            className="segmented", role="group", **attributes(aria_label="Model"),
        )
    ]  # fmt: skip


def _shown(reader: Handle, view: View) -> Any:
    dataset = view.selection.dataset
    own = bool(own_words.leading_type(reader, dataset))
    if model_name(view) == REFERENCE and own:
        return _other_words(dataset)
    found = conforming(reader, view, given())
    if not found.instances and not found.unjudged:
        return nothing(reader, view, "/conformance")
    return [_figures(found), _deviations(view, found, own=own)]


def _other_words(dataset: str) -> Any:
    return html.Section(
        [
            html.H2("Unmeasured: this log has its own words"),
            html.P(
                f"The reference process speaks of quotes, orders and invoices; {dataset} does not. "
                "Name a BPMN model of your own in its words, and its cases are held against it:",
                className="mute",
            ),
            html.Pre('[model.models]\nmine = "models/mine.bpmn"', className="mono"),
        ],
        className="card notice left",
    )


def _figures(found: Conformance) -> Any:
    kept = percent(found.fitting / found.instances) if found.instances else "–"
    fitness = "unmeasured" if found.fitness is None else f"{found.fitness:.4f}"
    tiles = [
        ("Cases that keep to the model", kept, f"{found.fitting:,} of {found.instances:,} judged"),
        ("Fitness", fitness, "no case is through yet" if found.fitness is None
         else "mean over cases that are through; 1 fits"),
        ("Deviations", f"{len(found.deviations):,}", "kinds of them, below"),
    ]  # fmt: skip
    if found.unjudged:
        tiles.append(("Not judged", f"{found.unjudged:,}", "cases whose way took too long to fit"))
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(name, className="name"),
                    html.Strong(value, className="value num"),
                    html.Small(note, className="num"),
                ],
                className="card tile",
            )
            for name, value, note in tiles
        ],
        className="tiles",
    )


def _deviations(view: View, found: Conformance, *, own: bool) -> Any:
    if not found.deviations:
        text = "Every case that was judged keeps to the model."
        return html.Section([html.H2("No deviation"), html.P(text)], className="card notice")
    heads = ("What was done otherwise", "Kind", "Cases", "Of all", "Money of these cases",
             "By week of their beginning", "")  # fmt: skip
    rows = [_row(view, one, own=own) for one in found.deviations]
    note = (
        "A case that is not through is judged by what happened so far: what may still come is not "
        "missing."
    )
    return card(
        "Deviations", html.P(note, className="mute small"), table(heads, rows, "Deviations")
    )


def _row(view: View, one: Deviation, *, own: bool) -> list[Any]:
    weeks = [cases for _, cases in one.weeks]
    picture = sparkline([float(cases) for cases in weeks], _ORANGE)
    last = f"{weeks[-1]:,} in the last week" if weeks else ""
    trend = [html.Img(src=picture, alt=_told(one), className="trend")] if picture else []
    return [
        html.B(one.rule.text),
        badge(_KINDS[one.rule.kind]),
        html.Span(f"{one.instances:,}", className="num"),
        html.Span(percent(one.share), className="num"),
        html.Span(worth_text([one.worth]), className="num"),
        html.Span([*trend, html.Small(last, className="mute num")], className="trending"),
        html.A(f"See {words.counted(one.instances, 'case')}", href=_cases(view, one, own=own)),
    ]


def _told(one: Deviation) -> str:
    return "Cases a week: " + ", ".join(f"{week:%d %b} {cases:,}" for week, cases in one.weeks[-6:])


def _cases(view: View, one: Deviation, *, own: bool) -> str:
    named = {NAME: key_of(one), "model": view.query.get("model", "")}
    # only a case that is through can have left out what nothing came after; a log in its own
    # words knows no status, and all its cases are taken as through
    if one.rule.kind == "skipped" and not one.rule.other and not own:
        named["status"] = "completed"
    return view.to("/cases", **named)


def _connect(app: Dash, reader: Handle) -> None:
    @app.callback(Output("conformance-found", "children"), Input("conformance-of", "data"))
    def tell(href: str) -> Any:
        try:
            return _shown(reader, view_of(href))
        except (MiningError, StoreError) as error:
            again = html.A("Try again", href=href, className="button",
                           **attributes(data_reload="1"))  # fmt: skip
            said = html.P(f"The cases could not be held against the model: {error}")
            return html.Section([said, again], className="card trouble", role="alert")


PAGE = Page(
    "/conformance", "Conformance", _render, icon="shield-check", order=5, key="r",
    connect=_connect,
)  # fmt: skip
