"""The records behind a case: events, links with proof, exceptions, hand-overs, logs."""

import json
from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import attributes, badge, card, copyable, table
from process_model.lookup import ExceptionRow, LinkRow, SyncRow, TimelineEvent

_MOST_EVENTS = 400
_MOST_LOGS = 200
_LINK = ("From", "", "To", "Evidence", "Told by", "Amount", "Proof")


def events_card(case: Case) -> Any:
    """Every event in the order that counts; the payload on demand."""
    rows = [_event(case, entry) for entry in case.detail.events[:_MOST_EVENTS]]
    heads = (f"Time ({case.zone})", "Event", "Document", "System", "Outcome", "By", "Payload")
    more = len(case.detail.events) - _MOST_EVENTS
    rest = [html.P(f"{more:,} more are in the API.", className="mute")] if more > 0 else []
    count = words.counted(len(case.detail.events), "event")
    return card(count, table(heads, rows, "Events of the case"), *rest, id="events")


def _event(case: Case, entry: TimelineEvent) -> list[Any]:
    event = entry.event
    when: list[Any] = [words.timestamp(event.event_time, case.zone)]
    if event.event_time_from != "time":
        when.append(badge(f"time of {event.event_time_from}"))
    name: list[Any] = [words.sentence(event.activity)]
    if entry.shared:
        name.append(badge("shared"))
    outcome: Any = str(event.outcome)
    if event.outcome == "failure":
        outcome = html.Span(f"✕ {event.error_type or 'failure'}", className="bad")
    actor = event.actor_id or ("" if event.actor_kind == "unknown" else event.actor_kind)
    return [
        html.Span(when, className="num"), html.Span(name, **attributes(data_row=event.id)),
        html.Span(words.titled(event.subject), className="mono"), words.system(event.source),
        outcome, str(actor), _payload(entry),
    ]  # fmt: skip


def _payload(entry: TimelineEvent) -> Any:
    event = entry.event
    named = {"source": event.source, "id": event.id}
    named |= {"trace_id": event.trace_id} if event.trace_id else {}
    named |= {"correlation_id": event.correlation_id} if event.correlation_id else {}
    head = "\n".join(f"{name}: {value}" for name, value in named.items())
    return html.Details([html.Summary("show"), f"{head}\n{_indented(event.data)}"])


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def links_card(case: Case) -> list[Any]:
    """Why the documents belong together, and the event that proves it; lines on demand."""
    if not case.detail.links:
        return []
    rows = [_link(one) for one in case.detail.links if one.kind != "part"]
    parts = [_link(one) for one in case.detail.links if one.kind == "part"]
    shown: list[Any] = [table(_LINK, rows, "Links between documents")] if rows else []
    if parts:
        count = words.counted(len(parts), "line and part", "lines and parts")
        listed = table(_LINK, parts, "Lines and parts of the documents")
        shown.append(html.Details([html.Summary(count), listed], className="rest"))
    return [card("Why these documents belong together", *shown)]


def _link(one: LinkRow) -> list[Any]:
    told: list[Any] = [f"{words.system(one.proof_source)} ", copyable(one.proof_id, "event id")]
    return [
        html.Span(words.titled(one.from_key), className="mono"),
        "→" if one.kind == "flow" else f"{one.kind} →",
        html.Span(words.titled(one.to_key), className="mono"), str(one.evidence), str(one.basis),
        html.Span("" if one.amount is None else f"{one.amount:,.2f}", className="num"),
        html.Span(told if one.proof_id else "–"),
    ]  # fmt: skip


def exceptions_card(case: Case) -> list[Any]:
    """Work that left automation."""
    if not case.detail.exceptions:
        return []
    rows = [_exception(case, one) for one in case.detail.exceptions]
    heads = ("Exception", "Class", "Owner", "Document", f"Raised ({case.zone})", "Resolved after")
    return [card("Exceptions", table(heads, rows, "Exceptions"))]


def _exception(case: Case, one: ExceptionRow) -> list[Any]:
    open_for = f"open for {words.between(one.raised_at, case.now)}"
    done = words.between(one.raised_at, one.resolved_at) if one.resolved_at else open_for
    return [
        copyable(one.id, "exception"), str(one.class_), str(one.owner or "nobody"),
        html.Span(words.titled(one.object), className="mono"),
        words.stamp(one.raised_at, case.zone),
        html.Span(done, className="num" if one.resolved_at else "num bad"),
    ]  # fmt: skip


def syncs_card(case: Case) -> list[Any]:
    """Which documents crossed between systems, and how often they had to try."""
    if not case.detail.syncs:
        return []
    rows = [_sync(case, one) for one in case.detail.syncs]
    heads = ("Document", "From → to", "Attempts", "Failed", "Last error", "Crossed after",
             f"Due ({case.zone})")  # fmt: skip
    return [card("Hand-overs between systems", table(heads, rows, "Hand-overs"))]


def _sync(case: Case, one: SyncRow) -> list[Any]:
    crossed: Any = html.Span(f"not yet, {words.between(one.obliged_at, case.now)} so far",
                             className="bad")  # fmt: skip
    if one.first_success_at:
        crossed = words.between(one.obliged_at, one.first_success_at)
    return [
        html.Span(words.titled(one.object), className="mono"),
        f"{one.from_system} → {one.to_system}", f"{one.attempts:,}", f"{one.failures:,}",
        str(one.last_error_type or "–"), crossed, words.stamp(one.due_at, case.zone),
    ]  # fmt: skip


def logs_card(case: Case) -> list[Any]:
    """The log records of the traces."""
    if not case.logs:
        return []
    rows = [
        [
            html.Span(words.timestamp(one.at, case.zone), className="num"),
            badge(one.severity or "unset", "failure" if one.severity in ("ERROR", "FATAL") else ""),
            str(one.service), html.Span(str(one.body), className="log"),
            copyable(one.trace_id[:8], "start of the trace id"),
        ]
        for one in case.logs[:_MOST_LOGS]
    ]  # fmt: skip
    heads = (f"Time ({case.zone})", "Severity", "Service", "Message", "Trace")
    more = len(case.logs) - _MOST_LOGS
    rest = [html.P(f"{more:,} more are not shown.", className="mute")] if more > 0 else []
    title = words.counted(len(case.logs), "log record")
    return [card(title, table(heads, rows, "Logs of its traces"), *rest)]
