"""Any id leads to its case: the resolver's redirect, and the choice when it fits several."""

from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html

from dashboards.filters import Query
from process_model import lookup
from process_model.store import Handle
from process_model.vocabulary import LIVE


def destination(reader: Handle, any_id: str, query: Query) -> str:
    """The path of the only case that knows the id, else of the page that offers several or none."""
    dataset = query.get("dataset", "") or LIVE
    found = lookup.resolve(reader, dataset, any_id)
    if len(found.instances) == 1:
        kept = "" if dataset == LIVE else "?" + urlencode({"dataset": dataset})
        return f"/case/{quote(found.instances[0], safe=':')}{kept}"
    return "/choose?" + urlencode({"id": any_id, "dataset": dataset})


def choice(reader: Handle, query: Query) -> Any:
    """The cases that an id fits, or that there is none."""
    any_id, dataset = query.get("id", ""), query.get("dataset", "") or LIVE
    found = lookup.resolve(reader, dataset, any_id)
    if not found.instances:
        text = f"No case in {dataset} knows “{any_id}” as an id of a document, event or trace."
        rest = [html.P(text), dcc.Link("Look through all cases", href="/cases")]
        return html.Section(className="card notice", children=[html.H1("Not found"), *rest])
    links = [
        html.Li(dcc.Link(str(one), href=f"/case/{quote(one, safe=':')}", className="mono"))
        for one in found.instances
    ]
    heading = f"{len(links)} cases know “{any_id}” as {found.matched_as}"
    return html.Section(className="card", children=[html.H1(heading), html.Ul(links)])
