"""One case: its documents, its folded timeline, its stages and the proof of every link."""

from typing import Any

from dash import dcc, html

from dashboards import words
from dashboards.filters import Query, selection_of
from dashboards.pages import notice
from dashboards.pages.cases import path
from dashboards.pages.lanes import timeline
from process_model import lookup
from process_model.events import ObjectRef
from process_model.lookup import InstanceDetail, LinkRow, StageRow, TimelineEvent
from process_model.store import Handle

_FLOW = ("opportunity", "quote", "contract", "order", "delivery", "invoice", "payment")


def page(reader: Handle, instance_id: str, query: Query) -> tuple[str, Any]:
    """Title and body; a case that is not there says so."""
    selection = selection_of(query)
    detail = lookup.instance(reader, selection.dataset, instance_id, as_of=selection.as_of)
    if detail is None:
        text = f"{selection.dataset} has no case {instance_id}; it may be known by another id."
        return "Not found", notice("No such case", text)
    spans = lookup.spans_of(reader, detail.trace_ids)
    fold = query.get("axis", "fold") != "true"
    here = path(detail.row.dataset, detail.row.instance_id)
    return detail.row.number, [
        _header(detail),
        html.Section(
            className="card", children=[_switch(here, fold), timeline(detail, spans, fold)]
        ),
        html.Div(className="columns", children=[_stages(detail.stages), _facts(detail)]),
        _events(detail.events),
        _links(detail.links),
    ]


def _header(detail: InstanceDetail) -> Any:
    row = detail.row
    about = [row.customer.rsplit(":", 1)[-1], row.region, words.money(row.amount, row.currency)]
    chain = sorted(
        (entry for entry in detail.objects if entry.type in _FLOW),
        key=lambda entry: (_FLOW.index(entry.type), entry.key),
    )
    return html.Header(
        className="case-header",
        children=[
            html.Div(
                className="title",
                children=[
                    html.H1(["Case ", html.Span(str(row.number), className="mono")]),
                    html.Span(str(row.status), className=f"badge {row.status}"),
                    html.Span(" · ".join(str(part) for part in about if part), className="mute"),
                ],
            ),
            html.Ol(
                className="chain",
                children=[
                    html.Li([html.Small(words.sentence(one.type)), html.Span(str(one.number))])
                    for one in chain
                ],
            ),
        ],
    )


def _switch(here: str, fold: bool) -> Any:
    joint = "&" if "?" in here else "?"
    return html.Div(
        className="switch",
        children=[
            html.H2("Timeline"),
            dcc.Link("Fold idle time", href=here, className="on" if fold else ""),
            dcc.Link("True scale", href=f"{here}{joint}axis=true", className="" if fold else "on"),
        ],
    )


def _card(title: str, body: Any) -> Any:
    return html.Section(className="card", children=[html.H2(title), body])


def _table(heads: tuple[str, ...], rows: list[list[Any]]) -> Any:
    return html.Div(
        className="table",
        children=html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
            ]
        ),
    )


def _stages(stages: list[StageRow]) -> Any:
    rows = [
        [
            words.sentence(one.name),
            _number(one.object),
            str(one.state),
            words.between(one.entered_at, one.completed_at) if one.completed_at else "",
            f"{words.moment(one.due_at)} ({one.due_from})" if one.due_at else "",
        ]
        for one in stages
    ]
    return _card("Stages", _table(("Stage", "Object", "State", "Took", "Due"), rows))


def _facts(detail: InstanceDetail) -> Any:
    said = [html.Li(str(text)) for text in detail.deviations]
    return _card("What was unusual", html.Ul(said) if said else html.P("Nothing was."))


def _events(events: list[TimelineEvent]) -> Any:
    rows = [
        [
            html.Span(words.moment(one.event.event_time), className="num"),
            words.sentence(one.event.activity),
            _number(one.event.subject),
            str(one.event.source),
            str(one.event.outcome),
            html.Details([html.Summary("payload"), html.Pre(str(one.event.data))]),
        ]
        for one in events
    ]
    heads = ("Time", "Event", "Object", "Source", "Outcome", "")
    return _card("Events", _table(heads, rows))


def _links(links: list[LinkRow]) -> Any:
    rows = [
        [
            _number(one.from_key),
            f"{one.kind} →",
            _number(one.to_key),
            one.evidence,
            one.basis,
            f"{one.proof_source} {one.proof_id}",
        ]
        for one in links
    ]
    return _card(
        "Links and their proof", _table(("From", "", "To", "Evidence", "By", "Proof"), rows)
    )


def _number(key: str) -> str:
    if not key:
        return ""
    thing = ObjectRef.of(key)
    return f"{thing.type.replace('_', ' ')} {thing.id}"
