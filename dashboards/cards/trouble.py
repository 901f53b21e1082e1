"""What was unusual in a case, and what failed: which error, and who else met it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import card
from process_model import facets
from process_model.events import utc_text
from process_model.lookup import TimelineEvent
from process_model.mining.conformance import deviations_of_case
from process_model.store import Handle

AROUND = timedelta(hours=1)
"""How far around a failure the same error elsewhere is taken for the same trouble."""

_MOST = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """The failures of one class in a case."""

    error_type: str
    events: list[TimelineEvent]

    @property
    def first(self) -> datetime:
        """When it first failed."""
        return self.events[0].event.event_time

    @property
    def last(self) -> datetime:
        """When it last failed."""
        return self.events[-1].event.event_time


def unusual_card(case: Case) -> Any:
    """The deviations from the straight path, in words."""
    said = [html.Li(_spoken(text)) for text in deviations_of_case(case.detail)]
    nothing = html.P("Nothing: every step once, none skipped, none failed.", className="mute")
    return card("What was unusual", html.Ul(said) if said else nothing)


def _spoken(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{words.sentence(first)} {rest}".rstrip() + "."


def failures_of(case: Case) -> list[Failure]:
    """What failed, by error class, the first first."""
    gathered: dict[str, list[TimelineEvent]] = {}
    for entry in case.detail.events:
        if entry.event.outcome == "failure":
            gathered.setdefault(entry.event.error_type, []).append(entry)
    return [Failure(error_type, events) for error_type, events in gathered.items()]


def failure_card(reader: Handle, case: Case) -> list[Any]:
    """One card when something failed, none otherwise."""
    failures = failures_of(case)
    if not failures:
        return []
    parts = [part for one in failures[:_MOST] for part in _failure(reader, case, one)]
    return [card("What failed", *parts, *_healed(case), kind="failure")]


def _failure(reader: Handle, case: Case, one: Failure) -> list[Any]:
    event = one.events[0].event
    times = "" if len(one.events) == 1 else f", {len(one.events)} times in all"
    text = (
        f"{words.sentence(event.activity)} at {words.moment(one.first, case.zone)} in "
        f"{words.system(event.source)}{times}."
    )
    named = html.B(one.error_type or "no error class given", className="mono")
    lines = [html.P([html.Span("✕ ", className="bad"), named]), html.P(text)]
    return [*lines, *_message(case, one), *_elsewhere(reader, case, one)]


def _message(case: Case, one: Failure) -> list[Any]:
    traces = {entry.event.trace_id for entry in one.events if entry.event.trace_id}
    near = [
        span for span in case.spans
        if span.status.lower().endswith("error") and span.status_message
        and (span.trace_id in traces or span.attributes.get("error.type") == one.error_type)
    ]  # fmt: skip
    if not near:
        return []
    deepest = near[-1]
    return [html.P([f"{deepest.service} said: ", html.Q(str(deepest.status_message))])]


def _elsewhere(reader: Handle, case: Case, one: Failure) -> list[Any]:
    if not one.error_type:
        return []
    since, until = one.first - AROUND, one.last + AROUND
    dataset = case.view.selection.dataset
    met = facets.instances_with_error(reader, dataset, one.error_type, since, until)
    others = max(met - 1, 0)
    if not others:
        return [html.P("No other case met this error within an hour of it.", className="mute")]
    href = case.view.to(
        "/cases", since=utc_text(since), until=utc_text(until), error_type=one.error_type
    )
    text = f"{words.counted(others, 'other case')} met the same error within an hour of it."
    return [html.P([f"{text} ", html.A("See them all", href=href)])]


def _healed(case: Case) -> list[Any]:
    lines = []
    for sync in case.detail.syncs:
        if not sync.failures:
            continue
        thing = words.sentence(words.titled(sync.object))
        if sync.first_success_at is None:
            lines.append(f"{thing} has not reached {sync.to_system} yet.")
        else:
            after = words.between(sync.obliged_at, sync.first_success_at)
            lines.append(f"{thing} reached {sync.to_system} after {after}.")
    return [html.P(line, className="mute") for line in lines[:_MOST]]
