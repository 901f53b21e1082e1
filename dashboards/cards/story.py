"""The events of a case one under the other, with the waits between: the timeline of a phone."""

from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import attributes
from dashboards.theme import hue
from process_model.lookup import TimelineEvent

_WORTH_SAYING = 60.0


def story(case: Case) -> Any:
    """A list that needs no width; shown where the timeline is not."""
    items: list[Any] = []
    before: TimelineEvent | None = None
    for entry in case.detail.events:
        if before is not None:
            items += _gap(before, entry)
        items.append(_item(entry, case))
        before = entry
    if case.detail.row.status == "open" and before is not None:
        waits = words.between(before.event.event_time, case.until)
        items.append(html.Li(f"{waits} until now", className="gap"))
    return html.Ol(items, className="story narrow-only", **attributes(aria_label="Events in order"))


def _gap(before: TimelineEvent, after: TimelineEvent) -> list[Any]:
    seconds = (after.event.event_time - before.event.event_time).total_seconds()
    if seconds < _WORTH_SAYING:
        return []
    return [html.Li(f"{words.duration(seconds)} later", className="gap")]


def _item(entry: TimelineEvent, case: Case) -> Any:
    event = entry.event
    failed = event.outcome == "failure"
    about = [words.moment(event.event_time, case.zone), words.system(event.source)]
    if failed:
        about.append(f"failed: {event.error_type or 'no reason given'}")
    return html.Li(
        className=f"{hue(event.source)} failed" if failed else hue(event.source),
        children=[
            html.B(words.sentence(event.activity)),
            html.Span(words.titled(event.subject), className="mono"),
            html.Small(" · ".join(str(part) for part in about)),
        ],
    )
