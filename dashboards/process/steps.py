"""What the pages of the process share: what counts as a step, and what stands where no case is."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.components import attributes
from dashboards.filters import PATH
from dashboards.view import View, view_of
from process_model import facets
from process_model.store import Handle
from process_model.vocabulary import LIVE


def all_events(view: View) -> list[Any]:
    """The switch between events that bear a stage and all; a log's own words know no stages."""
    if view.selection.dataset != LIVE:
        return []
    on = view.selection.path.all_events
    return [
        html.A(
            "All events", href=view.having(events="" if on else "all"), role="button",
            className="chip on" if on else "chip",
            title="Every event is a step, not only those that bear a stage",
            **attributes(aria_pressed="true" if on else "false"),
        )
    ]  # fmt: skip


def nothing(reader: Handle, view: View, path: str) -> Any:
    """What there is instead of the cases that the selection leaves out, and the way there."""
    reach = facets.extent(reader, view.selection.dataset)
    if reach.first is None or reach.last is None:
        said = f"Nothing has been received in {view.selection.dataset} yet, so nothing flows."
        way = html.A("How to import something", href=view.to("/datasets"))
    elif any(view.query.getlist(name) for name in PATH):
        said = "No case of this selection goes that way."
        way = html.A("Drop the path", href=view.having(**dict.fromkeys(PATH, "")))
    else:
        said = (
            f"There are {words.counted(reach.instances, 'case')} from "
            f"{words.stamp(reach.first, view.zone)} to {words.stamp(reach.last, view.zone)} "
            f"{view.zone}, none of them in this selection."
        )
        dataset = view.query.get("dataset", "")
        way = html.A("Look at all of them", href=view_of(path).having(dataset=dataset))
    return html.Section(
        [html.H2("No case to show"), html.P(said, className="mute"), way], className="card notice"
    )
