"""The head of a case: number, how it stands in words, its documents as a chain, its siblings."""

from itertools import groupby
from typing import Any

from dash import html

from dashboards import words
from dashboards.cards import Case
from dashboards.components import attributes, badge, copyable, icon
from process_model.lookup import ObjectRow

CHAIN = (
    "opportunity", "quote", "contract", "order", "subscription", "delivery", "invoice", "payment",
    "credit_note",
)  # fmt: skip
"""The documents in the order in which they follow each other."""

_AWAITED = ("quote", "order", "invoice", "payment")
_BASIS = {
    "stated": "as stated", "lines": "by lines", "amounts": "by amounts", "equal": "equal parts",
}  # fmt: skip


def head(case: Case) -> list[Any]:
    """Everything above the timeline."""
    return [*_moved(case), _title(case), _chain(case), *_siblings(case)]


def standing(case: Case) -> tuple[str, bool]:
    """How the case stands, as a sentence, and whether that is late."""
    row = case.detail.row
    if row.status == "completed":
        end = row.closed_at or row.last_event_at
        took = words.between(row.opened_at, end)
        return f"Completed {words.stamp(end, case.zone)}, {took} after it was opened.", False
    if row.status == "withdrawn":
        return f"Withdrawn {words.stamp(row.closed_at or row.last_event_at, case.zone)}.", False
    if not row.stage or row.stage_since is None:
        return f"Open, last heard of {words.between(row.last_event_at, case.now)} ago.", False
    since = words.stamp(row.stage_since, case.zone)
    waits = f"Waits for {words.sentence(row.stage).lower()} since {since}"
    waits += f" ({words.between(row.stage_since, case.now)})"
    if row.stage_due is None:
        return f"{waits}; nothing says when it is due.", False
    if row.past_due:
        return f"{waits}, {words.between(row.stage_due, case.now)} late.", True
    return f"{waits}, due in {words.between(case.now, row.stage_due)}.", False


def _moved(case: Case) -> list[Any]:
    old = case.detail.redirected_from
    if not old:
        return []
    text: list[Any] = ["The case ", html.B(words.number(old) or old, className="mono"),
            " was taken over by this one: an earlier document turned out to lead it."]  # fmt: skip
    return [html.P([icon("git-merge"), html.Span(text)], className="moved", role="status")]


def _title(case: Case) -> Any:
    row = case.detail.row
    sentence, late = standing(case)
    facts = [
        words.number(row.customer), words.money(row.amount, row.currency), row.region,
        row.business_unit, row.legal_entity, row.product_family, row.sales_channel,
        f"tier {row.customer_tier}" if row.customer_tier else "",
    ]  # fmt: skip
    number = copyable(row.number, "number")
    marks = [badge(words.sentence(row.status), row.status)]
    if row.has_failure:
        marks.append(badge("✕ a step failed", "failure"))
    return html.Header(
        className="case-head",
        children=[
            html.Div([html.H1(["Case ", number]), *marks], className="title"),
            html.P(sentence, className="standing bad" if late else "standing"),
            html.P(" · ".join(str(fact) for fact in facts if fact), className="mute facts"),
        ],
    )  # fmt: skip


def _chain(case: Case) -> Any:
    own = [entry for entry in case.detail.objects if entry.type in CHAIN]
    own.sort(key=lambda entry: (CHAIN.index(entry.type), entry.key))
    steps = {kind: list(entries) for kind, entries in groupby(own, key=lambda entry: entry.type)}
    if case.detail.row.status == "open":
        for kind in _AWAITED:
            steps.setdefault(kind, [])
    items = [_step(kind, steps[kind]) for kind in CHAIN if kind in steps]
    return html.Ol(items, className="chain", **attributes(aria_label="Documents of the case"))


def _step(kind: str, entries: list[ObjectRow]) -> Any:
    if not entries:
        return html.Li(
            [html.Small(words.sentence(kind)), html.Span("not yet", className="mute")],
            className="missing",
        )
    shown: list[Any] = [html.Div([copyable(one.number, kind), *_share(one)]) for one in entries[:6]]
    if len(entries) > 6:
        shown.append(html.Small(f"and {len(entries) - 6} more, see the links below"))
    return html.Li([html.Small(words.sentence(kind)), *shown])


def _share(entry: ObjectRow) -> list[Any]:
    if entry.share >= 1:
        return []
    money = words.money(entry.amount, entry.currency)
    said = f"{entry.share:.0%} of it{f' = {money}' if money else ''}"
    basis = _BASIS.get(entry.basis, entry.basis)
    return [html.Span(f"{said}, {basis}", className="share")]


def _siblings(case: Case) -> list[Any]:
    others = case.detail.siblings
    if not others:
        return []
    links = [
        html.A(words.number(one), href=case.view.to(f"/case/{one}"), className="mono")
        for one in others[:12]
    ]
    more = f" and {len(others) - 12} more" if len(others) > 12 else ""
    text = "Shares a document with case " if len(others) == 1 else "Shares documents with cases "
    joined: list[Any] = [part for link in links for part in (", ", link)][1:]
    return [
        html.P([icon("arrows-exchange"), html.Span([text, *joined, more])], className="siblings")
    ]
