"""One case: its documents, its folded timeline, what was late or failed, and the proof."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from dash import html

from dashboards.cards import Case
from dashboards.cards.head import head
from dashboards.cards.lanes import timeline
from dashboards.cards.records import (
    events_card,
    exceptions_card,
    links_card,
    logs_card,
    syncs_card,
)
from dashboards.cards.story import story
from dashboards.cards.times import spent_card, stages_card
from dashboards.cards.trouble import failure_card, unusual_card
from dashboards.components import attributes
from dashboards.pages import Page, PageBody
from dashboards.pages.choose import not_found
from dashboards.view import View
from process_model import lookup
from process_model.lookup import InstanceDetail
from process_model.store import Handle

_PATH = "/case/"


def _render(reader: Handle, view: View) -> PageBody:
    chosen = view.selection
    detail = _told(reader, view)
    if detail is None:
        wanted = unquote(view.path.removeprefix(_PATH))
        return PageBody("Not found", not_found(wanted, view, "There is no such case"))
    case = Case(
        view=view,
        detail=detail,
        spans=lookup.spans_of(reader, detail.trace_ids),
        logs=lookup.logs_of(reader, detail.trace_ids),
        now=chosen.as_of or datetime.now(UTC),
    )
    return PageBody(str(detail.row.number), _body(reader, case))


def _told(reader: Handle, view: View) -> InstanceDetail | None:
    """The case of the path; some who write links encode the id, which is URL-safe, once more."""
    written = view.path.removeprefix(_PATH)
    for instance_id in dict.fromkeys((written, unquote(written))):
        chosen = view.selection
        detail = lookup.instance(reader, chosen.dataset, instance_id, as_of=chosen.as_of)
        if detail is not None:
            return detail
    return None


def _body(reader: Handle, case: Case) -> list[Any]:
    return [
        *head(case),
        html.Section([_switch(case), timeline(case), story(case)], className="card", id="timeline"),
        html.Div(
            [spent_card(case), *failure_card(reader, case), unusual_card(case)], className="columns"
        ),
        stages_card(case),
        *exceptions_card(case),
        *syncs_card(case),
        events_card(case),
        *links_card(case),
        *logs_card(case),
    ]


def _switch(case: Case) -> Any:
    fold = case.view.query.get("axis", "fold") != "true"
    return html.Div(
        className="switch",
        children=[
            html.H2("What happened"),
            html.Div(
                className="segmented wide-only",
                role="group",
                children=[
                    _side("Fold idle time", case.view.having(axis=""), fold),
                    _side("True scale", case.view.having(axis="true"), not fold),
                ],
                **attributes(aria_label="Scale of the time axis"),
            ),
        ],
    )


def _side(label: str, href: str, on: bool) -> Any:
    current = attributes(aria_current="true") if on else {}
    return html.A(label, href=href, className="on" if on else "", **current)


PAGE = Page(_PATH, "Case", _render)
