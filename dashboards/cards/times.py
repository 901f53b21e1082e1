"""Where the time of a case went, and its stages with their deadlines."""

from itertools import pairwise
from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import card, table
from dashboards.spent import StageTime, by_stage, working_seconds
from process_model.lookup import StageRow

_SET_BY = {
    "event": "said by the event", "terms": "by the payment terms",
    "configuration": "by your configuration", "reference": "by the reference process",
}  # fmt: skip
_STATE = {"open": "open", "done": "done", "skipped": "skipped", "withdrawn": "withdrawn"}


def spent_card(case: Case) -> Any:
    """Waiting against working, for the whole case and by stage."""
    total = (case.until - case.detail.row.opened_at).total_seconds()
    found = by_stage(case.detail.stages, case.spans, case.until)
    longest = max((one.total for one in found), default=0.0)
    still = case.detail.row.status == "open"
    rows = [_stage(one, longest, still) for one in found]
    note = html.P(
        "Stages may run side by side, so they can add up to more.", className="mute small"
    )
    return card(
        "Where the time went", html.P(_sentence(case, total)),
        html.Ul(rows, className="spent"), *([note] if _overlapping(found) else []),
    )  # fmt: skip


def _sentence(case: Case, total: float) -> str:
    worked = working_seconds(case.spans)
    whole = (
        f"{words.duration(total)} {'so far' if case.detail.row.status == 'open' else 'end to end'}"
    )
    if worked is None:
        return f"{whole}. How much of it was work is unmeasured: no span has come."
    share = max(0.0, 1 - worked / total) if total else 0.0
    shown = ">99.9 %" if 0.999 < share < 1 else f"{share:.1%}".replace("%", " %")
    return f"{whole}: {shown} waiting, {words.duration(worked)} of measured work."


def _stage(one: StageTime, longest: float, still: bool) -> Any:
    share = one.total / longest if longest else 0.0
    text = words.duration(one.total) if one.total else "at once"
    if one.open:
        text += " so far" if still else ", never done"
    if one.working is not None and one.working > 0:
        text += f", {words.duration(one.working)} worked"
    return html.Li(
        [
            html.Span(words.sentence(one.stage)),
            html.Span(
                html.Span(style={"width": f"{max(share * 100, 0.5):.1f}%"},
                          className="open" if one.open else ""),
                className="meter",
            ),
            html.Span(text, className="num"),
        ]
    )  # fmt: skip


def _overlapping(found: list[StageTime]) -> bool:
    return any(a.end > b.start for a, b in pairwise(found))


def stages_card(case: Case) -> Any:
    """Every wait with its deadline, and who set that."""
    rows = [_row(case, one) for one in case.detail.stages]
    heads = ("Stage", "Document", "State", "Entered", "Took", f"Due ({case.zone})", "Deadline set")
    return card("Stages and deadlines", table(heads, rows, "Stages and deadlines"))


def _row(case: Case, one: StageRow) -> list[Any]:
    end = one.completed_at or case.until
    late = one.due_at is not None and end > one.due_at and one.state in ("open", "done")
    took = "" if one.state in ("skipped", "withdrawn") else words.between(one.entered_at, end)
    due: Any = words.stamp(one.due_at, case.zone) if one.due_at else "–"
    if late and one.due_at:
        lateness = f"▲ {words.between(one.due_at, end)} late"
        due = [html.Span(due), html.Span(f" {lateness}", className="bad")]
    still = one.state == "open" and case.detail.row.status == "open"
    so_far = " so far" if still else ""
    return [
        words.sentence(one.name), html.Span(words.titled(one.object), className="mono"),
        _STATE.get(one.state, str(one.state)), words.stamp(one.entered_at, case.zone),
        took + so_far,
        html.Span(due, className="num"),
        _SET_BY.get(one.due_from, str(one.due_from)) if one.due_at else "no deadline",
    ]  # fmt: skip
