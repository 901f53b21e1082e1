"""The list of cases: what is open, where it waits, what is past its deadline."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from dashboards import words
from dashboards.filters import Query, selection_of
from process_model import lookup
from process_model.lookup import InstanceRow
from process_model.store import Handle
from process_model.vocabulary import LIVE

_AT_ONCE = 200


def body(reader: Handle, query: Query) -> Any:
    """The list that the query selects."""
    selection = selection_of(query)
    page = lookup.instances_page(
        reader,
        selection,
        query=query.get("q", ""),
        status=query.getlist("status"),
        stage=query.getlist("stage"),
        past_due=True if query.get("past_due", "") else None,
        limit=_AT_ONCE,
    )
    title = html.Div(
        className="title",
        children=[html.H1("Cases"), html.Span(f"{page.total:,} cases", className="mute num")],
    )
    return [title, _table(page.rows) if page.rows else _nothing()]


def _nothing() -> Any:
    return html.Section(
        className="card notice",
        children=[
            html.H2("No cases here"),
            html.P("Nothing in this period and selection. Send events to the door, or widen it."),
            dcc.Link("Show all cases", href="/cases"),
        ],
    )


def _table(rows: list[InstanceRow]) -> Any:
    heads = (
        "Case",
        "Customer",
        "Region",
        "Stage",
        "Status",
        "Amount",
        "Due",
        "Opened",
        "Last event",
    )
    return html.Div(
        className="card table",
        children=html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody([_row(row) for row in rows]),
            ]
        ),
    )


def _row(row: InstanceRow) -> Any:
    return html.Tr(
        [
            html.Td(dcc.Link(str(row.number), href=path(row.dataset, row.instance_id))),
            html.Td(row.customer.rsplit(":", 1)[-1]),
            html.Td(str(row.region)),
            html.Td(words.sentence(row.stage)),
            html.Td(_status(row)),
            html.Td(words.money(row.amount, row.currency), className="num right"),
            html.Td(_due(row), className="num"),
            html.Td(words.moment(row.opened_at), className="num"),
            html.Td(words.moment(row.last_event_at), className="num"),
        ]
    )


def _status(row: InstanceRow) -> Any:
    marks = [html.Span(str(row.status), className=f"badge {row.status}")]
    if row.has_failure:
        marks.append(html.Span("failed once", className="badge failure"))
    return marks


def _due(row: InstanceRow) -> str | html.Span:
    if row.stage_due is None:
        return ""
    if row.past_due:
        late = words.between(row.stage_due, datetime.now(UTC))
        return html.Span(f"{late} past due", className="bad")
    return f"in {words.between(datetime.now(UTC), row.stage_due)}"


def path(dataset: str, instance_id: str) -> str:
    """The URL of a case."""
    kept = "" if dataset == LIVE else f"?dataset={quote(dataset)}"
    return f"/case/{quote(instance_id, safe=':')}{kept}"
